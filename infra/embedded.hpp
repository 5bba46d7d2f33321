#pragma once
// A file that was compiled into the program by cmake/embed.cmake.

#include <span>
#include <string_view>

namespace teamflow::infra {

/// Both views live as long as the program. `path` is relative to the embedded folder.
struct embedded_file {
    std::string_view path;
    std::string_view content;
};

}  // namespace teamflow::infra
