#pragma once
// A place for the files of one test.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include <sys/stat.h>

namespace teamflow::tests {

/// A directory that goes with its contents. Other accounts may enter it: a private PostgreSQL runs
/// under one of its own.
class temporary_directory {
public:
    temporary_directory() {
        std::string name = (std::filesystem::temp_directory_path() / "teamflow-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr || chmod(name.c_str(), 0755) != 0) {
            throw std::runtime_error("no temporary directory");
        }
        path_ = name;
    }

    temporary_directory(const temporary_directory&) = delete;
    temporary_directory& operator=(const temporary_directory&) = delete;

    ~temporary_directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    std::filesystem::path write(const std::string& name, std::string_view text) const {
        std::ofstream(path_ / name) << text;
        return path_ / name;
    }

private:
    std::filesystem::path path_;
};

}  // namespace teamflow::tests
