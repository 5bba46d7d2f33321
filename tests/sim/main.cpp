// The simulator: runs seeds and says what it found, with the way to see it again.

#include <charconv>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/wait.h>
#include <unistd.h>

#include "infra/failpoint.hpp"
#include "tests/sim/simulation.hpp"

namespace {

using namespace teamflow::sim;

struct plan {
    std::uint64_t first = 1;
    std::uint64_t last = 1;
    std::size_t commands = 60;
    std::size_t processes = 1;
    bool print = false;
    bool list = false;
    bool until_found = false;
};

bool parse_seeds(const std::string& text, plan& into) {
    const auto dots = text.find("..");
    const auto from = text.substr(0, dots);
    const auto to = dots == std::string::npos ? from : text.substr(dots + 2);
    const auto number = [](const std::string& digits, std::uint64_t& out) {
        const auto [end, failure] =
            std::from_chars(digits.data(), digits.data() + digits.size(), out);
        return failure == std::errc() && end == digits.data() + digits.size();
    };
    return number(from, into.first) && number(to, into.last) && into.first <= into.last;
}

/// Every `stride`-th seed from `begin` on; how many failed.
std::size_t run_seeds(const plan& what, std::uint64_t begin, std::uint64_t stride) {
    std::size_t failures = 0;
    for (std::uint64_t seed = begin; seed <= what.last; seed += stride) {
        const auto result =
            run_simulation({.seed = seed, .commands = what.commands, .print = what.print});
        if (what.list || result.found) {
            fmt::print(
                "seed {} {:016x}: {} attempts, {} commits, {} ghosts, {} rows, {} crashes, {} "
                "freezes, {} stops, {} events heard, {} resumptions, {} ms; {}\n",
                seed,
                result.hash,
                result.attempts,
                result.commits,
                result.ghosts,
                result.rows,
                result.crashes,
                result.freezes,
                result.stops,
                result.heard,
                result.resumptions,
                result.simulated.count(),
                result.faults
            );
        }
        if (result.found) {
            ++failures;
            fmt::print(
                "seed {} FAILED: {}\nto see it again: simulator --seeds {} --commands {} --print\n",
                seed,
                *result.found,
                seed,
                what.commands
            );
        }
        std::fflush(stdout);
        if (result.found && what.until_found) {
            break;
        }
    }
    return failures;
}

/// The exit code of the sum: 1 when a process found something or died.
int run_processes(const plan& what) {
    std::vector<pid_t> children;
    for (std::size_t i = 0; i < what.processes; ++i) {
        const pid_t child = fork();
        if (child == 0) {
            _exit(run_seeds(what, what.first + i, what.processes) == 0 ? 0 : 1);
        }
        children.push_back(child);
    }
    int code = 0;
    for (const pid_t child : children) {
        int status = 0;
        waitpid(child, &status, 0);
        code = WIFEXITED(status) && WEXITSTATUS(status) == 0 ? code : 1;
    }
    return code;
}

}  // namespace

int main(int argc, char** argv) {
    plan what;
    std::string seeds = "1";
    CLI::App app("Runs the cluster in virtual time, with faults, from seeds");
    app.add_option("--seeds", seeds, "one seed, or FIRST..LAST")->capture_default_str();
    app.add_option("--commands", what.commands, "commands of a run")->capture_default_str();
    app.add_option("--processes", what.processes, "seeds are shared among so many processes");
    app.add_flag("--print", what.print, "print everything that happens");
    app.add_flag("--list", what.list, "print a line for each seed, not only for those that fail");
    app.add_flag("--until-found", what.until_found, "stop at the first finding");
    std::string without;
    app.add_option("--without", without, "break a rule: sequence, read_back, density or feed_join");
    CLI11_PARSE(app, argc, argv);
    if (!parse_seeds(seeds, what)) {
        fmt::print(stderr, "--seeds takes a number, or FIRST..LAST\n");
        return 2;
    }
    spdlog::set_level(what.print ? spdlog::level::debug : spdlog::level::off);
    if (!without.empty()) {
        setenv("BROKEN_RULES", without.c_str(), 1);
    }
    teamflow::infra::break_named_rules();
    const int code =
        what.processes > 1 ? run_processes(what) : (run_seeds(what, what.first, 1) == 0 ? 0 : 1);
    fmt::print(
        "{} seeds: {}\n", what.last - what.first + 1, code == 0 ? "nothing found" : "FAILED"
    );
    return code;
}
