#pragma once
// One process of the simulated cluster: the real writers of all partitions on an executor and a
// clock of its own, which crashes, freezes and wakes.

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "commands/writer/partition_writer.hpp"
#include "infra/virtual_time.hpp"
#include "tests/sim/archive_store.hpp"
#include "tests/sim/broker.hpp"
#include "tests/sim/feeding.hpp"
#include "tests/sim/log_client.hpp"
#include "tests/sim/projecting.hpp"
#include "tests/support/manual_clock.hpp"

namespace teamflow::sim {

class node {
public:
    using tell = std::move_only_function<void(commands::command_outcome)>;

    /// What all nodes share. All must outlive the node.
    struct surroundings {
        world& around;
        broker& log;
        archive_store& archive;
        std::vector<std::unique_ptr<read_store>>& read_models;
    };

    node(surroundings where, std::size_t number);
    node(const node&) = delete;
    node& operator=(const node&) = delete;
    ~node();

    [[nodiscard]] std::size_t number() const { return number_; }

    [[nodiscard]] bool is_frozen() const { return frozen_; }

    [[nodiscard]] bool is_stopping() const { return stopping_; }

    /// When something is to be done here that nobody else starts; nullopt while frozen.
    [[nodiscard]] std::optional<instant> next() const;

    /// Runs everything that is ready; true when there was anything. Does nothing while frozen.
    bool run();

    /// Membership says so, true or not.
    void assign(events::partition_id partition);
    void release(events::partition_id partition);

    /// A request arrives; `answer` gets what the node says, if it lives to say it.
    void execute(events::partition_id partition, commands::command_request request, tell answer);

    /// What the world does when a node stops in order.
    struct on_stop {
        std::function<void()> left;
        std::function<void()> ended;
    };

    /// Stops in order: takes nothing new, answers what it took (at most `limit` for what the log
    /// has to confirm), leaves the membership and ends. It is a violation when it ends and an
    /// answer is missing. `told` is called from within run().
    void stop(milliseconds limit, on_stop told);

    [[nodiscard]] feeding& feeds() { return *feeds_; }

    void freeze();
    void thaw();

    void set_reachable(bool reachable) { log_->set_reachable(reachable); }

    [[nodiscard]] const commands::writer_counters& counters(events::partition_id partition) const {
        return writers_.at(static_cast<std::size_t>(partition))->counters();
    }

private:
    class local_clock final : public infra::clock {
    public:
        local_clock(const infra::virtual_time& time, milliseconds skew)
            : time_(time), skew_(skew) {}

        [[nodiscard]] events::timestamp now() const override;

    private:
        const infra::virtual_time& time_;
        milliseconds skew_;
    };

    struct life {
        bool over = false;
        /// Commands that it took and has not answered.
        std::size_t under_way = 0;
        /// What a command ended with that should not have ended so.
        std::exception_ptr failure;
    };

    commands::partition_writer::limits draw_limits();
    infra::task<> wind_down(milliseconds limit, on_stop told);
    infra::task<> drained(duration limit);
    infra::task<> stop_writer(
        std::shared_ptr<commands::partition_writer> writer,
        milliseconds limit,
        std::shared_ptr<std::size_t> left
    );
    bool poll();
    void end();
    static infra::task<> answer(
        std::shared_ptr<commands::partition_writer> writer,
        commands::command_request request,
        std::shared_ptr<tell> answer,
        std::shared_ptr<life> at
    );

    world& world_;
    std::size_t number_;
    bool frozen_ = false;
    bool stopping_ = false;
    infra::virtual_time time_;
    boost::asio::io_context context_{1};
    local_clock clock_;
    tests::seeded_random random_;
    std::shared_ptr<log_client> log_;
    archive_view archive_;
    std::vector<std::shared_ptr<commands::partition_writer>> writers_;
    std::vector<std::shared_ptr<projecting>> projectors_;
    std::shared_ptr<feeding> feeds_;
    std::shared_ptr<life> life_ = std::make_shared<life>();
};

}  // namespace teamflow::sim
