#include "infra/postgres/private_server.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "infra/postgres/session.hpp"

namespace teamflow::infra::postgres {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::milliseconds poll_interval{3};
constexpr std::uintmax_t log_bytes_max = std::uintmax_t{8} << 20U;
constexpr std::streamoff log_tail_bytes = 1500;
constexpr std::string_view superuser = "teamflow";

using settings = std::vector<std::pair<std::string, std::string>>;

/// A server for one program on one machine: durable, with room for bursts of small commits.
settings tuned_settings(const fs::path& socket_directory) {
    return {
        {"unix_socket_directories", socket_directory.string()},
        {"unix_socket_permissions", "0700"},
        {"listen_addresses", ""},
        {"port", "5432"},
        {"fsync", "on"},
        {"full_page_writes", "on"},
        {"wal_compression", "on"},
        {"shared_buffers", "128MB"},
        {"max_wal_size", "2GB"},
        {"checkpoint_timeout", "15min"},
        {"max_connections", "100"},
        {"jit", "off"},
        {"timezone", "UTC"},
        {"log_timezone", "UTC"},
        {"log_checkpoints", "off"},
    };
}

/// Closes a descriptor at the end of a scope.
class open_file {
public:
    explicit open_file(int descriptor) : descriptor_(descriptor) {}

    ~open_file() { close(descriptor_); }

    open_file(const open_file&) = delete;
    open_file& operator=(const open_file&) = delete;

    [[nodiscard]] int get() const { return descriptor_; }

private:
    int descriptor_;
};

void sync_directory(const fs::path& directory) {
    const open_file opened(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    fsync(opened.get());
}

std::string percent_encoded(std::string_view text) {
    std::string encoded;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.') {
            encoded += c;
        } else {
            encoded += fmt::format("%{:02X}", byte);
        }
    }
    return encoded;
}

