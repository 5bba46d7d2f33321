#pragma once
// A part of a model: some of its entities, and what they need.

#include <expected>
#include <string>
#include <vector>

#include "generation/model/fault.hpp"
#include "generation/model/model.hpp"

namespace teamflow::generation {

/// What of a model belongs together.
struct selection {
    generation::model model;
    /// Entities that nobody named and that relations of others lead to, in the order of the model.
    std::vector<std::string> added;
};

/// The named entities in the order of the model, with the enums that they use. A relation to an
/// entity that is not among them is refused (`not_selected`, by the path of the relation), or with
/// `add_targets` brings that one along, and what its own relations lead to. Names that the model
/// does not have are refused with those that are near. `from` is a checked model, and so is what
/// becomes of it.
std::expected<selection, faults> select_entities(
    const model& from, const std::vector<std::string>& names, bool add_targets
);

}  // namespace teamflow::generation
