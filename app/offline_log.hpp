#pragma once
// What `teamflow log copy` and `restore-tail` share: a log on which no program works.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "app/settings.hpp"
#include "events/record.hpp"
#include "infra/kafka/producer.hpp"
#include "infra/postgres/session.hpp"

namespace teamflow::app {

/// What the database says of its log.
struct recorded_log {
    events::uuid id{};
    log_backend backend = log_backend::postgres;
    std::int32_t partitions = 0;
};

/// Throws std::runtime_error when the database holds none.
recorded_log read_recorded_log(infra::postgres::session& database);

/// "postgres" or "kafka".
std::string name_of(log_backend backend);

/// Throws std::runtime_error, which names them, while other programs of ours are connected to this
/// database: writers, archivers, projectors, or a second command of this kind.
void refuse_running_programs(infra::postgres::session& database);

/// Sends records from log_records to the topic, byte for byte as they were first sent there: what
/// makes a message of a record is the same. Of a foreign message, which the archive keeps without
/// its content, an empty one is made. One thread; blocks.
class archive_sender {
public:
    /// `advice` ends the message of every failure. `database` outlives this.
    archive_sender(
        infra::postgres::session& database,
        const infra::kafka::settings& how,
        const recorded_log& log,
        std::string advice
    );

    /// Lets go of what is in flight.
    ~archive_sender();
    archive_sender(const archive_sender&) = delete;
    archive_sender& operator=(const archive_sender&) = delete;

    /// Sends the records behind `after`, the last one of the partition in the topic, up to and with
    /// `end`. Throws std::runtime_error when Kafka does not take them, or not at their offsets;
    /// events::log_gap when the archive lacks one.
    void send(events::partition_id partition, events::offset after, events::offset end);

private:
    void send_batch(
        events::partition_id partition, std::vector<std::shared_ptr<events::record>> batch
    );

    infra::postgres::session& database_;
    std::chrono::milliseconds limit_;
    std::string advice_;
    std::shared_ptr<infra::kafka::producer> to_;
};

}  // namespace teamflow::app
