#include "gateway/feeds/feed_message.hpp"

#include <boost/describe/class.hpp>

#include "events/json/write.hpp"
#include "events/upcast.hpp"

namespace teamflow::gateway {

namespace {

struct event_message {
    std::string_view type;
    std::string position;
    events::timestamp time;
    events::json::raw data;
};
BOOST_DESCRIBE_STRUCT(event_message, (), (type, position, time, data))

struct notice_message {
    std::string_view type;
    std::string position;
};
BOOST_DESCRIBE_STRUCT(notice_message, (), (type, position))

}  // namespace

std::string feed_message(const events::record& event) {
    auto newer = events::brought_forward(event.head.type, event.head.schema_version, event.data);
    return events::json::to_json(event_message{
        .type = event.head.type,
        .position = to_string(events::position{event.partition, event.at}),
        .time = event.head.time,
        .data = {newer ? *std::move(newer) : event.data}
    });
}

std::string feed_notice(std::string_view type, events::position at) {
    return events::json::to_json(notice_message{.type = type, .position = to_string(at)});
}

}  // namespace teamflow::gateway
