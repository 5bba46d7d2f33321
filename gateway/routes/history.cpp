#include "query/history.hpp"

#include <algorithm>
#include <array>

#include "events/near_names.hpp"
#include "events/registry.hpp"
#include "gateway/feeds/event_stream.hpp"
#include "gateway/feeds/feed_start.hpp"
#include "gateway/feeds/instance_stream.hpp"
#include "gateway/routes/families.hpp"
#include "gateway/routes/history_scope.hpp"
#include "gateway/routes/log_statistics.hpp"

namespace teamflow::gateway {

namespace asio = infra::asio;

namespace {

constexpr std::int32_t page_max = 1000;

/// In the order of preference where the client has none.
constexpr std::array<std::string_view, 4> offered{
    media::json, media::ndjson, "text/csv", media::event_stream
};

struct event_parameters {
    std::optional<events::json::list<std::string, 50>> type;
    std::optional<std::string> stream;
    std::optional<events::timestamp> from;
    std::optional<events::timestamp> to;
    std::optional<std::string> actor;
    std::optional<events::uuid> correlation_id;
    std::optional<std::string> after;
    std::optional<std::string> until;
    /// Operators alone may name another than their own.
    std::optional<events::organization_id> organization_id;
    events::json::within_or<std::int32_t, 1, page_max, 50> limit;
    /// Read by authenticate().
    std::optional<std::string> ticket;
};
BOOST_DESCRIBE_STRUCT(
    event_parameters,
    (),
    (type, stream, from, to, actor, correlation_id, after, until, organization_id, limit, ticket)
)

struct event_page {
    std::vector<query::event_view> events;
    /// Send it as `after` to read on.
    std::string next_after;
};
BOOST_DESCRIBE_STRUCT(event_page, (), (events, next_after))

struct event_type_view {
    std::string type;
    std::int16_t schema_version = 1;
    std::string summary;
};
BOOST_DESCRIBE_STRUCT(event_type_view, (), (type, schema_version, summary))

struct event_type_list {
    std::vector<event_type_view> event_types;
};
BOOST_DESCRIBE_STRUCT(event_type_list, (), (event_types))

response refuse(problem what, const call& under_way) {
    return to_response(std::move(what), under_way.http.request_id);
}

/// Reads the parameters and checks what no single one of them shows.
std::expected<event_parameters, problem> read_asked(const request& http) {
    auto asked = read_parameters<event_parameters>(http);
    if (!asked) {
        return asked;
    }
    events::json::problems faults;
    for (const auto& type : asked->type ? asked->type->values : std::vector<std::string>()) {
        if (events::find_event_type(type) == nullptr) {
            faults.push_back(
                {"type",
                 "not_allowed",
                 "there is no type '" + type + "'" + events::did_you_mean_type(type)}
            );
        }
    }
    if (asked->stream && !events::is_stream_name(*asked->stream)) {
        faults.push_back(
            {"stream",
             "not_allowed",
             "'" + *asked->stream + "' is no stream: it is a kind and an id, such as task-0193..." +
                 events::did_you_mean_stream(*asked->stream)}
        );
    }
    if (asked->from && asked->to && *asked->from >= *asked->to) {
        faults.push_back({"to", "not_allowed", "must be later than from"});
    }
    if (!faults.empty()) {
        return std::unexpected(bad_parameters(std::move(faults)));
    }
    return asked;
}

query::history_filter filter_of(
    event_parameters& asked, std::optional<events::organization_id> scope
) {
    return {
        .organization = scope,
        .types = asked.type ? std::move(asked.type->values) : std::vector<std::string>(),
        .stream = std::move(asked.stream),
        .from = asked.from,
        .to = asked.to,
        .actor = std::move(asked.actor),
        .correlation_id = asked.correlation_id
    };
}

/// The ranges that `after` and `until` leave of the partitions up to their ends.
task<std::expected<std::vector<query::history_range>, problem>> ranges_of(
    call& under_way, const event_parameters& asked, std::optional<events::organization_id> scope
) {
    std::vector<events::position> after;
    std::vector<events::position> until;
    for (const auto& [text, into] : {std::pair(&asked.after, &after), {&asked.until, &until}}) {
        if (*text && !(*text)->empty()) {
            auto positions = read_positions(**text, under_way);
            if (!positions) {
                co_return std::unexpected(std::move(positions.error()));
            }
            *into = std::move(*positions);
        }
    }
    auto partitions = partitions_of(scope, under_way.with.log.partitions());
    auto ends = co_await settled_ends(under_way, std::move(partitions));
    if (!ends) {
        co_return std::unexpected(std::move(ends.error()));
    }
    std::vector<query::history_range> ranges;
    ranges.reserve(ends->size());
    for (const auto& [partition, end] : *ends) {
        const auto last = until.empty() ? end : std::min(end, offset_in(until, partition));
        ranges.push_back({partition, offset_in(after, partition), last});
    }
    co_return ranges;
}

/// Up to where these ranges are read when all of them is read.
std::string last_of(const std::vector<query::history_range>& ranges) {
    std::vector<events::position> ends;
    ends.reserve(ranges.size());
    for (const auto& range : ranges) {
        ends.push_back({range.partition, range.until});
    }
    return join_positions(std::move(ends));
}

task<response> answer_page(call& under_way, query::history events, std::int32_t limit) {
    event_page page;
    page.events = co_await events.next(limit);
    page.next_after = events.position();
    std::string text = events::json::to_json(page);
    text = co_await open_personal(under_way.with, std::move(text));
    auto answer = json_response(200, std::move(text));
    if (!page.next_after.empty()) {
        answer.add_header("Event-Position", page.next_after);
    }
    co_return answer;
}

response streamed(std::string_view type, body_producer produce) {
    response answer;
    answer.content_type = type;
    answer.body = std::move(produce);
    answer.add_header("Cache-Control", "no-store");
    return answer;
}

/// Where the client wants to go on: Last-Event-ID wins over `after`.
std::optional<std::string_view> wanted_place(
    const call& under_way, const std::optional<std::string>& after
) {
    const auto last_seen = under_way.http.header("Last-Event-ID");
    return last_seen || !after ? last_seen : std::optional<std::string_view>(*after);
}

/// All organizations, for an operator.
task<response> answer_instance(
    call& under_way, query::history_filter filter, std::optional<std::string> after
) {
    const auto place = wanted_place(under_way, after);
    auto partitions = partitions_of({}, under_way.with.log.partitions());
    instance_stream feed{.filter = std::move(filter), .after = {}, .who = under_way.who};
    if (!place || place->empty()) {
        feed.after = co_await log_ends(under_way.with.log, std::move(partitions));
    } else {
        const auto wanted = read_positions(*place, under_way);
        if (!wanted) {
            co_return refuse(wanted.error(), under_way);
        }
        for (const auto partition : partitions) {
            feed.after.push_back({partition, offset_in(*wanted, partition)});
        }
    }
    co_return streamed(
        media::event_stream,
        [&with = under_way.with, feed = std::move(feed)](body_writer& writer) {
            return write_instance_stream(with, feed, writer);
        }
    );
}

task<response> answer_live(
    call& under_way, query::history_filter filter, std::optional<std::string> after
) {
    if (!filter.organization) {
        co_return co_await answer_instance(under_way, std::move(filter), std::move(after));
    }
    const auto place = wanted_place(under_way, after);
    const auto start = co_await feed_start(under_way, *filter.organization, place);
    if (!start) {
        co_return refuse(start.error(), under_way);
    }
    event_stream feed{
        .organization = *filter.organization,
        .filter = std::move(filter),
        .after = *start,
        .who = under_way.who
    };
    co_return streamed(
        media::event_stream,
        [&with = under_way.with, feed = std::move(feed)](body_writer& writer) {
            return write_event_stream(with, feed, writer);
        }
    );
}

task<response> answer_events(call& under_way) {
    auto asked = read_asked(under_way.http);
    if (!asked) {
        co_return refuse(std::move(asked.error()), under_way);
    }
    const auto scope = scope_of(under_way.who, asked->organization_id);
    if (!scope) {
        co_return refuse(scope.error(), under_way);
    }
    auto filter = filter_of(*asked, *scope);
    if (under_way.media == media::event_stream) {
        if (asked->until) {
            co_return refuse(
                bad_parameters({{"until", "not_allowed", "a live tail has no end"}}), under_way
            );
        }
        co_return co_await answer_live(under_way, std::move(filter), std::move(asked->after));
    }
    auto ranges = co_await ranges_of(under_way, *asked, *scope);
    if (!ranges) {
        co_return refuse(std::move(ranges.error()), under_way);
    }
    auto& with = under_way.with;
    const std::string position = last_of(*ranges);
    query::history events(with.database, std::move(filter), std::move(*ranges));
    if (under_way.media == media::json) {
        co_return co_await answer_page(under_way, std::move(events), asked->limit.value.value);
    }
    const bool is_ndjson = under_way.media == media::ndjson;
    auto answer = streamed(
        is_ndjson ? media::ndjson : media::csv,
        [&with, is_ndjson, events = std::move(events)](body_writer& writer) {
            return is_ndjson ? write_ndjson(with, events, writer) : write_csv(with, events, writer);
        }
    );
    if (!position.empty()) {
        answer.add_header("Event-Position", position);
    }
    co_return answer;
}

task<query_result<query::event_view>> show_event(call& under_way, no_body) {
    const auto id = under_way.id<events::event_id>("id");
    const auto scope = own_scope(under_way.who);
    auto settled = co_await settled_history(under_way);
    if (!settled) {
        co_return std::unexpected(settled.error());
    }
    auto event = co_await query::find_event(under_way.with.database, scope, id);
    if (!event) {
        co_return std::unexpected(not_found("event", to_string(id)));
    }
    co_return found<query::event_view>{*std::move(event), std::nullopt, *std::move(settled)};
}

task<query_result<event_type_list>> list_event_types(call&, no_body) {
    event_type_list list;
    for (const auto& known : events::event_types()) {
        list.event_types.push_back(
            {std::string(known.type), known.schema_version, std::string(known.summary)}
        );
    }
    co_return just(std::move(list));
}

route events_route() {
    route made;
    made.verb = method::get;
    made.path = "/events";
    made.who = access::analyst;
    made.summary = "Read the history of events, or follow its end";
    made.errors = {"bad_position", "read_model_behind"};
    made.takes_ticket = true;
    made.media.assign(offered.begin(), offered.end());
    made.has_position = true;
    made.answer = [](events::json::schema_writer& out) { return out.answer<event_page>(); };
    made.parameters = [](events::json::schema_writer& out) {
        return out.request<event_parameters>();
    };
    made.check = [](const request& http) { return problem_of(read_asked(http)); };
    made.handle = answer_events;
    return made;
}

}  // namespace

routes history_routes() {
    return {
        events_route(),
        log_statistics_route(),
        query<no_body, query::event_view>(
            "/events/{id}",
            access::analyst,
            "Find an event",
            {.errors = {"read_model_behind"}, .tells_position = true},
            show_event
        ),
        query<no_body, event_type_list>(
            "/event-types", access::signed_in, "List all types of events", {}, list_event_types
        ),
    };
}

}  // namespace teamflow::gateway
