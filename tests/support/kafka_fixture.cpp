#include "tests/support/kafka_fixture.hpp"

#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/temporary_directory.hpp"

namespace teamflow::tests {

namespace {

/// Ends the broker when this process does: a shell of its own session waits for the end of a pipe
/// that only this process holds, so that even kill -9 of the tests leaves no broker behind.
class broker_guard {
public:
    explicit broker_guard(const std::string& stop_command) {
        std::array<int, 2> ends{};
        if (pipe2(ends.data(), O_CLOEXEC) != 0) {
            throw std::runtime_error("no pipe");
        }
        kept_open_ = ends[1];
        posix_spawn_file_actions_t actions{};
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
        posix_spawnattr_t attributes{};
        posix_spawnattr_init(&attributes);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
        std::string script = "read -r line; " + stop_command;
        std::string shell = "sh";
        std::string option = "-c";
        std::array<char*, 4> arguments = {shell.data(), option.data(), script.data(), nullptr};
        const int failure =
            posix_spawnp(&guard_, "sh", &actions, &attributes, arguments.data(), environ);
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
        close(ends[0]);
        if (failure != 0) {
            throw std::runtime_error("the broker's guard cannot be started");
        }
    }

    ~broker_guard() {
        close(kept_open_);
        waitpid(guard_, nullptr, 0);
    }

    broker_guard(const broker_guard&) = delete;
    broker_guard& operator=(const broker_guard&) = delete;

private:
    int kept_open_ = -1;
    pid_t guard_ = -1;
};

std::string kafka_command(const std::string& verb, const std::filesystem::path& directory) {
    return fmt::format(
        "'{}/dev' kafka {} --dir '{}' 2>&1", TEAMFLOW_ROOT_DIR, verb, directory.string()
    );
}

struct broker {
    broker() : guard(kafka_command("stop --force", directory.path()) + " >/dev/null") { start(); }

    void start() {
        const auto said =
            run_command(kafka_command("start --port 0 --nodes 1 --heap 256", directory.path()));
        constexpr std::string_view name = "bootstrap=";
        const std::size_t at = said.rfind(name);
        if (at == std::string::npos) {
            throw std::runtime_error("kafka did not start: " + said);
        }
        bootstrap = said.substr(at + name.size());
        bootstrap.erase(bootstrap.find_last_not_of('\n') + 1);
    }

    void signal(int number) const {
        pid_t pid = 0;
        std::ifstream(directory.path() / "node-1" / "pid") >> pid;
        if (pid <= 1 || kill(pid, number) != 0) {
            throw std::runtime_error("the broker does not run");
        }
    }

    temporary_directory directory;
    broker_guard guard;
    std::string bootstrap;
};

broker& shared_broker() {
    static broker shared;
    return shared;
}

}  // namespace

std::string run_command(const std::string& command) {
    FILE* const raw = popen(command.c_str(), "re");
    if (raw == nullptr) {
        throw std::runtime_error("cannot run " + command);
    }
    std::string said;
    std::array<char, 4096> buffer{};
    std::size_t count = 0;
    while ((count = fread(buffer.data(), 1, buffer.size(), raw)) > 0) {
        said.append(buffer.data(), count);
    }
    if (pclose(raw) != 0) {
        throw std::runtime_error(command + " failed: " + said);
    }
    return said;
}

kafka_fixture::kafka_fixture() {
    static int count = 0;
    shared_broker();
    topic_ = fmt::format("test-{}", ++count);
}

const std::string& kafka_fixture::bootstrap() {
    return shared_broker().bootstrap;
}

infra::kafka::settings kafka_fixture::settings() const {
    infra::kafka::settings how;
    how.bootstrap = bootstrap();
    how.topic = topic_;
    how.truncation_patience = std::chrono::seconds(1);
    return how;
}

void kafka_fixture::kill_broker() {
    run_command(kafka_command("stop --force", shared_broker().directory.path()));
}

void kafka_fixture::stop_broker() {
    run_command(kafka_command("stop", shared_broker().directory.path()));
}

std::filesystem::path kafka_fixture::first_segment(int partition) const {
    return shared_broker().directory.path() / "node-1" / "data" /
           fmt::format("{}-{}", topic_, partition) / "00000000000000000000.log";
}

void kafka_fixture::start_broker() {
    shared_broker().start();
}

void kafka_fixture::pause_broker() {
    shared_broker().signal(SIGSTOP);
}

void kafka_fixture::resume_broker() {
    shared_broker().signal(SIGCONT);
}

}  // namespace teamflow::tests
