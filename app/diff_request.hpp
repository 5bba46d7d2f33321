#pragma once
// What a diff is asked for, checked.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/diff_command.hpp"
#include "app/history_arguments.hpp"
#include "events/ids.hpp"
#include "infra/postgres/session.hpp"

namespace teamflow::app {

/// The side that is no scratch schema: the read models that serve queries.
inline constexpr std::string_view live_side = "live";

/// A side as it is asked for: a moment, or else the name of a schema or `live`.
struct diff_side {
    std::string name;
    std::optional<events::timestamp> moment;
};

struct diff_request {
    diff_side from;
    diff_side to;
    std::vector<const projections::projection*> models;
    std::optional<events::organization_id> organization;
};

/// All that is wrong comes back in `found`. Throws postgres_error.
diff_request check(const diff_arguments& what, infra::postgres::session& database, faults& found);

}  // namespace teamflow::app
