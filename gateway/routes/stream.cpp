#include <limits>

#include "commands/states.hpp"
#include "events/near_names.hpp"
#include "gateway/routes/families.hpp"
#include "gateway/routes/history_scope.hpp"
#include "infra/log/archive.hpp"
#include "query/history.hpp"

namespace teamflow::gateway {

namespace {

constexpr std::int32_t page_size = 500;

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

struct stream_view {
    std::string stream;
    std::int64_t version = 0;
    /// Of the event that made this version.
    events::timestamp time;
    events::json::raw state;
};
BOOST_DESCRIBE_STRUCT(stream_view, (), (stream, version, time, state))

struct causes_view {
    events::uuid correlation_id{};
    std::vector<query::event_view> events;
};
BOOST_DESCRIBE_STRUCT(causes_view, (), (correlation_id, events))

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

/// The stream folded up to a version and a moment; its version is 0 when it had no event by then.
task<commands::folded_stream> fold_up_to(
    services& with,
    events::organization_id organization,
    std::string stream,
    const stream_parameters& limit
) {
    infra::archive history(with.database);
    commands::folded_stream folded;
    while (true) {
        const auto page = co_await history.stream(organization, stream, folded.version, page_size);
        for (const auto& record : page) {
            const auto& head = record->head;
            if ((limit.version && head.stream_version > limit.version->value) ||
                (limit.at && head.time > *limit.at)) {
                co_return folded;
            }
            take(folded, *record);
        }
        if (std::cmp_less(page.size(), page_size)) {
            co_return folded;
        }
    }
}

task<query_result<stream_view>> show_stream(call& under_way, stream_parameters asked) {
    const auto scope = scope_of(under_way.who, asked.organization_id);
    if (!scope) {
        co_return std::unexpected(scope.error());
    }
    if (!*scope) {
        co_return std::unexpected(bad_parameters(
            {{"organization_id", "required", "must name the organization of the stream"}}
        ));
    }
    auto& with = under_way.with;
    auto partitions = partitions_of(*scope, with.log.partitions());
    auto settled = co_await settled_ends(under_way, std::move(partitions));
    if (!settled) {
        co_return std::unexpected(settled.error());
    }
    std::string name(under_way.http.path_value("stream"));
    const auto folded = co_await fold_up_to(with, **scope, name, asked);
    if (folded.version == 0 ||
        (asked.version && folded.version < asked.version->value && !asked.at)) {
        auto missing = not_found("stream", name);
        missing.detail += events::did_you_mean_stream(name);
        missing.message = missing.detail;
        co_return std::unexpected(std::move(missing));
    }
    stream_view view{
        .stream = std::move(name),
        .version = folded.version,
        .time = folded.updated_at,
        .state = {state_text(folded.state)}
    };
    const auto version = view.version;
    co_return found<stream_view>{std::move(view), version, *std::move(settled)};
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
    causes_view view{.correlation_id = all.front().correlation_id, .events = std::move(all)};
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
    auto causes = query<no_body, causes_view>(
        "/events/{id}/causes",
        access::analyst,
        "All events that came of the same request",
        {.errors = {"read_model_behind"}, .tells_position = true},
        show_causes
    );
    return {std::move(stream), std::move(causes)};
}

}  // namespace teamflow::gateway
