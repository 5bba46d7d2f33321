#include "projections/rebuild/brake.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace teamflow::projections {

namespace {

/// Live work that is so far behind is given way.
constexpr std::int64_t patient_lag = 2000;
constexpr std::chrono::milliseconds step{100};
constexpr int steps_max = 20;

const std::string lag_sql =
    "select coalesce(max(u.\"offset\" - c.\"offset\"), 0)::bigint from teamflow.projections p "
    "join teamflow.projection_checkpoints c on c.projection = p.name and c.build = p.build "
    "join teamflow.archived_until u on u.partition = c.partition where p.status = 'live'";

}  // namespace

brake::brake(infra::postgres::session& database, calls with)
    : database_(database), with_(std::move(with)) {}

void brake::give_way() {
    const std::lock_guard lock(mutex_);
    for (int i = 0; i < steps_max; ++i) {
        with_.look();
        const bool is_behind = database_.query(lag_sql).get<std::int64_t>(0, 0) > patient_lag;
        if (is_behind != is_on_) {
            is_on_ = is_behind;
            with_.tell(is_on_);
        }
        if (!is_behind) {
            return;
        }
        with_.wait(step);
    }
}

}  // namespace teamflow::projections
