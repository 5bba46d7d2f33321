#pragma once
// `teamflow prove`: the checks of a generated application.

#include <filesystem>
#include <optional>
#include <string>

namespace teamflow::app {

struct prove_arguments {
    std::filesystem::path directory;
    std::optional<std::filesystem::path> report;
    std::optional<std::filesystem::path> environment;
    std::optional<std::string> python;
    bool quick = false;
};

/// Becomes the embedded proof (generation/proof/prove.py) in python3, whose words go to standard
/// error and whose table goes to standard output, and which exits with 1 if a check failed. Returns
/// never; throws std::system_error if there is no python3.
int run_prove(const prove_arguments& with);

}  // namespace teamflow::app
