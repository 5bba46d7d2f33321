#pragma once
// `teamflow prove`: the checks of a generated application, in child processes.

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

/// Runs the embedded proof (generation/proof/prove.py) with python3, whose words go to standard
/// error and whose table goes to standard output; 1 if a check failed.
int run_prove(const prove_arguments& with);

}  // namespace teamflow::app
