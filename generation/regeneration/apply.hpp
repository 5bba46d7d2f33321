#pragma once
// A regeneration to the directory of the application, all of it or nothing.

#include <filesystem>
#include <map>
#include <string>

#include "generation/regeneration/regenerate.hpp"

namespace teamflow::generation {

/// Reads the application's files; paths are relative. Throws std::runtime_error where a file
/// cannot be read or is larger than any that is generated.
read_file reader_of(const std::filesystem::path& application);

/// The files of alembic/versions by name.
std::map<std::string, std::string> revisions_of(const std::filesystem::path& application);

/// Writes all files beside their places first; from a single rename on, the regeneration counts.
/// What is cut off before is as if it had never been, what is cut off after that is finished by
/// finish(). Throws std::runtime_error or std::system_error with the place.
void apply(const regeneration& what, const std::filesystem::path& application);

/// Finishes a regeneration that was cut off, and removes what one left that never counted.
void finish(const std::filesystem::path& application);

}  // namespace teamflow::generation
