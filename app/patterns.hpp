#pragma once
// `teamflow patterns`: what the generator builds with, on the command line.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace teamflow::app {

struct patterns_arguments {
    std::vector<std::string> words;
    std::optional<std::string> category;
    /// Reports of `teamflow prove`: a file, or a directory of them.
    std::optional<std::filesystem::path> runs;
    std::optional<std::filesystem::path> patterns;
    bool production_ready = false;
    std::size_t top = 1000;
    bool as_json = false;
};

/// Prints the patterns that match, with what the reports measured of them or "not measured"; 1 if
/// there is none.
int run_patterns(const patterns_arguments& with);

}  // namespace teamflow::app
