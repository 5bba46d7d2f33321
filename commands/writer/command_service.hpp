#pragma once
// The write side of a process: one writer for each partition, reached from any thread.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "commands/writer/partition_writer.hpp"
#include "infra/io_threads.hpp"

namespace teamflow::commands {

class command_service {
public:
    struct parts {
        infra::event_log& log;
        /// One for each thread of `threads`, used there only.
        std::vector<infra::stream_archive*> archives;
        const infra::clock& clock;
        infra::random_source& random;
        infra::io_threads& threads;
    };

    /// `address` is where other nodes reach this process. All parts must outlive the service.
    command_service(parts with, const std::string& address, partition_writer::limits how);

    /// Follows all partitions and claims them. Once, any thread.
    void start();

    /// Decides a command where its organization's partition lives. From any thread; the caller
    /// resumes on its own executor. See partition_writer::execute.
    infra::task<command_outcome> execute(command_request request);

    /// Answers what is in flight (at most `limit`), then ends. Nothing is decided any more.
    infra::task<> stop(std::chrono::milliseconds limit);

    [[nodiscard]] std::int32_t partitions() const {
        return static_cast<std::int32_t>(writers_.size());
    }

    [[nodiscard]] const partition_writer& writer(events::partition_id partition) const {
        return *writers_.at(static_cast<std::size_t>(partition));
    }

    /// Partitions that are served here now.
    [[nodiscard]] std::int32_t owned() const;

private:
    std::vector<std::shared_ptr<partition_writer>> writers_;
};

}  // namespace teamflow::commands
