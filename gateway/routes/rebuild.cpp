#include "query/rebuild.hpp"

#include <fmt/format.h>

#include "gateway/feeds/state_stream.hpp"
#include "gateway/routes/families.hpp"
#include "gateway/routes/projection_names.hpp"
#include "query/projection_status.hpp"

namespace teamflow::gateway {

namespace {

constexpr std::int32_t keep_hours_usual = 24;
constexpr std::int64_t seconds_of_hour = 3600;
constexpr std::chrono::milliseconds look_interval{500};

struct rebuild_body {
    /// Tells what it would take, and does nothing.
    std::optional<bool> dry_run;
    /// Returns to the build before.
    std::optional<bool> undo;
    /// How long the build that is replaced is kept for an undo.
    events::json::within_or<std::int32_t, 0, 24 * 365, keep_hours_usual> keep_hours;
};
BOOST_DESCRIBE_STRUCT(rebuild_body, (), (dry_run, undo, keep_hours))

response refuse(const call& under_way, std::string_view code, std::string detail) {
    return problem_response(code, std::move(detail), under_way.http.request_id);
}

response unknown(const call& under_way, std::string_view name) {
    return to_response(no_projection(name), under_way.http.request_id);
}

/// How the projection stands after an act.
task<response> answer_status(call& under_way, std::string name, unsigned status) {
    auto& with = under_way.with;
    auto found = co_await query::projection_status(with.database, with.log.tail(), name);
    if (found.empty()) {
        co_return unknown(under_way, name);
    }
    co_return json_response(status, events::json::to_json(found.front()));
}

query::admin_at asker(const call& under_way) {
    return {
        .name = fmt::format("operator {}", to_string(under_way.who.user)),
        .now = under_way.with.clock.now()
    };
}

task<response> estimate(call& under_way, const projections::projection& what) {
    std::vector<std::string> types;
    types.reserve(what.handlers.size());
    for (const auto& each : what.handlers) {
        types.emplace_back(each.type);
    }
    const auto made =
        co_await query::estimate_rebuild(under_way.with.database, what.name, std::move(types));
    co_return json_response(200, events::json::to_json(made));
}

task<response> rebuild(call& under_way, rebuild_body body) {
    auto name = name_in(under_way);
    const auto* const what = projections::find(name);
    if (what == nullptr) {
        co_return unknown(under_way, name);
    }
    if (body.dry_run.value_or(false)) {
        co_return co_await estimate(under_way, *what);
    }
    const auto keep = body.keep_hours.value.value * seconds_of_hour;
    auto by_whom = asker(under_way);
    const auto asked = co_await query::request_rebuild(
        under_way.with.database, name, std::move(by_whom), keep, body.undo.value_or(false)
    );
    if (asked.outcome == "unknown") {
        co_return unknown(under_way, name);
    }
    if (auto refusal = query::refusal_of(asked, name); !refusal.empty()) {
        const auto* const code = asked.outcome == "running" ? "rebuild_running" : "invalid_state";
        co_return refuse(under_way, code, std::move(refusal));
    }
    co_return co_await answer_status(under_way, std::move(name), 202);
}

task<response> steer(call& under_way, projections::rebuild_wish wish) {
    auto name = name_in(under_way);
    auto by_whom = asker(under_way);
    const bool is_done =
        co_await query::steer_rebuild(under_way.with.database, name, std::move(by_whom), wish);
    if (is_done) {
        co_return co_await answer_status(under_way, std::move(name), 200);
    }
    if (projections::find(name) == nullptr) {
        co_return unknown(under_way, name);
    }
    co_return refuse(under_way, "invalid_state", fmt::format("no rebuild of {} goes on", name));
}

task<std::optional<query::newest_rebuild>> newest(services& with, std::string name) {
    std::optional<std::string> wanted(std::move(name));
    const auto found =
        co_await query::projection_status(with.database, with.log.tail(), std::move(wanted));
    co_return found.empty() ? std::nullopt : std::optional(query::newest_rebuild_of(found.front()));
}

task<query_result<query::newest_rebuild>> show_rebuild(call& under_way, state_parameters) {
    const auto name = name_in(under_way);
    auto found = co_await newest(under_way.with, name);
    if (!found) {
        co_return std::unexpected(no_projection(name));
    }
    co_return just(*std::move(found));
}

task<std::optional<std::string>> look_at_rebuild(services& with, std::string name) {
    const auto found = co_await newest(with, std::move(name));
    co_return found ? std::optional(events::json::to_json(*found)) : std::nullopt;
}

route progress() {
    return followed(
        query<state_parameters, query::newest_rebuild>(
            "/admin/projections/{name}/rebuild",
            access::operator_only,
            "How the newest rebuild of a read model goes, or went, once or whenever it changes",
            {},
            show_rebuild
        ),
        [](call& under_way) {
            return [&with = under_way.with, name = name_in(under_way)] {
                return look_at_rebuild(with, name);
            };
        },
        look_interval
    );
}

route steering(std::string path, std::string summary, projections::rebuild_wish wish) {
    auto made = action<no_body, query::projection_view>(
        method::post,
        std::move(path),
        access::operator_only,
        std::move(summary),
        200,
        [wish](call& under_way, no_body) { return steer(under_way, wish); }
    );
    made.errors = {"invalid_state"};
    return made;
}

}  // namespace

routes rebuild_routes() {
    auto begin = action<rebuild_body, query::projection_view>(
        method::post,
        "/admin/projections/{name}/rebuild",
        access::operator_only,
        "Build a read model anew beside the live one, or return to the one before",
        202,
        rebuild
    );
    begin.errors = {"rebuild_running", "invalid_state"};
    using enum projections::rebuild_wish;
    return {
        std::move(begin),
        progress(),
        steering("/admin/projections/{name}/pause", "Let a rebuild rest", pause),
        steering("/admin/projections/{name}/resume", "Let a rebuild go on", run),
        steering("/admin/projections/{name}/abort", "Give a rebuild up", abort),
    };
}

}  // namespace teamflow::gateway
