#include <algorithm>
#include <charconv>
#include <limits>

#include <boost/json/parse.hpp>

#include "commands/states.hpp"
#include "events/json/differences.hpp"
#include "events/near_names.hpp"
#include "gateway/routes/families.hpp"
#include "gateway/routes/history_scope.hpp"
#include "infra/log/archive.hpp"
#include "query/cause_tree.hpp"
#include "query/history.hpp"

namespace teamflow::gateway {

namespace {

constexpr std::int32_t page_size = 500;
constexpr std::int32_t events_max = 1000;

struct stream_parameters {
    /// The newest one unless given.
    std::optional<events::json::within<std::int64_t, 1, std::numeric_limits<std::int64_t>::max()>>
        version;
    /// Events later than this do not count.
    std::optional<events::timestamp> at;
    /// Operators alone may name another than their own.
    std::optional<events::organization_id> organization_id;
};
BOOST_DESCRIBE_STRUCT(stream_parameters, (), (version, at, organization_id))

struct diff_parameters {
    /// A version or a time, from which on; 0 is before the first event.
    std::string from;
    /// Up to which; the newest one unless given.
    std::optional<std::string> to;
    /// Operators alone may name another than their own.
    std::optional<events::organization_id> organization_id;
};
BOOST_DESCRIBE_STRUCT(diff_parameters, (), (from, to, organization_id))

struct stream_view {
    std::string stream;
    std::int64_t version = 0;
    /// Of the event that made this version.
    events::timestamp time;
    events::json::raw state;
};
BOOST_DESCRIBE_STRUCT(stream_view, (), (stream, version, time, state))

struct stream_moment {
    std::int64_t version = 0;
    /// Of the event that made this version; null before the first one.
    std::optional<events::timestamp> time;
    events::json::raw state;
};
BOOST_DESCRIBE_STRUCT(stream_moment, (), (version, time, state))

struct stream_diff {
    std::string stream;
    stream_moment from;
    stream_moment to;
    std::vector<events::json::difference> changes;
    /// What led from the one to the other: the first 1000 events.
    std::vector<query::event_view> events;
};
BOOST_DESCRIBE_STRUCT(stream_diff, (), (stream, from, to, changes, events))

struct causes_view {
    events::uuid correlation_id{};
    std::vector<query::event_view> events;
    /// The same events, each followed by what it led to.
    std::vector<query::cause> tree;
};
BOOST_DESCRIBE_STRUCT(causes_view, (), (correlation_id, events, tree))

std::string state_text(const commands::stream_state& state) {
    return std::visit(
        []<class State>(const State& known) -> std::string {
            if constexpr (std::is_same_v<State, std::monostate>) {
                return "{}";
            } else {
                return events::json::to_json(known);
            }
        },
        state
    );
}

/// Takes the next event of a stream; what this program does not know changes no state.
void take(commands::folded_stream& folded, const events::record& record) {
    const auto& head = record.head;
    if (const auto event = events::decode(head.type, head.schema_version, record.data)) {
        commands::apply(folded, head.stream, *event, head.time, commands::actor_of(head));
    }
    folded.version = head.stream_version;
    folded.updated_at = head.time;
}

/// What of a stream counts: nothing beyond the version, and nothing later than the time.
struct stream_limit {
    std::optional<std::int64_t> version;
    std::optional<events::timestamp> at;

