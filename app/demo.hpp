#pragma once
// The demo account of `teamflow dev`, and the text that shows a newcomer the way to a first timer.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "app/signals.hpp"

namespace teamflow::app {

/// Makes the demo organization with a user, a project and a task through the public API on first
/// start and keeps what it made in `directory`/demo.json; later starts read it there. Blocking,
/// for as long as the log takes no commands. Gives the text to print; nothing when the process is
/// to end before. Throws std::runtime_error when the API refuses.
std::optional<std::string> demo_tour(
    const std::string& url,
    std::uint16_t port,
    const std::filesystem::path& directory,
    const termination& ending
);

}  // namespace teamflow::app
