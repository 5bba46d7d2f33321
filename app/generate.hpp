#pragma once
// `teamflow generate`: an application from a model, on the command line.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace teamflow::app {

struct generate_arguments {
    /// As of model_of().
    std::string model;
    /// Empty with `preview` and `estimate`, which write nothing.
    std::filesystem::path out;
    std::optional<std::filesystem::path> patterns;
    bool minimal = false;
    /// Parts to leave out, as members of the composition are called.
    std::vector<std::string> without;
    /// Entities of the model to take alone; all of them when empty.
    std::vector<std::string> entities;
    /// Takes along what relations of those lead to.
    bool add_targets = false;
    bool force = false;
    bool merge = false;
    bool preview = false;
    bool estimate = false;
    bool as_json = false;
};

/// Writes the application below `out`, or prints what would be written and how long that takes; 1
/// if the model is not right or the place is not free, with every fault on standard error and
/// nothing written, or if a merge has conflicts.
int run_generate(const generate_arguments& with);

}  // namespace teamflow::app
