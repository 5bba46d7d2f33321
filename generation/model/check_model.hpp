#pragma once
// The rules that a model keeps beyond the shape of its document.

#include <array>
#include <cstddef>
#include <string_view>

#include "generation/model/fault.hpp"
#include "generation/model/model.hpp"

namespace teamflow::generation {

/// Bytes of a title, and of a description.
inline constexpr std::size_t max_title = 100;
inline constexpr std::size_t max_description = 2000;
inline constexpr std::size_t max_enum_values = 100;
inline constexpr std::array<std::string_view, 3> pythons{"3.11", "3.12", "3.13"};

/// Everything that is wrong, without lines. Fills in the kind of each field.
faults check_model(model& of);

}  // namespace teamflow::generation
