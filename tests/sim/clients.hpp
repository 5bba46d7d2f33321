#pragma once
// The clients of the simulated cluster: they send commands to any node, wait, and send again.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/history.hpp"
#include "tests/sim/node.hpp"
#include "tests/sim/office.hpp"

namespace teamflow::sim {

class clients {
public:
    /// `pick` gives some node, or nullptr when what was picked does not run.
    clients(
        world& around, history& book, std::vector<office>& offices, std::function<node*()> pick
    );

    /// Begins `commands` operations, one after the other; each goes on until it is answered.
    void start(std::size_t commands);

    /// Operations that were begun or are still to begin, and have no answer.
    [[nodiscard]] std::size_t open() const { return unfinished_; }

    /// What waits for an answer, in words.
    [[nodiscard]] std::string open_list() const;

    struct operation {
        std::uint64_t number = 0;
        office* at = nullptr;
        std::optional<std::string> key;
        office::draft draft;
        std::uint64_t newest_attempt = 0;
        std::size_t tries = 0;
        bool finished = false;
    };

    using operation_ptr = std::shared_ptr<operation>;

    [[nodiscard]] const std::vector<operation_ptr>& operations() const { return operations_; }

private:
    void begin_next(std::size_t left);
    void send(const operation_ptr& what);
    void deliver(const operation_ptr& what, std::uint64_t attempt);
    void receive(
        const operation_ptr& what, std::uint64_t attempt, commands::command_outcome outcome
    );
    void wait(const operation_ptr& what, std::uint64_t attempt);
    void send_again(const operation_ptr& what);
    void finish(const operation_ptr& what);

    world& world_;
    history& history_;
    std::vector<office>& offices_;
    std::function<node*()> pick_;
    std::vector<operation_ptr> operations_;
    std::size_t unfinished_ = 0;
};

}  // namespace teamflow::sim
