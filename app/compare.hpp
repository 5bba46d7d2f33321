#pragma once
// `teamflow compare`: what people changed in a generated application.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace teamflow::app {

struct compare_arguments {
    std::filesystem::path directory;
    /// Of the application; all of them when empty.
    std::vector<std::string> files;
    std::optional<std::filesystem::path> patterns;
    bool as_json = false;
};

/// Prints each file that is not what its pattern gives, with the difference, and counts all on
/// standard error; as JSON all of them. 0 if there is no difference, 1 if there is one or the
/// directory was not generated, 2 for files that the application does not have.
int run_compare(const compare_arguments& with);

}  // namespace teamflow::app
