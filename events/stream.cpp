#include "events/stream.hpp"

#include <algorithm>
#include <array>

namespace teamflow::events {

namespace {

struct prefix {
    std::string_view text;
    stream_kind kind;
};

// `template-usage-` stands before `template-`: the first match counts.
constexpr std::array<prefix, 11> prefixes{{
    {"task-", stream_kind::task},
    {"timelog-", stream_kind::timelog},
    {"template-usage-", stream_kind::template_usage},
    {"template-", stream_kind::template_},
    {"project-", stream_kind::project},
    {"member-", stream_kind::member},
    {"organization-", stream_kind::organization},
    {"invitation-", stream_kind::invitation},
    {"user-", stream_kind::user},
    {"email-", stream_kind::email},
    {"read-model-", stream_kind::read_model},
}};

constexpr std::string_view prefix_of(stream_kind kind) {
    return std::ranges::find(prefixes, kind, &prefix::kind)->text;
}

constexpr std::size_t uuid_length = 36;

template <stream_kind Kind>
std::string named(const uuid& id) {
    constexpr std::string_view text = prefix_of(Kind);
    std::string name;
    name.reserve(text.size() + uuid_length);
    name += text;
    append_to(name, id);
    return name;
}

}  // namespace

std::string stream_of(organization_id id) {
    return named<stream_kind::organization>(id.value);
}

std::string stream_of(invitation_id id) {
    return named<stream_kind::invitation>(id.value);
}

std::string stream_of(project_id id) {
    return named<stream_kind::project>(id.value);
}

std::string stream_of(task_id id) {
    return named<stream_kind::task>(id.value);
}

std::string stream_of(time_log_id id) {
    return named<stream_kind::timelog>(id.value);
}

std::string stream_of(template_id id) {
    return named<stream_kind::template_>(id.value);
}

std::string stream_of(user_id id) {
    return named<stream_kind::user>(id.value);
}

std::string member_stream(user_id id) {
    return named<stream_kind::member>(id.value);
}

std::string template_usage_stream(template_id id) {
    return named<stream_kind::template_usage>(id.value);
}

std::string email_stream(std::string_view email_hmac) {
    return std::string(prefix_of(stream_kind::email)).append(email_hmac);
}

std::string read_model_stream(std::string_view name) {
    return std::string(prefix_of(stream_kind::read_model)).append(name);
}

std::optional<stream_kind> kind_of(std::string_view stream) {
    for (const auto& [text, kind] : prefixes) {
        if (stream.starts_with(text)) {
            return kind;
        }
    }
    return std::nullopt;
}

std::optional<uuid> id_of(std::string_view stream) {
    const auto kind = kind_of(stream);
    const bool is_named_otherwise =
        !kind || *kind == stream_kind::email || *kind == stream_kind::read_model;
    if (is_named_otherwise || stream.size() < uuid_length) {
        return std::nullopt;
    }
    return parse_uuid(stream.substr(stream.size() - uuid_length));
}

}  // namespace teamflow::events
