#include "gateway/feeds/feed_filter.hpp"

#include <algorithm>

#include "events/ids.hpp"
#include "events/time_log.hpp"
#include "query/event_text.hpp"

namespace teamflow::gateway {

namespace {

constexpr std::string_view project_topic = "tasks:";

/// What json::write makes of a project's id in an event's data. Inside of a string the quotes would
/// be escaped, so this stands for the member alone.
std::string project_member(const events::uuid& project) {
    return R"("project_id":")" + events::to_string(project) + '"';
}

/// About a running timer: also a correction of one, such as a start that was moved, and the one
/// that ends it.
bool is_of_timer(const events::record& event) {
    const std::string_view type = event.head.type;
    return type.starts_with("time.timer_") ||
           (type == events::log_edited::type && (event.data.contains(R"("end_time":null)") ||
                                                 event.data.contains(R"("previous_end_time":null)"))
           );
}

bool is_for_admins(std::string_view type) {
    return type.starts_with(query::invitation_types);
}

}  // namespace

std::expected<feed_filter, events::json::problems> feed_filter::parse(
    std::string_view topics, events::role reader
) {
    feed_filter made;
    made.reader_ = reader;
    made.everything_ = topics.empty();
    while (!topics.empty()) {
        const auto comma = topics.find(',');
        const auto topic = topics.substr(0, comma);
        topics = comma == std::string_view::npos ? std::string_view() : topics.substr(comma + 1);
        const auto project = topic.starts_with(project_topic)
                                 ? events::parse_uuid(topic.substr(project_topic.size()))
                                 : std::nullopt;
        if (project) {
            made.projects_.push_back(project_member(*project));
        } else if (topic == "timers") {
            made.timers_ = true;
        } else if (topic != "notifications") {
            return std::unexpected(events::json::problems{
                {"topics", "not_allowed", "knows timers, notifications and tasks:<project id>"}
            });
        }
    }
    return made;
}

bool feed_filter::wants(const events::record& event) const {
    const std::string_view type = event.head.type;
    if (everything_) {
        return reader_ >= events::role::admin || !is_for_admins(type);
    }
    if (is_of_timer(event)) {
        return timers_;
    }
    return type.starts_with("task.") && std::ranges::any_of(projects_, [&](const auto& project) {
               return event.data.find(project) != std::string::npos;
           });
}

}  // namespace teamflow::gateway
