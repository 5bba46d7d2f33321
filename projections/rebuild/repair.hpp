#pragma once
// Replaces the rows of one organization, or of one key, by those of a fresh fold (B3).

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "infra/postgres/session.hpp"
#include "projections/projection.hpp"

namespace teamflow::projections {

struct repaired_table {
    std::string table;
    /// Rows that were there before, and that are there now.
    std::int64_t removed = 0;
    std::int64_t written = 0;
};
BOOST_DESCRIBE_STRUCT(repaired_table, (), (table, removed, written))

struct repair_outcome {
    /// Whose events were folded.
    events::organization_id organization;
    std::vector<repaired_table> tables;
};
BOOST_DESCRIBE_STRUCT(repair_outcome, (), (organization, tables))

/// Folds the events of one organization into a scratch schema, up to the place of the live build,
/// which is held for the end of it, and puts its rows in the place of those that are there. `key`
/// is the id of the organization, or the first key column of rows: then only those. The live build
/// gets another number, so that projectors forget the rows that they remember. `finish` may add to
/// the transaction, which is one of `database`. Commits that wait are left out. Blocking. Nullopt
/// when nobody has that key. Throws postgres_error, and std::runtime_error when there is no live
/// build or the archive does not come to its place.
std::optional<repair_outcome> repair(
    infra::postgres::session& database,
    const infra::postgres::endpoint& place,
    const projection& what,
    const std::string& key,
    const std::function<void(const repair_outcome&)>& finish
);

}  // namespace teamflow::projections
