#pragma once
// Files to a directory, all of them or none.

#include <cstddef>
#include <filesystem>

#include "generation/compose.hpp"

namespace teamflow::generation {

/// A new directory beside the one that is wanted, which takes its name when all files are written;
/// removed if that does not come about. Throws std::system_error or std::runtime_error with the
/// place where something cannot be written.
class output_directory {
public:
    /// `where` may exist if it is empty, or if `replace` is set: then what was there is removed
    /// once the new files have its name. Throws std::runtime_error otherwise.
    output_directory(const std::filesystem::path& where, bool replace);
    output_directory(const output_directory&) = delete;
    output_directory& operator=(const output_directory&) = delete;
    ~output_directory();

    void write(const generated_file& file);

    /// From now on the files stand under the name that was wanted.
    void commit();

    [[nodiscard]] std::size_t files() const { return files_; }

    [[nodiscard]] std::size_t bytes() const { return bytes_; }

private:
    std::filesystem::path where_;
    std::filesystem::path made_;
    std::size_t files_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace teamflow::generation
