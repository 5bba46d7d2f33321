#include "infra/app/open_log.hpp"

#include "infra/kafka/kafka_log.hpp"
#include "infra/log/postgres_log.hpp"

namespace teamflow::infra {

kafka::settings kafka_settings(const app_settings& settings) {
    kafka::settings how;
    how.bootstrap = settings.brokers;
    how.topic = settings.topic;
    return how;
}

void create_log(postgres::session& database, const app_settings& settings) {
    if (settings.log == log_backend::postgres) {
        postgres_log::create(database, settings.partitions);
        return;
    }
    kafka::topic_plan plan;
    plan.partitions = settings.partitions;
    plan.flush_single_replica = settings.kafka_flush;
    kafka_log::create(database, kafka_settings(settings), plan);
}

task<opened_log> open_log(
    asio::any_io_executor executor,
    const app_settings& settings,
    std::vector<asio::any_io_executor> writers
) {
    if (settings.log == log_backend::postgres) {
        postgres_log::settings how;
        how.url = settings.postgres_url;
        how.lanes = std::move(writers);
        auto log = co_await postgres_log::open(std::move(executor), std::move(how));
        co_return opened_log{.log = std::move(log), .kafka = nullptr};
    }
    kafka_log::settings how;
    how.kafka = kafka_settings(settings);
    how.database_url = settings.postgres_url;
    auto log = co_await kafka_log::open(std::move(executor), std::move(how));
    co_return opened_log{.log = log, .kafka = log};
}

}  // namespace teamflow::infra
