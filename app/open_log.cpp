#include "app/open_log.hpp"

#include "infra/kafka/kafka_log.hpp"
#include "infra/log/postgres_log.hpp"

namespace teamflow::app {

infra::kafka::settings kafka_settings(const app_settings& settings) {
    infra::kafka::settings how;
    how.bootstrap = settings.brokers;
    how.topic = settings.topic;
    return how;
}

void create_log(infra::postgres::session& database, const app_settings& settings) {
    if (settings.log == log_backend::postgres) {
        infra::postgres_log::create(database, settings.partitions);
        return;
    }
    infra::kafka::topic_plan plan;
    plan.partitions = settings.partitions;
    plan.replicas = settings.replicas;
    plan.flush_each_record = settings.kafka_flush;
    infra::kafka_log::create(database, kafka_settings(settings), plan);
}

infra::task<opened_log> open_log(
    boost::asio::any_io_executor executor,
    const app_settings& settings,
    std::vector<boost::asio::any_io_executor> writers
) {
    if (settings.log == log_backend::postgres) {
        infra::postgres_log::settings how;
        how.url = settings.postgres_url;
        how.lanes = std::move(writers);
        auto log = co_await infra::postgres_log::open(std::move(executor), std::move(how));
        co_return opened_log{.log = std::move(log), .kafka = nullptr};
    }
    infra::kafka_log::settings how;
    how.kafka = kafka_settings(settings);
    how.database_url = settings.postgres_url;
    auto log = co_await infra::kafka_log::open(std::move(executor), std::move(how));
    co_return opened_log{.log = log, .kafka = log};
}

}  // namespace teamflow::app
