#pragma once
// What somebody probably meant who wrote an option that there is not.

#include <string>
#include <vector>

#include <CLI/App.hpp>

namespace teamflow::app {

/// A sentence for each argument that is no option of the subcommand and near to one that is.
std::vector<std::string> near_options(
    const CLI::App& program, const std::vector<std::string>& arguments
);

}  // namespace teamflow::app
