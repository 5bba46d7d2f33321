#pragma once
// The write side of a process: one writer for each partition, reached from any thread.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/describe/enum.hpp>

#include "commands/writer/partition_writer.hpp"
#include "infra/io_threads.hpp"
#include "infra/latency_table.hpp"

namespace teamflow::commands {

/// How a command came out, for metrics.
enum class command_result : std::uint8_t { done, replayed, refused, unavailable };
BOOST_DESCRIBE_ENUM(command_result, done, replayed, refused, unavailable)

class command_service {
public:
    struct parts {
        infra::event_log& log;
        /// One for each thread of `threads`, used there only.
        std::vector<infra::stream_archive*> archives;
        const infra::clock& clock;
        infra::random_source& random;
        infra::io_threads& threads;
        /// Told on any of `threads` when another process claimed a partition that was assigned
        /// here.
        std::function<void()> displaced = [] {};
    };

    /// `address` is where other nodes reach this process. All parts must outlive the service.
    command_service(const parts& with, std::string address, partition_writer::limits how);

    /// Follows all partitions. Once, any thread.
    void start();

    /// From now on this process should own these partitions: it claims those of them that it does
    /// not own. Others it serves until another process claims them (partition_writer::assign).
    /// After start(), any thread; assignments take effect in order.
    void assign(const std::vector<events::partition_id>& ours);

    /// All of them.
    void assign_all();

    /// Decides a command where its organization's partition lives. From any thread; the caller
    /// resumes on its own executor. See partition_writer::execute.
    infra::task<command_outcome> execute(command_request request);

    /// Refuses new commands, answers what is in flight (at most `limit`), then ends. Blocks; not on
    /// an I/O thread.
    void stop(std::chrono::milliseconds limit);

    [[nodiscard]] std::int32_t partitions() const {
        return static_cast<std::int32_t>(writers_.size());
    }

    [[nodiscard]] const partition_writer& writer(events::partition_id partition) const {
        return *writers_.at(static_cast<std::size_t>(partition));
    }

    /// How long commands took, by name and command_result.
    [[nodiscard]] const infra::latency_table& latencies() const { return latencies_; }

    /// Partitions that are served here now.
    [[nodiscard]] std::int32_t owned() const;

    /// Partitions that are owned here, served or not: an owner whose archive is behind lets
    /// commands wait. From any thread.
    [[nodiscard]] std::vector<events::partition_id> owned_partitions() const;

    /// Partitions that are served here, or by another process whose address is known.
    [[nodiscard]] std::int32_t reachable() const;

    /// Where other processes reach this one.
    [[nodiscard]] const std::string& address() const { return address_; }

private:
    std::string address_;
    std::vector<std::shared_ptr<partition_writer>> writers_;
    infra::latency_table latencies_;
};

}  // namespace teamflow::commands
