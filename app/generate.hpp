#pragma once
// `teamflow generate`: an application from a model, on the command line.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace teamflow::app {

struct generate_arguments {
    /// A file (.yaml, .yml or .json) or the name of a built-in domain.
    std::string model;
    std::filesystem::path out;
    std::optional<std::filesystem::path> patterns;
    bool minimal = false;
    /// Parts to leave out, as members of the composition are called.
    std::vector<std::string> without;
    bool force = false;
    bool as_json = false;
};

/// Writes the application below `out`; 1 if the model is not right or the place is not free, with
/// every fault on standard error and nothing written.
int run_generate(const generate_arguments& with);

}  // namespace teamflow::app
