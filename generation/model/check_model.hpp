#pragma once
// The rules that a model keeps beyond the shape of its document.

#include "generation/model/fault.hpp"
#include "generation/model/model.hpp"

namespace teamflow::generation {

/// Everything that is wrong, without lines. Fills in the kind of each field.
faults check_model(model& of);

}  // namespace teamflow::generation
