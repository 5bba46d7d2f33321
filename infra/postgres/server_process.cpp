#include "infra/postgres/server_process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace teamflow::infra::postgres {

namespace {

constexpr int cannot_run = 127;

/// From here to exec only async-signal-safe calls are allowed: other threads may hold locks.
bool become(const server_account& account) {
    return !account.handed_over || (setgroups(account.groups.size(), account.groups.data()) == 0 &&
                                    setgid(account.group) == 0 && setuid(account.user) == 0);
}

void restore_signals() {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    for (int number = 1; number < NSIG; ++number) {
        signal(number, SIG_DFL);
    }
}

[[noreturn]] void run_child(
    const server_account& account,
    const child_options& options,
    char* const* arguments,
    pid_t parent
) {
    static std::array<char, 64> path{"PATH=/usr/local/bin:/usr/bin:/bin"};
    static std::array<char, 16> locale{"LC_ALL=C.UTF-8"};
    std::array<char*, 3> environment{path.data(), locale.data(), nullptr};
    restore_signals();
    umask(077);
    const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const bool ready = setsid() >= 0 && null >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
                       dup2(options.output, STDOUT_FILENO) >= 0 &&
                       dup2(options.output, STDERR_FILENO) >= 0 && chdir("/") == 0 &&
                       become(account);
    if (ready && options.dies_with_program) {
        prctl(PR_SET_PDEATHSIG, SIGQUIT);
        if (getppid() != parent) {
            _exit(cannot_run);
        }
    }
    if (ready) {
        execve(arguments[0], arguments, environment.data());
    }
    _exit(cannot_run);
}

}  // namespace

server_account find_server_account() {
    server_account account;
    account.user = geteuid();
    account.group = getegid();
    if (account.user != 0) {
        return account;
    }
    const passwd* const found = getpwnam("postgres");
    if (found == nullptr) {
        throw std::runtime_error(
            "PostgreSQL does not run as root and there is no user 'postgres': install the package "
            "postgresql, or start as another user"
        );
    }
    account.user = found->pw_uid;
    account.group = found->pw_gid;
    account.handed_over = true;
    int count = 64;
    account.groups.resize(static_cast<std::size_t>(count));
    if (getgrouplist(found->pw_name, found->pw_gid, account.groups.data(), &count) < 0) {
        count = 0;
    }
    account.groups.resize(static_cast<std::size_t>(count));
    return account;
}

bool can_enter(const server_account& account, const std::filesystem::path& directory) {
    const std::string path = directory.string();
    const pid_t child = fork();
    if (child == 0) {
        _exit(become(account) && access(path.c_str(), R_OK | X_OK) == 0 ? 0 : 1);
    }
    int status = 1;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

pid_t start_child(const server_account& account, const child_options& options) {
    std::vector<std::string> owned = options.arguments;
    std::vector<char*> arguments;
    arguments.reserve(owned.size() + 1);
    for (std::string& each : owned) {
        arguments.push_back(each.data());
    }
    arguments.push_back(nullptr);
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child == 0) {
        run_child(account, options, arguments.data(), parent);
    }
    if (child < 0) {
        throw std::runtime_error(
            fmt::format("cannot start {}: {}", owned.front(), std::strerror(errno))
        );
    }
    return child;
}

std::optional<int> reap(pid_t child) {
    int status = 0;
    if (waitpid(child, &status, WNOHANG) != child) {
        return std::nullopt;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool is_alive(pid_t process) {
    std::ifstream file(fmt::format("/proc/{}/stat", process));
    std::string line;
    if (!std::getline(file, line)) {
        return false;
    }
    // The name stands in parentheses and may hold any character; the state follows it.
    const std::size_t end = line.rfind(')');
    const char state = end + 2 < line.size() ? line[end + 2] : 'X';
    return state != 'Z' && state != 'X';
}

bool works_in(pid_t process, const std::filesystem::path& directory) {
    std::error_code unreadable;
    const auto at = std::filesystem::read_symlink(fmt::format("/proc/{}/cwd", process), unreadable);
    return !unreadable && at == directory && is_alive(process);
}

bool any_works_in(const std::filesystem::path& directory) {
    std::error_code unreadable;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", unreadable)) {
        const std::string name = entry.path().filename().string();
        if (name.find_first_not_of("0123456789") == std::string::npos &&
            works_in(static_cast<pid_t>(std::stol(name)), directory)) {
            return true;
        }
    }
    return false;
}

}  // namespace teamflow::infra::postgres