    [[nodiscard]] bool excludes(const events::envelope& head) const {
        return (version && head.stream_version > *version) || (at && head.time > *at);
    }
};

/// Digits are a version, all else must be a time; nullopt when it is neither.
std::optional<stream_limit> read_limit(std::string_view text) {
    std::int64_t version = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, version);
    if (error == std::errc{} && stop == end && version >= 0) {
        return stream_limit{.version = version, .at = {}};
    }
    const auto at = events::parse_timestamp(text);
    return at ? std::optional(stream_limit{.version = {}, .at = at}) : std::nullopt;
}

/// Where a stream lies.
struct stream_place {
    events::organization_id organization;
    std::string stream;
};

/// The version is 0 when the stream had no event up to the limit.
task<commands::folded_stream> fold_up_to(services& with, stream_place place, stream_limit limit) {
    infra::archive history(with.database);
    commands::folded_stream folded;
    while (true) {
        const auto page =
            co_await history.stream(place.organization, place.stream, folded.version, page_size);
        for (const auto& record : page) {
            if (limit.excludes(record->head)) {
                co_return folded;
            }
            take(folded, *record);
        }
        if (std::cmp_less(page.size(), page_size)) {
            co_return folded;
        }
    }
}

/// The stream that the request names, once the archive has come to the log's end.
struct settled_stream {
    stream_place place;
    std::vector<events::position> at;
};

task<std::expected<settled_stream, problem>> find_stream(
    call& under_way, std::optional<events::organization_id> asked
) {
    const auto scope = scope_of(under_way.who, asked);
    if (!scope) {
        co_return std::unexpected(scope.error());
    }
    if (!*scope) {
        co_return std::unexpected(bad_parameters(
            {{"organization_id", "required", "must name the organization of the stream"}}
        ));
    }
    auto partitions = partitions_of(*scope, under_way.with.log.partitions());
    auto settled = co_await settled_ends(under_way, std::move(partitions));
    if (!settled) {
        co_return std::unexpected(settled.error());
    }
    co_return settled_stream{
        .place = {**scope, std::string(under_way.http.path_value("stream"))},
        .at = *std::move(settled)
    };
}

/// `404 not_found`; a name of no kind is told near ones.
problem no_such_stream(const std::string& name) {
    auto missing = not_found("stream", name);
    missing.detail += events::did_you_mean_stream(name);
    missing.message = missing.detail;
    return missing;
}

task<query_result<stream_view>> show_stream(call& under_way, stream_parameters asked) {
    auto where = co_await find_stream(under_way, asked.organization_id);
    if (!where) {
        co_return std::unexpected(where.error());
    }
    const auto& name = where->place.stream;
    stream_limit limit;
    limit.at = asked.at;
    if (asked.version) {
        limit.version = asked.version->value;
    }
    const auto folded = co_await fold_up_to(under_way.with, where->place, limit);
    if (folded.version == 0 || (limit.version && folded.version < *limit.version && !asked.at)) {
        co_return std::unexpected(no_such_stream(name));
    }
    stream_view view{
        .stream = name,
        .version = folded.version,
        .time = folded.updated_at,
        .state = {state_text(folded.state)}
    };
    const auto version = view.version;
    co_return found<stream_view>{std::move(view), version, std::move(where->at)};
}

/// Both ends of a difference, or what is wrong with them.
std::expected<std::pair<stream_limit, stream_limit>, problem> read_limits(
    const diff_parameters& asked
) {
    const auto from = read_limit(asked.from);
    const auto to = asked.to ? read_limit(*asked.to) : stream_limit{};
    events::json::problems faults;
    for (const auto& [name, limit] : {std::pair("from", &from), {"to", &to}}) {
        if (!*limit) {
            faults.push_back({name, "bad_format", "must be a version or an RFC 3339 time"});
        }
    }
    if (!faults.empty()) {
        return std::unexpected(bad_parameters(std::move(faults)));
    }
    return std::pair(*from, *to);
}

stream_moment moment_of(const commands::folded_stream& folded) {
    const bool is_there = folded.version > 0;
    return {
        .version = folded.version,
        .time = is_there ? std::optional(folded.updated_at) : std::nullopt,
        .state = {is_there ? state_text(folded.state) : "{}"}
    };
}

/// The events between two versions, at most `events_max`.
task<std::vector<query::event_view>> events_between(
    services& with, stream_place place, std::int64_t from, std::int64_t to
) {
    infra::archive history(with.database);
    const auto wanted = static_cast<std::int32_t>(std::min<std::int64_t>(to - from, events_max));
    const auto page = co_await history.stream(place.organization, place.stream, from, wanted);
    std::vector<query::event_view> between;
    between.reserve(page.size());
    for (const auto& record : page) {
        between.push_back(query::view_of(*record));
    }
    co_return between;
}

task<query_result<stream_diff>> show_diff(call& under_way, diff_parameters asked) {
    const auto limits = read_limits(asked);
    if (!limits) {
        co_return std::unexpected(limits.error());
    }
    auto where = co_await find_stream(under_way, asked.organization_id);
    if (!where) {
        co_return std::unexpected(where.error());
    }
    auto& with = under_way.with;
    const auto& [from, to] = *limits;
    const auto last = co_await fold_up_to(with, where->place, to);
    const auto first = co_await fold_up_to(with, where->place, from);
    const auto is_beyond = [](const stream_limit& limit, const commands::folded_stream& folded) {
        return limit.version && folded.version < *limit.version;
    };
    if (last.version == 0 || is_beyond(from, first) || is_beyond(to, last)) {
        co_return std::unexpected(no_such_stream(where->place.stream));
    }
    if (first.version > last.version) {
        co_return std::unexpected(bad_parameters({{"to", "not_allowed", "must not come before from"}
        }));
    }
    stream_diff diff;
    diff.stream = where->place.stream;
    diff.from = moment_of(first);
    diff.to = moment_of(last);
    diff.changes = events::json::differences(
        boost::json::parse(diff.from.state.value), boost::json::parse(diff.to.state.value)
    );
    diff.events = co_await events_between(with, where->place, first.version, last.version);
    co_return found<stream_diff>{std::move(diff), std::nullopt, std::move(where->at)};
}

task<query_result<causes_view>> show_causes(call& under_way, no_body) {
    const auto id = under_way.id<events::event_id>("id");
    const auto scope = own_scope(under_way.who);
    auto settled = co_await settled_history(under_way);
    if (!settled) {
        co_return std::unexpected(settled.error());
    }
    auto all = co_await query::causes_of(under_way.with.database, scope, id);
    if (all.empty()) {
        co_return std::unexpected(not_found("event", to_string(id)));
    }
    causes_view view{
        .correlation_id = all.front().correlation_id, .events = {}, .tree = query::cause_tree(all)
    };
    view.events = std::move(all);
    co_return found<causes_view>{std::move(view), std::nullopt, *std::move(settled)};
}

}  // namespace

routes stream_routes() {
    auto stream = query<stream_parameters, stream_view>(
        "/streams/{stream}",
        access::analyst,
        "The state of a stream, now or as of a version or a time",
        {.errors = {"read_model_behind"}, .has_version = true, .tells_position = true},
        show_stream
    );
    auto diff = query<diff_parameters, stream_diff>(
        "/streams/{stream}/diff",
        access::analyst,
        "What changed in a stream between two versions or times, and by which events",
        {.errors = {"read_model_behind"}, .tells_position = true},
        show_diff
    );
    auto causes = query<no_body, causes_view>(
        "/events/{id}/causes",
        access::analyst,
        "All events that came of the same request, and what led to what",
        {.errors = {"read_model_behind"}, .tells_position = true},
        show_causes
    );
    return {std::move(stream), std::move(diff), std::move(causes)};
}

}  // namespace teamflow::gateway
