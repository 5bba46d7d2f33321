#pragma once
// The PostgreSQL that `teamflow dev` brings along: made, started, adopted and stopped by itself.

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "infra/postgres/server_place.hpp"
#include "infra/postgres/server_process.hpp"

namespace teamflow::infra::postgres {

struct private_server_options {
    /// Created if absent. Data go to `directory`/postgres, see server_place.hpp.
    std::filesystem::path directory;
    /// Server settings besides the tuned ones, or instead of them.
    std::vector<std::pair<std::string, std::string>> settings;
    /// Includes recovery after a crash.
    std::chrono::milliseconds start_limit{120'000};
    /// After it, a fast shutdown becomes an immediate one.
    std::chrono::milliseconds stop_limit{30'000};
    /// For tests: the server goes down with the program even when that is killed.
    bool dies_with_program = false;
};

enum class stop_mode : std::uint8_t {
    fast,      ///< disconnects clients, writes a checkpoint
    immediate  ///< as in a crash: the next start recovers
};

/// Blocking; for one thread, before and after the I/O threads run. Listens on a socket only, in a
/// directory that no other user can enter. It outlives a program that is killed; the next one
/// with the same directory adopts it, whatever its settings are.
class private_server {
public:
    /// Locks the directory, makes the data if there are none, starts or adopts the server, and
    /// makes the database `teamflow`. Errors: std::runtime_error with the reason and the end of
    /// the server's log.
    explicit private_server(private_server_options options);

    /// Stops fast, unless stopped or left.
    ~private_server();
    private_server(const private_server&) = delete;
    private_server& operator=(const private_server&) = delete;

    /// libpq URL of a database.
    [[nodiscard]] std::string url(std::string_view database = "teamflow") const;

    /// Returns when it is down. Harmless when it is. Errors: std::runtime_error if it stays up.
    void stop(stop_mode mode = stop_mode::fast);

    /// Starts it again after `stop`.
    void start();

    /// Keeps the server running when this is destroyed, as if the program was killed.
    void leave();

    [[nodiscard]] bool is_running() const;

    /// The server was found running.
    [[nodiscard]] bool was_adopted() const { return adopted_; }

    [[nodiscard]] pid_t process() const { return postmaster_; }

    [[nodiscard]] const std::filesystem::path& data_directory() const { return place_.data; }

    [[nodiscard]] const std::filesystem::path& log_file() const { return place_.log; }

private:
    using clock = std::chrono::steady_clock;

    /// What a postmaster writes into postmaster.pid (pg_ctl reads the same lines).
    struct pid_file {
        pid_t process = 0;
        std::string socket_directory;
        std::string status;
    };

    void make_data();
    void launch(clock::time_point deadline);
    bool adopt(clock::time_point deadline);
    void clear_stale_lock_files(clock::time_point deadline);
    void wait_until_ready(clock::time_point deadline);
    void wait_until_gone(clock::time_point deadline);
    bool ensure_database();
    [[nodiscard]] std::optional<pid_file> read_pid_file() const;
    [[nodiscard]] std::vector<std::string> server_arguments() const;
    [[nodiscard]] int open_log() const;
    [[noreturn]] void fail(const std::string& reason) const;

    private_server_options options_;
    server_account account_;
    std::optional<directory_lock> lock_;
    server_place place_;
    std::filesystem::path programs_;
    std::filesystem::path socket_directory_;
    pid_t postmaster_ = 0;
    bool is_child_ = false;
    bool adopted_ = false;
};

}  // namespace teamflow::infra::postgres
