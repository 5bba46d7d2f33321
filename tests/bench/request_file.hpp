#pragma once
// What the load programs read from their command lines.

#include <chrono>
#include <string>
#include <vector>

namespace teamflow::bench {

/// Whole HTTP requests, each after a line with its length in bytes. Throws std::runtime_error when
/// there is none, or when the file ends within one.
std::vector<std::string> read_requests(const std::string& file);

std::chrono::milliseconds milliseconds_of(double seconds);

}  // namespace teamflow::bench
