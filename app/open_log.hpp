#pragma once
// The log that the settings name: made, and opened.

#include <memory>
#include <vector>

#include "app/settings.hpp"
#include "infra/kafka/settings.hpp"
#include "infra/log/event_log.hpp"
#include "infra/postgres/session.hpp"

namespace teamflow::infra {
class kafka_log;
}

namespace teamflow::app {

/// How to reach the topic that the settings name.
infra::kafka::settings kafka_settings(const app_settings& settings);

/// Makes the log in a migrated database; harmless when it is there. Blocking. Throws
/// std::runtime_error when another one is there, log_unavailable when Kafka cannot be reached.
void create_log(infra::postgres::session& database, const app_settings& settings);

struct opened_log {
    std::shared_ptr<infra::event_log> log;
    /// The same when it is Kafka, which needs an archiver; else null.
    std::shared_ptr<infra::kafka_log> kafka;
};

/// Opens the log on `executor`; `writers` are the executors of partition writers, thread by thread,
/// and none where nothing is appended. Throws std::runtime_error with what is wrong and what to do.
infra::task<opened_log> open_log(
    boost::asio::any_io_executor executor,
    const app_settings& settings,
    std::vector<boost::asio::any_io_executor> writers = {}
);

}  // namespace teamflow::app
