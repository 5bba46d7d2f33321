#pragma once
// Names of streams: which stream a resource's events lie in, and what kind of resource a name
// means.

#include <optional>
#include <string>
#include <string_view>

#include <boost/describe/enum.hpp>

#include "events/ids.hpp"

namespace teamflow::events {

/// One kind for each sort of stream; `user`, `email` and `read_model` exist in the nil organization
/// only.
enum class stream_kind {
    organization,
    member,
    invitation,
    project,
    task,
    timelog,
    template_,
    template_usage,
    user,
    email,
    read_model,
};
BOOST_DESCRIBE_ENUM(
    stream_kind,
    organization,
    member,
    invitation,
    project,
    task,
    timelog,
    template_,
    template_usage,
    user,
    email,
    read_model
)

std::string stream_of(organization_id id);
std::string stream_of(invitation_id id);
std::string stream_of(project_id id);
std::string stream_of(task_id id);
std::string stream_of(time_log_id id);
std::string stream_of(template_id id);

/// The account of a user, in the nil organization.
std::string stream_of(user_id id);

/// The membership of a user in an organization.
std::string member_stream(user_id id);

/// How often a template was applied: apart from the template, so that an application does not make
/// an editor's If-Match stale.
std::string template_usage_stream(template_id id);

/// The reservation of an address, named by its keyed hash, in the nil organization.
std::string email_stream(std::string_view email_hmac);

/// What admins did to a read model, in the nil organization.
std::string read_model_stream(std::string_view name);

/// The kind of a stream by its name; nullopt when it is none of ours.
std::optional<stream_kind> kind_of(std::string_view stream);

/// The id at the end of a stream's name; nullopt for addresses, read models and foreign names.
std::optional<uuid> id_of(std::string_view stream);

}  // namespace teamflow::events
