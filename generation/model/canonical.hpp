#pragma once
// The one text that stands for a model: what is stored, hashed and merged against.

#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "generation/model/model.hpp"

namespace teamflow::generation {

/// The document of a model with nothing in it that says what is so anyway (an absent option, a
/// default), members in the order of the documentation, entities and fields in their own. Reading
/// it gives the model again.
boost::json::value canonical(const model& of);

/// SHA-256 in lower-case hexadecimal.
std::string sha256(std::string_view text);

/// The hash of the canonical form without blanks: equal for models that mean the same.
std::string hash(const model& of);

}  // namespace teamflow::generation
