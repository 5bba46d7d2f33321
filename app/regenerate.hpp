#pragma once
// `teamflow generate --merge`: a new generation over an application that was edited.

#include <filesystem>
#include <optional>

#include "generation/model/model.hpp"
#include "generation/options.hpp"
#include "generation/pattern.hpp"

namespace teamflow::app {

/// Merges into `application`, composed as last time unless `how` says otherwise, and tells what
/// became of each file: in words on standard error, or as one line of JSON on standard output. 1 if
/// it was refused, with nothing written, or if there are conflicts to decide.
int run_regenerate(
    const generation::model& model,
    const generation::pattern_library& patterns,
    const std::optional<generation::composition>& how,
    const std::filesystem::path& application,
    bool as_json
);

}  // namespace teamflow::app