std::string end_of(const fs::path& log) {
    std::ifstream file(log, std::ios::ate);
    const std::streamoff size = file.tellg();
    file.seekg(std::max(std::streamoff{0}, size - log_tail_bytes));
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

private_server::private_server(private_server_options options)
    : options_(std::move(options)), account_(find_server_account()) {
    fs::create_directories(options_.directory);
    lock_.emplace(options_.directory / "postgres.lock");
    place_ = choose_place(options_.directory, account_);
    programs_ = find_programs(place_.data);
    if (!fs::exists(place_.data)) {
        make_data();
    }
    // A server tells its directory with links resolved; it must be known again by that.
    place_.data = fs::canonical(place_.data);
    start();
}

private_server::~private_server() {
    try {
        stop();
    } catch (const std::exception& failure) {
        fmt::print(stderr, "{}\n", failure.what());
    }
}

void private_server::start() {
    const auto deadline = clock::now() + options_.start_limit;
    adopted_ = adopt(deadline);
    if (adopted_ && ensure_database()) {
        return;
    }
    if (adopted_) {
        // It lives, but its socket is gone: only a new start makes another.
        stop();
        adopted_ = false;
    }
    launch(deadline);
    if (!ensure_database()) {
        fail("the private PostgreSQL runs but cannot be reached");
    }
}

void private_server::make_data() {
    // Made under another name, so that an interrupted start leaves nothing that looks finished.
    const fs::path unfinished = place_.data.string() + ".new";
    fs::remove_all(unfinished);
    fs::create_directory(unfinished);
    fs::permissions(unfinished, fs::perms::owner_all);
    if (account_.handed_over && chown(unfinished.c_str(), account_.user, account_.group) != 0) {
        throw std::runtime_error(fmt::format("cannot hand over {}", unfinished.string()));
    }
    const auto run = [&](std::vector<std::string> arguments) {
        const open_file log(open_log());
        arguments.insert(arguments.begin(), (programs_ / "initdb").string());
        const pid_t child = start_child(account_, {std::move(arguments), log.get(), true});
        const auto deadline = clock::now() + options_.start_limit;
        std::optional<int> status;
        while (!(status = reap(child)) && clock::now() < deadline) {
            std::this_thread::sleep_for(poll_interval);
        }
        if (status != 0) {
            kill(child, SIGKILL);
            fail("initdb failed");
        }
    };
    run(
        {"--no-sync",
         "--no-instructions",
         "--auth=trust",
         "--encoding=UTF8",
         "--locale=C.UTF-8",
         "--username=" + std::string(superuser),
         "--pgdata=" + unfinished.string()}
    );
    run({"--sync-only", "--pgdata=" + unfinished.string()});
    fs::rename(unfinished, place_.data);
    sync_directory(place_.data.parent_path());
}

bool private_server::adopt(clock::time_point deadline) {
    const auto found = read_pid_file();
    if (!found || !works_in(found->process, place_.data)) {
        return false;
    }
    postmaster_ = found->process;
    is_child_ = false;
    if (found->status == "stopping") {
        wait_until_gone(deadline);
        return false;
    }
    wait_until_ready(deadline);
    return true;
}

void private_server::launch(clock::time_point deadline) {
    clear_stale_lock_files(deadline);
    make_socket_directory(place_.socket_directory, account_);
    const open_file log(open_log());
    postmaster_ =
        start_child(account_, {server_arguments(), log.get(), options_.dies_with_program});
    is_child_ = true;
    wait_until_ready(deadline);
}

/// PostgreSQL removes the lock files of a dead postmaster itself, but refuses to start when one is
/// empty, or its number is in use: by any other process (in a container, numbers come back soon) or
/// by the dead one itself until init reaps it.
void private_server::clear_stale_lock_files(clock::time_point deadline) {
    while (any_works_in(place_.data)) {
        if (clock::now() >= deadline) {
            fail("processes of an earlier PostgreSQL still work in " + place_.data.string());
        }
        std::this_thread::sleep_for(poll_interval);
    }
    fs::remove(place_.data / "postmaster.pid");
    fs::remove(place_.socket_directory / ".s.PGSQL.5432.lock");
}

void private_server::wait_until_ready(clock::time_point deadline) {
    while (clock::now() < deadline) {
        const auto found = read_pid_file();
        if (found && found->process == postmaster_ && found->status == "ready") {
            socket_directory_ = found->socket_directory;
            return;
        }
        if (is_child_ ? reap(postmaster_).has_value() : !is_alive(postmaster_)) {
            postmaster_ = 0;
            fail("the private PostgreSQL ended while it was starting");
        }
        std::this_thread::sleep_for(poll_interval);
    }
    fail(fmt::format("the private PostgreSQL was not ready in {} ms", options_.start_limit.count())
    );
}

void private_server::wait_until_gone(clock::time_point deadline) {
    while (is_running() && clock::now() < deadline) {
        std::this_thread::sleep_for(poll_interval);
    }
    if (!is_running()) {
        if (is_child_) {
            reap(postmaster_);
        }
        postmaster_ = 0;
    }
}

/// False if the socket is gone.
bool private_server::ensure_database() {
    connect_options patient;
    patient.time_limit = std::chrono::seconds(10);
    std::optional<session> admin;
    try {
        admin.emplace(url("postgres"), patient);
    } catch (const postgres_unavailable&) {
        return false;
    }
    const auto found = admin->query("select 1 from pg_database where datname = 'teamflow'");
    if (found.empty()) {
        admin->execute("create database teamflow");
    }
    return true;
}

std::string private_server::url(std::string_view database) const {
    return fmt::format(
        "postgresql://{}@/{}?host={}&port=5432",
        superuser,
        percent_encoded(database),
        percent_encoded(socket_directory_.string())
    );
}

void private_server::stop(stop_mode mode) {
    if (!is_running()) {
        wait_until_gone(clock::now());
        return;
    }
    kill(postmaster_, mode == stop_mode::fast ? SIGINT : SIGQUIT);
    wait_until_gone(clock::now() + options_.stop_limit);
    if (postmaster_ != 0) {
        kill(postmaster_, SIGQUIT);
        wait_until_gone(clock::now() + options_.stop_limit);
    }
    if (postmaster_ != 0) {
        fail("the private PostgreSQL does not stop");
    }
    std::error_code not_empty;
    fs::remove(socket_directory_, not_empty);
}

void private_server::leave() {
    postmaster_ = 0;
    lock_.reset();
}

bool private_server::is_running() const {
    return postmaster_ != 0 && is_alive(postmaster_);
}

std::optional<private_server::pid_file> private_server::read_pid_file() const {
    std::ifstream file(place_.data / "postmaster.pid");
    std::vector<std::string> lines;
    for (std::string line; lines.size() < 8 && std::getline(file, line);) {
        lines.push_back(line);
    }
    // A backup in single-user mode writes a negative number; a half written file has few lines.
    if (lines.empty() || lines[0].empty() || lines[0].size() > 9 ||
        lines[0].find_first_not_of("0123456789") != std::string::npos) {
        return std::nullopt;
    }
    lines.resize(8);
    pid_file found;
    found.process = static_cast<pid_t>(std::stol(lines[0]));
    found.socket_directory = lines[4];
    found.status = lines[7].substr(0, lines[7].find(' '));
    return found;
}

std::vector<std::string> private_server::server_arguments() const {
    std::vector<std::string> arguments{
        (programs_ / "postgres").string(), "-D", place_.data.string()
    };
    settings all = tuned_settings(place_.socket_directory);
    all.insert(all.end(), options_.settings.begin(), options_.settings.end());
    for (const auto& [name, value] : all) {
        arguments.emplace_back("-c");
        arguments.push_back(fmt::format("{}={}", name, value));
    }
    return arguments;
}

int private_server::open_log() const {
    std::error_code absent;
    const bool full = fs::file_size(place_.log, absent) > log_bytes_max && !absent;
    const int how = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (full ? O_TRUNC : 0);
    const int opened = open(place_.log.c_str(), how, 0640);
    if (opened < 0) {
        throw std::runtime_error(fmt::format("cannot write {}", place_.log.string()));
    }
    return opened;
}

void private_server::fail(const std::string& reason) const {
    throw std::runtime_error(
        fmt::format("{}. The end of {}:\n{}", reason, place_.log.string(), end_of(place_.log))
    );
}

}  // namespace teamflow::infra::postgres
