#include "generation/regeneration/apply.hpp"

#include <cstddef>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace teamflow::generation {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t max_file_bytes = 16 * 1024 * 1024;

fs::path staged(const fs::path& application) {
    return application / ".generator" / "next";
}

fs::path unfinished(const fs::path& application) {
    return application / ".generator" / "next.unfinished";
}

std::string text_of(const fs::path& path) {
    if (fs::file_size(path) > max_file_bytes) {
        throw std::runtime_error(path.string() + " is larger than any file that is generated");
    }
    std::ifstream file(path, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(file), {});
    if (!file) {
        throw std::runtime_error("cannot read " + path.string());
    }
    return text;
}

void write(const fs::path& path, const std::string& text, bool executable) {
    fs::create_directories(path.parent_path());
    std::ofstream out(path, std::ios::binary);
    out << text;
    out.close();
    if (!out) {
        throw std::runtime_error("cannot write " + path.string());
    }
    if (executable) {
        fs::permissions(
            path,
            fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec,
            fs::perm_options::add
        );
    }
}

/// Empty directories of files that are gone go too.
void remove_file(const fs::path& application, const fs::path& path) {
    fs::remove(application / path);
    for (fs::path at = path.parent_path(); !at.empty(); at = at.parent_path()) {
        if (!fs::is_directory(application / at) || !fs::is_empty(application / at)) {
            return;
        }
        fs::remove(application / at);
    }
}

}  // namespace

read_file reader_of(const fs::path& application) {
    return [application](std::string_view path) -> std::optional<std::string> {
        const fs::path whole = application / path;
        if (!fs::is_regular_file(whole)) {
            return std::nullopt;
        }
        return text_of(whole);
    };
}

std::map<std::string, std::string> revisions_of(const fs::path& application) {
    std::map<std::string, std::string> found;
    const fs::path versions = application / "alembic" / "versions";
    if (!fs::is_directory(versions)) {
        return found;
    }
    for (const auto& entry : fs::directory_iterator(versions)) {
        if (entry.is_regular_file() && entry.path().extension() == ".py") {
            found[entry.path().filename().string()] = text_of(entry.path());
        }
    }
    return found;
}

void apply(const regeneration& what, const fs::path& application) {
    const fs::path place = unfinished(application);
    fs::remove_all(place);
    fs::create_directories(place / "files");
    std::string removed;
    for (const auto& change : what.changes) {
        if (change.content) {
            write(place / "files" / change.path, *change.content, change.executable);
        } else if (change.outcome == file_outcome::removed) {
            removed += change.path + "\n";
        }
    }
    write(place / "removed", removed, false);
    fs::rename(place, staged(application));
    finish(application);
}

void finish(const fs::path& application) {
    fs::remove_all(unfinished(application));
    const fs::path place = staged(application);
    if (!fs::is_directory(place)) {
        return;
    }
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(place / "files")) {
        if (entry.is_regular_file()) {
            files.push_back(fs::relative(entry.path(), place / "files"));
        }
    }
    for (const auto& path : files) {
        fs::create_directories((application / path).parent_path());
        fs::rename(place / "files" / path, application / path);
    }
    std::ifstream removed(place / "removed");
    for (std::string path; std::getline(removed, path);) {
        remove_file(application, path);
    }
    fs::remove_all(place);
}

}  // namespace teamflow::generation
