#include "query/parked.hpp"

#include <chrono>

#include <fmt/format.h>

#include "gateway/routes/families.hpp"
#include "gateway/routes/projection_names.hpp"
#include "projections/rebuild/comparison.hpp"
#include "projections/rebuild/parked_commits.hpp"
#include "query/admin_order.hpp"

namespace teamflow::gateway {

namespace {

using namespace std::chrono_literals;

/// Below limits::answer_ms.
constexpr std::chrono::milliseconds act_patience = 25s;
/// A comparison reads all of history.
constexpr std::chrono::milliseconds verify_patience = 1h;
constexpr std::uint32_t verify_limit_ms = 3'660'000;
constexpr std::int32_t page_max = 1000;

struct parked_parameters {
    events::json::within_or<std::int32_t, 1, page_max, 200> limit;
};
BOOST_DESCRIBE_STRUCT(parked_parameters, (), (limit))

struct parked_list {
    std::vector<query::parked_view> parked;
};
BOOST_DESCRIBE_STRUCT(parked_list, (), (parked))

struct skip_body {
    events::json::text<1, 500> reason;
};
BOOST_DESCRIBE_STRUCT(skip_body, (), (reason))

/// As projections::comparison, with its name.
struct verified {
    std::string name;
    bool equal = true;
    std::vector<projections::table_comparison> tables;
    std::optional<projections::row_difference> first_difference;
    std::int64_t parked = 0;
};
BOOST_DESCRIBE_STRUCT(verified, (), (name, equal, tables, first_difference, parked))

query::admin_order order_of(call& under_way, std::string kind) {
    return {
        .id = under_way.with.ids.next(),
        .kind = std::move(kind),
        .projection = name_in(under_way),
        .argument = {},
        .reason = {},
        .ordered_by = fmt::format("operator {}", to_string(under_way.who.user))
    };
}

/// The answer to an order, or the problem that came of it.
task<std::expected<std::string, response>> carry_out(
    call& under_way, query::admin_order order, std::chrono::milliseconds patience
) {
    const auto& id = under_way.http.request_id;
    auto done = co_await query::place_order(under_way.with.database, std::move(order), patience);
    if (done.answer) {
        co_return *std::move(done.answer);
    }
    if (done.error) {
        co_return std::unexpected(problem_response("invalid_state", *std::move(done.error), id));
    }
    co_return std::unexpected(problem_response(
        "unavailable", "no projector has done it yet; it is done once one runs", id
    ));
}

task<query_result<parked_list>> list_parked(call& under_way, parked_parameters asked) {
    auto name = name_in(under_way);
    if (projections::find(name) == nullptr) {
        co_return std::unexpected(no_projection(name));
    }
    parked_list list;
    list.parked = co_await query::parked_commits(
        under_way.with.database, std::move(name), std::nullopt, asked.limit.value.value
    );
    co_return just(std::move(list));
}

/// The one that the path names.
task<std::expected<query::parked_view, problem>> parked_in(call& under_way) {
    auto name = name_in(under_way);
    if (projections::find(name) == nullptr) {
        co_return std::unexpected(no_projection(name));
    }
    const auto id = under_way.id<events::commit_id>("id");
    std::optional<events::uuid> wanted(id.value);
    auto found =
        co_await query::parked_commits(under_way.with.database, std::move(name), wanted, 1);
    if (found.empty()) {
        co_return std::unexpected(not_found("parked commit", to_string(id)));
    }
    co_return std::move(found.front());
}

task<query_result<query::parked_view>> show_parked(call& under_way, no_body) {
    auto found = co_await parked_in(under_way);
    if (!found) {
        co_return std::unexpected(std::move(found.error()));
    }
    co_return just(*std::move(found));
}

task<response> act(call& under_way, std::string kind, std::string reason) {
    auto found = co_await parked_in(under_way);
    if (!found) {
        co_return to_response(std::move(found.error()), under_way.http.request_id);
    }
    auto order = order_of(under_way, std::move(kind));
    order.argument = events::to_string(found->id);
    order.reason = std::move(reason);
    auto done = co_await carry_out(under_way, std::move(order), act_patience);
    co_return done ? json_response(200, *std::move(done)) : std::move(done.error());
}

task<response> verify(call& under_way, no_body) {
    const auto name = name_in(under_way);
    if (projections::find(name) == nullptr) {
        co_return to_response(no_projection(name), under_way.http.request_id);
    }
    auto order = order_of(under_way, "verify");
    auto done = co_await carry_out(under_way, std::move(order), verify_patience);
    if (!done) {
        co_return std::move(done.error());
    }
    std::string text = "{\"name\":" + events::json::to_json(name) + ",";
    text += std::string_view(*done).substr(1);
    co_return json_response(200, std::move(text));
}

route verify_route() {
    auto made = action<no_body, verified>(
        method::post,
        "/admin/projections/{name}/verify",
        access::operator_only,
        "Compare a read model with a fresh fold of the log",
        200,
        verify
    );
    made.errors = {"invalid_state"};
    made.answer_limit = verify_limit_ms;
    return made;
}

template <class Body, class Act>
route acting(std::string path, std::string summary, Act how) {
    auto made = action<Body, projections::parked_outcome>(
        method::post, std::move(path), access::operator_only, std::move(summary), 200, how
    );
    made.errors = {"invalid_state"};
    return made;
}

}  // namespace

routes parked_routes() {
    return {
        verify_route(),
        query<parked_parameters, parked_list>(
            "/admin/projections/{name}/parked",
            access::operator_only,
            "List the commits that a read model could not take",
            {},
            list_parked
        ),
        query<no_body, query::parked_view>(
            "/admin/projections/{name}/parked/{id}",
            access::operator_only,
            "Show a commit that a read model could not take",
            {},
            show_parked
        ),
        acting<no_body>(
            "/admin/projections/{name}/parked/{id}/retry",
            "Try a parked commit again, and what waits behind it",
            [](call& under_way, no_body) { return act(under_way, "retry", {}); }
        ),
        acting<skip_body>(
            "/admin/projections/{name}/parked/{id}/skip",
            "Give a parked commit up, and try what waits behind it",
            [](call& under_way, skip_body body) {
                return act(under_way, "skip", std::move(body.reason.value));
            }
        ),
    };
}

}  // namespace teamflow::gateway
