#include "infra/postgres/server_place.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace teamflow::infra::postgres {

namespace fs = std::filesystem;

namespace {

/// sockaddr_un has room for 107 bytes and a NUL (unix(7)); PostgreSQL adds the name.
constexpr std::size_t socket_path_max = 107;
constexpr std::string_view socket_name = "/.s.PGSQL.5432";

/// FNV-1a: short names that stay the same from run to run.
std::string short_hash(std::string_view text) {
    std::uint64_t value = 14'695'981'039'346'656'037U;
    for (const char c : text) {
        value = (value ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
    }
    return fmt::format("{:016x}", value);
}

bool is_private_directory_of(const fs::path& directory, uid_t owner) {
    struct stat found{};
    return lstat(directory.c_str(), &found) == 0 && S_ISDIR(found.st_mode) &&
           found.st_uid == owner && (found.st_mode & 077U) == 0;
}

fs::path choose_socket_directory(const fs::path& data, const server_account& account) {
    const std::string hash = short_hash(data.string());
    if (account.handed_over && access("/run", W_OK) == 0) {
        return "/run/teamflow/" + hash;
    }
    const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
    if (runtime != nullptr && is_private_directory_of(runtime, account.user)) {
        const fs::path there = fs::path(runtime) / ("teamflow-" + hash);
        if (there.string().size() + socket_name.size() <= socket_path_max) {
            return there;
        }
    }
    return fmt::format("/tmp/teamflow-{}-{}", account.user, hash);
}

std::optional<int> major_version(std::string_view text) {
    const std::string digits(text.substr(0, text.find_first_not_of("0123456789")));
    return digits.empty() || digits.size() > 4 ? std::nullopt : std::optional(std::stoi(digits));
}

bool has_programs(const fs::path& folder) {
    return access((folder / "postgres").c_str(), X_OK) == 0 &&
           access((folder / "initdb").c_str(), X_OK) == 0;
}

/// Debian keeps versions apart as .../15/bin; elsewhere the version cannot be seen from the path.
bool may_fit(const fs::path& folder, std::optional<int> needed) {
    const auto version = major_version(folder.parent_path().filename().string());
    return !needed || !version || *version == *needed;
}

std::optional<fs::path> find_in_path(std::optional<int> needed) {
    const char* const path = std::getenv("PATH");
    std::istringstream folders(path == nullptr ? "" : path);
    for (std::string folder; std::getline(folders, folder, ':');) {
        if (fs::path(folder).is_absolute() && has_programs(folder)) {
            fs::path found = fs::canonical(fs::path(folder) / "postgres").parent_path();
            if (may_fit(found, needed)) {
                return found;
            }
        }
    }
    return std::nullopt;
}

std::string error_text() {
    return std::strerror(errno);
}

}  // namespace

server_place choose_place(const fs::path& directory, const server_account& account) {
    const fs::path home = fs::canonical(directory);
    fs::path base = home;
    if (!can_enter(account, home)) {
        if (!account.handed_over) {
            throw std::runtime_error(fmt::format("cannot enter {}", home.string()));
        }
        base = "/var/lib/teamflow/" + short_hash(home.string());
        fs::create_directories(base);
        if (!can_enter(account, base)) {
            throw std::runtime_error(fmt::format(
                "the user postgres can enter neither {} nor {}", home.string(), base.string()
            ));
        }
    }
    server_place place;
    place.data = base / "postgres";
    place.log = base / "postgres.log";
    place.socket_directory = choose_socket_directory(place.data, account);
    return place;
}

void make_socket_directory(const fs::path& directory, const server_account& account) {
    fs::create_directories(directory.parent_path());
    if (mkdir(directory.c_str(), 0700) == 0 && account.handed_over &&
        chown(directory.c_str(), account.user, account.group) != 0) {
        throw std::runtime_error(
            fmt::format("cannot hand over {}: {}", directory.string(), error_text())
        );
    }
    if (!is_private_directory_of(directory, account.user)) {
        throw std::runtime_error(fmt::format(
            "{} is not a directory for the user of PostgreSQL alone; remove it", directory.string()
        ));
    }
}

fs::path find_programs(const fs::path& data) {
    std::optional<int> needed;
    std::string text;
    if (std::ifstream file(data / "PG_VERSION"); std::getline(file, text)) {
        needed = major_version(text);
    }
    int best = 0;
    std::error_code absent;
    for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", absent)) {
        const auto version = major_version(entry.path().filename().string());
        const bool fits = version && has_programs(entry.path() / "bin") &&
                          (needed ? *version == *needed : *version > best);
        best = fits ? *version : best;
    }
    if (best > 0) {
        return fmt::format("/usr/lib/postgresql/{}/bin", best);
    }
    if (auto found = find_in_path(needed)) {
        return *found;
    }
    throw std::runtime_error(
        needed ? fmt::format(
                     "{} was made by PostgreSQL {}, which is not installed", data.string(), *needed
                 )
               : "PostgreSQL is not installed: neither /usr/lib/postgresql/*/bin nor PATH has "
                 "postgres and initdb (Debian: apt install postgresql)"
    );
}

directory_lock::directory_lock(const fs::path& file)
    : descriptor_(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (descriptor_ < 0) {
        throw std::runtime_error(fmt::format("cannot open {}: {}", file.string(), error_text()));
    }
    if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
        std::array<char, 32> owner{};
        const auto length = pread(descriptor_, owner.data(), owner.size() - 1, 0);
        close(descriptor_);
        throw std::runtime_error(fmt::format(
            "{} is in use by another teamflow{}",
            file.parent_path().string(),
            length > 0 ? fmt::format(" (process {})", owner.data()) : ""
        ));
    }
    const std::string self = fmt::format("{}", getpid());
    if (ftruncate(descriptor_, 0) != 0 || pwrite(descriptor_, self.data(), self.size(), 0) < 0) {
        close(descriptor_);
        throw std::runtime_error(fmt::format("cannot write {}", file.string()));
    }
}

directory_lock::~directory_lock() {
    close(descriptor_);
}

}  // namespace teamflow::infra::postgres
