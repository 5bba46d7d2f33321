#pragma once
// From the text of a model to the model, or to everything that is wrong with it.

#include <expected>
#include <string_view>

#include "generation/model/fault.hpp"
#include "generation/model/model.hpp"
#include "generation/model/source.hpp"

namespace teamflow::generation {

inline constexpr std::size_t max_entities = 200;
inline constexpr std::size_t max_fields = 100;

/// Reads and checks; see source.hpp for what texts are taken. The result is a model from which an
/// application can be made, or every fault in the order of the lines, at most 100.
std::expected<model, faults> read_model(std::string_view text, source_format format);

/// The same from a value that was parsed before.
std::expected<model, faults> read_model(const source& from);

}  // namespace teamflow::generation
