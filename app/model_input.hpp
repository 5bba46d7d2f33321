#pragma once
// The model that a command line names: a file or a built-in domain.

#include <optional>
#include <string>

#include "generation/model/model.hpp"

namespace teamflow::app {

/// The checked model of a file (.yaml, .yml, .json, in which OpenAPI or JSON Schema may stand too;
/// tables in .sql, .dbml or .jdl) or of a built-in domain. Nothing if it is not right: every fault
/// was told on standard error. Throws std::runtime_error where there is no such file or domain, or
/// it cannot be read.
std::optional<generation::model> model_of(const std::string& name);

}  // namespace teamflow::app
