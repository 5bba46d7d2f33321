#pragma once
// A real Kafka broker for the test process, and a topic name of its own for each test case.

#include <filesystem>
#include <string>

#include "infra/kafka/settings.hpp"

namespace teamflow::tests {

/// Starts one broker a process through `./dev kafka`, on first use; it ends with the process,
/// however that ends. Throws std::runtime_error if it does not start.
class kafka_fixture {
public:
    /// A new topic name; the topic itself is not made.
    kafka_fixture();

    [[nodiscard]] static const std::string& bootstrap();

    [[nodiscard]] infra::kafka::settings settings() const;

    /// kill -9 of the broker. Start it again before the end of the test case.
    static void kill_broker();

    /// Starts the broker again with its data and port; returns when it serves.
    static void start_broker();

    /// Ends the broker in good order: it reads its files as they are when it starts again.
    static void stop_broker();

    /// The file with the first records of a partition of this topic, while the broker is stopped.
    [[nodiscard]] std::filesystem::path first_segment(int partition) const;

    /// SIGSTOP and SIGCONT.
    static void pause_broker();
    static void resume_broker();

private:
    std::string topic_;
};

/// Runs a shell command to its end and gives what it wrote to stdout. Throws std::runtime_error
/// with that text if it failed.
std::string run_command(const std::string& command);

}  // namespace teamflow::tests
