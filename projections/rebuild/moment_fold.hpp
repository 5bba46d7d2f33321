#pragma once
// Read models as of a moment, or of some events alone, in a scratch schema (R2, R4).

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "projections/projection.hpp"
#include "projections/rebuild/archived_events.hpp"

namespace teamflow::projections {

/// Which part of history is folded; what is empty leaves nothing out.
struct history_part {
    /// In each partition all before the first event that is later than this.
    std::optional<events::timestamp> as_of = {};
    std::optional<events::organization_id> organization = {};
    /// See archived_scope. Called on several threads at once.
    wanted_events wants = {};
};

/// What became of a projection.
struct folded_model {
    std::string name;
    /// Commits that it could not take, and why the first of them.
    std::int64_t left_out = 0;
    std::string first_refusal;
};

/// Called on threads of the fold, one at a time.
struct fold_calls {
    /// Between its pieces; what it throws ends the fold.
    std::function<void()> between;
    /// When it begins to give way to live read models that are behind (true), and when there is no
    /// need any more.
    std::function<void(bool)> gives_way;
};

/// Folds the projections by their own handlers, one after the other, into tables of `schema`, which
/// must be there. Commits that an admin gave up are left out, and so are those that a projection
/// cannot take. Reads the archive and writes into that schema, nothing else: neither checkpoints
/// nor what is parked are those of a read model. Slows down while live read models of the database
/// fall behind. Blocking. Throws postgres_error, and what `with` throws.
std::vector<folded_model> fold_history(
    const infra::postgres::endpoint& place,
    const std::string& schema,
    std::span<const projection* const> models,
    const history_part& part,
    const fold_calls& with
);

}  // namespace teamflow::projections
