#include "gateway/feeds/feed_start.hpp"
#include "gateway/feeds/websocket_feed.hpp"
#include "gateway/routes/families.hpp"

namespace teamflow::gateway {

namespace {

struct feed_parameters {
    std::optional<std::string> topics;
    std::optional<std::string> after;
    /// Read by authenticate().
    std::optional<std::string> ticket;
};
BOOST_DESCRIBE_STRUCT(feed_parameters, (), (topics, after, ticket))

task<response> accept_feed(call& under_way) {
    const auto& request_id = under_way.http.request_id;
    auto parameters = read_parameters<feed_parameters>(under_way.http);
    if (!parameters) {
        co_return to_response(std::move(parameters.error()), request_id);
    }
    const auto& who = under_way.who;
    auto filter = feed_filter::parse(parameters->topics.value_or(""), who.role);
    if (!filter) {
        co_return to_response(bad_parameters(std::move(filter.error())), request_id);
    }
    const auto start = co_await feed_start(under_way, who.organization, parameters->after);
    if (!start) {
        co_return to_response(start.error(), request_id);
    }
    websocket_feed feed{
        .organization = who.organization, .filter = std::move(*filter), .after = *start, .who = who
    };
    websocket_acceptance accepted;
    accepted.run = [&with = under_way.with,
                    feed = std::move(feed)](std::shared_ptr<websocket> socket) {
        return run_websocket_feed(with, feed, std::move(socket));
    };
    response answer;
    answer.status = 101;
    answer.body = std::move(accepted);
    co_return answer;
}

}  // namespace

routes feed_routes() {
    route live;
    live.verb = method::get;
    live.path = "/ws/events";
    live.who = access::viewer;
    live.summary = "The live feed of the organization";
    live.success = 101;
    live.is_websocket = true;
    live.takes_ticket = true;
    live.is_root = true;
    live.errors = {"bad_position"};
    live.parameters = [](events::json::schema_writer& out) {
        return out.request<feed_parameters>();
    };
    live.check = [](const request& http) {
        return problem_of(read_parameters<feed_parameters>(http));
    };
    live.handle = accept_feed;
    return {std::move(live)};
}

}  // namespace teamflow::gateway
