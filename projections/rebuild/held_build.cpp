#include "projections/rebuild/held_build.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "projections/rebuild/rebuild_order.hpp"

namespace teamflow::projections {

namespace postgres = infra::postgres;

namespace {

/// Projectors hold the row in share for as long as a batch is written (move_checkpoints).
const std::string hold_sql =
    "select build, status from teamflow.projections where name = $1 for update";

const std::string parked_sql =
    "select partition, \"offset\" from teamflow.parked_events where projection = $1 and build = $2";

}  // namespace

held_build::held_build(postgres::session& database, const projection& what) : whole_(database) {
    database.execute("set local lock_timeout = '10s'");
    const auto found = database.query(hold_sql, postgres::params::of(what.name));
    if (found.empty() || found.get<std::string_view>(0, 1) == "rebuilding") {
        throw std::runtime_error("there is no live read model " + what.name + " yet");
    }
    build_ = found.get<std::int64_t>(0, 0);
    checkpoints_ = checkpoints_of_build(database, what.name, build_);
    const auto parked = database.query(parked_sql, postgres::params::of(what.name, build_));
    for (std::size_t i = 0; i < parked.rows(); ++i) {
        parked_.emplace(parked.get<events::partition_id>(i, 0), parked.get<events::offset>(i, 1));
    }
}

bool held_build::is_behind(const std::vector<partition_checkpoint>& other) const {
    return std::ranges::any_of(other, [&](const partition_checkpoint& each) {
        const auto own =
            std::ranges::find(checkpoints_, each.partition, &partition_checkpoint::partition);
        return own == checkpoints_.end() || own->at.at < each.at.at;
    });
}

}  // namespace teamflow::projections
