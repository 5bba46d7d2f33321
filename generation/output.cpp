#include "generation/output.hpp"

#include <fstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <unistd.h>

namespace teamflow::generation {

namespace fs = std::filesystem;

namespace {

fs::path beside(const fs::path& where, const char* what) {
    return where.parent_path() /
           ("." + where.filename().string() + "." + what + "-" + std::to_string(::getpid()));
}

fs::path plain(const fs::path& where) {
    fs::path full = fs::absolute(where).lexically_normal();
    return full.has_filename() ? full : full.parent_path();
}

}  // namespace

output_directory::output_directory(const fs::path& where, bool replace)
    : where_(plain(where)), made_(beside(where_, "new")) {
    if (fs::exists(where_) && !fs::is_directory(where_)) {
        throw std::runtime_error(where_.string() + " is there and is no directory");
    }
    if (fs::exists(where_) && !fs::is_empty(where_) && !replace) {
        throw std::runtime_error(
            where_.string() + " is not empty: name another directory, or replace it with --force"
        );
    }
    fs::create_directories(where_.parent_path());
    fs::remove_all(made_);
    fs::create_directory(made_);
}

output_directory::~output_directory() {
    std::error_code ignored;
    fs::remove_all(made_, ignored);
}

void output_directory::write(const generated_file& file) {
    const fs::path path = made_ / file.path;
    fs::create_directories(path.parent_path());
    std::ofstream out(path, std::ios::binary);
    out << file.content;
    out.close();
    if (!out) {
        throw std::runtime_error("cannot write " + path.string());
    }
    if (file.executable) {
        fs::permissions(
            path,
            fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec,
            fs::perm_options::add
        );
    }
    files_ += 1;
    bytes_ += file.content.size();
}

void output_directory::commit() {
    const fs::path old = beside(where_, "old");
    fs::remove_all(old);
    const bool was_there = fs::exists(where_);
    if (was_there) {
        fs::rename(where_, old);
    }
    std::error_code failure;
    fs::rename(made_, where_, failure);
    if (failure) {
        if (was_there) {
            fs::rename(old, where_);
        }
        throw std::system_error(failure, "cannot rename " + made_.string());
    }
    fs::remove_all(old);
}

}  // namespace teamflow::generation
