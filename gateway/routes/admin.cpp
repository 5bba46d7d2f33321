#include <algorithm>

#include "gateway/feeds/state_stream.hpp"
#include "gateway/routes/families.hpp"
#include "gateway/routes/projection_names.hpp"
#include "query/cluster.hpp"
#include "query/projection_status.hpp"

namespace teamflow::gateway {

namespace {

constexpr std::chrono::milliseconds look_interval{1000};

struct projection_list {
    std::vector<query::projection_view> projections;
};
BOOST_DESCRIBE_STRUCT(projection_list, (), (projections))

task<projection_list> all_projections(services& with) {
    projection_list list;
    std::optional<std::string> any;
    list.projections = co_await query::projection_status(with.database, with.log.tail(), any);
    co_return list;
}

task<query_result<projection_list>> list_projections(call& under_way, state_parameters) {
    auto list = co_await all_projections(under_way.with);
    co_return just(std::move(list));
}

task<std::optional<std::string>> look_at_projections(services& with) {
    const auto list = co_await all_projections(with);
    co_return events::json::to_json(list);
}

task<query_result<query::projection_view>> show_projection(call& under_way, no_body) {
    auto& with = under_way.with;
    const auto name = name_in(under_way);
    auto found = co_await query::projection_status(with.database, with.log.tail(), name);
    if (found.empty()) {
        co_return std::unexpected(no_projection(name));
    }
    co_return just(std::move(found.front()));
}

struct instance_view {
    std::vector<query::node_view> nodes;
    /// As of the last look of the gateway that is asked, which looks every second.
    std::vector<query::follower_health> health;
};
BOOST_DESCRIBE_STRUCT(instance_view, (), (nodes, health))

task<query_result<instance_view>> list_nodes(call& under_way, no_body) {
    auto& with = under_way.with;
    instance_view instance;
    instance.nodes = co_await query::nodes(with.database);
    instance.health = with.watch.healths();
    co_return just(std::move(instance));
}

/// What this gateway has read of the log itself: the archive, which the page is made from, may be
/// behind just when it matters who owns what.
std::vector<query::epoch_view> claims_read(const services& with, events::partition_id partition) {
    std::vector<query::epoch_view> claims;
    for (auto& claim : with.commands.seen_claims(partition)) {
        claims.push_back(
            {.offset = claim.at,
             .writer = claim.writer.value,
             .address = std::move(claim.address),
             .claimed_at = claim.time,
             .ended_at = std::nullopt,
             .ghosts = 0}
        );
    }
    return claims;
}

task<query_result<query::log_view>> show_log(call& under_way, no_body) {
    auto& with = under_way.with;
    auto log = co_await query::log_status(with.database, with.log.tail());
    for (auto& partition : log.partitions) {
        query::add_newer_claims(partition, claims_read(with, partition.partition));
    }
    const auto healths = with.watch.healths();
    // Partitions come first there, in order.
    for (std::size_t i = 0; i < std::min(log.partitions.size(), healths.size()); ++i) {
        log.partitions[i].health = healths[i];
    }
    co_return just(std::move(log));
}

}  // namespace

routes admin_routes() {
    return {
        query<no_body, instance_view>(
            "/admin/nodes",
            access::operator_only,
            "Which processes run, and whether all of the log and its read models are well",
            {},
            list_nodes
        ),
        query<no_body, query::log_view>(
            "/admin/log",
            access::operator_only,
            "How the log stands: ends, archive, owners and their epochs",
            {},
            show_log
        ),
        followed(
            query<state_parameters, projection_list>(
                "/admin/projections",
                access::operator_only,
                "How all read models stand, once or whenever it changes",
                {},
                list_projections
            ),
            [](call& under_way) {
                return [&with = under_way.with] { return look_at_projections(with); };
            },
            look_interval
        ),
        query<no_body, query::projection_view>(
            "/admin/projections/{name}",
            access::operator_only,
            "How one read model stands",
            {},
            show_projection
        ),
    };
}

}  // namespace teamflow::gateway
