#pragma once
// One run of the simulator: a cluster, its faults and its clients, all from one seed.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/clients.hpp"
#include "tests/sim/judge.hpp"
#include "tests/sim/node.hpp"
#include "tests/sim/office.hpp"

namespace teamflow::sim {

struct run_options {
    std::uint64_t seed = 1;
    std::size_t commands = 60;
    /// Every note of the trace to standard output.
    bool print = false;
};

/// What a run was; how much of each thing, so that a test can tell a check that saw nothing.
struct run_result {
    std::optional<std::string> found;
    std::uint64_t hash = 0;
    std::string faults;
    std::size_t attempts = 0;
    std::size_t commits = 0;
    std::int64_t ghosts = 0;
    std::size_t rows = 0;
    std::size_t crashes = 0;
    std::size_t freezes = 0;
    std::size_t stops = 0;
    std::size_t heard = 0;
    std::size_t resumptions = 0;
    std::chrono::milliseconds simulated{0};
};

/// Runs a seed: a phase with faults, then one on a healed core in which every command must be
/// answered and everybody catch up; then the judgement.
run_result run_simulation(const run_options& how);

}  // namespace teamflow::sim
