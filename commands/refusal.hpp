#pragma once
// Why a command was refused: an expected outcome, carried as a value.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "events/json/problem.hpp"

namespace teamflow::commands {

/// One code for each rule; the gateway maps it to a status (api.md, Conventions).
enum class refusal_code {
    validation_failed,
    not_found,
    forbidden,
    version_conflict,
    idempotency_key_reused,
    email_taken,
    last_owner,
    already_member,
    invitation_expired,
    invitation_used,
    project_key_taken,
    project_not_empty,
    timer_already_running,
    no_active_timer,
    task_closed,
    timer_running,
    no_assignable_member,
    template_inactive,
    /// What it changes at once is more than a record of the log takes.
    command_too_large,
};
BOOST_DESCRIBE_ENUM(
    refusal_code,
    validation_failed,
    not_found,
    forbidden,
    version_conflict,
    idempotency_key_reused,
    email_taken,
    last_owner,
    already_member,
    invitation_expired,
    invitation_used,
    project_key_taken,
    project_not_empty,
    timer_already_running,
    no_active_timer,
    task_closed,
    timer_running,
    no_assignable_member,
    template_inactive,
    command_too_large
)

struct refusal {
    refusal_code code = refusal_code::validation_failed;
    std::string message;
    /// Kind (`task`) and id of what the refusal is about; empty when it is about the request.
    std::string resource;
    std::string resource_id;
    events::json::problems errors;
    /// Of version_conflict: the version that the resource has.
    std::optional<std::int64_t> current_version = std::nullopt;

    friend bool operator==(const refusal&, const refusal&) = default;
};
BOOST_DESCRIBE_STRUCT(refusal, (), (code, message, resource, resource_id, errors, current_version))

/// A refusal by a rule about one resource.
inline refusal refuse(
    refusal_code code, std::string message, std::string resource = {}, std::string id = {}
) {
    return {code, std::move(message), std::move(resource), std::move(id), {}};
}

/// The resource is not there, was deleted, or belongs to another organization.
template <class Id>
refusal not_found(std::string resource, const Id& id) {
    std::string message = "there is no such " + resource;
    return {refusal_code::not_found, std::move(message), std::move(resource), to_string(id), {}};
}

/// One bad field that only the state could tell.
inline refusal invalid(std::string field, std::string code, std::string message) {
    return {
        refusal_code::validation_failed,
        "the request has a bad field",
        {},
        {},
        {{std::move(field), std::move(code), std::move(message)}}
    };
}

/// Several bad fields that only the state could tell; `errors` is not empty.
inline refusal invalid(events::json::problems errors) {
    return {
        refusal_code::validation_failed, "the request has bad fields", {}, {}, std::move(errors)
    };
}

}  // namespace teamflow::commands
