#pragma once
// Processes of the private PostgreSQL: under which account, how started, whether alive.

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace teamflow::infra::postgres {

/// PostgreSQL refuses to run as root, so root hands over to the account `postgres`.
struct server_account {
    uid_t user = 0;
    gid_t group = 0;
    std::vector<gid_t> groups;
    /// The program itself runs as root.
    bool handed_over = false;
};

/// The account for this program. Errors: std::runtime_error if root finds no user `postgres`.
server_account find_server_account();

/// Whether that account may enter `directory`, its parents included.
bool can_enter(const server_account& account, const std::filesystem::path& directory);

struct child_options {
    std::vector<std::string> arguments;  ///< the first is the path of the program
    int output = -1;                     ///< descriptor for its output and errors
    bool dies_with_program = false;      ///< SIGQUIT when the thread that started it ends
};

/// Starts a program as `account` in a session of its own: neither our death nor the terminal's
/// Ctrl-C reaches it. It inherits nothing but `output`. Errors: std::runtime_error.
pid_t start_child(const server_account& account, const child_options& options);

/// The exit status once a child of ours has ended (128 + signal if killed), else nullopt.
std::optional<int> reap(pid_t child);

/// True unless the process is gone or only waits to be reaped.
bool is_alive(pid_t process);

/// Whether the process works in `directory`, as every PostgreSQL process does in its data.
bool works_in(pid_t process, const std::filesystem::path& directory);

/// Whether any process does.
bool any_works_in(const std::filesystem::path& directory);

}  // namespace teamflow::infra::postgres
