#include "tests/support/log_backend.hpp"

namespace teamflow::tests {

postgres_backend::postgres_backend() {
    infra::postgres_log::create(database_.session(), log_partitions);
}

postgres_backend::~postgres_backend() {
    for (const auto& log : opened_) {
        log->stop();
    }
}

std::shared_ptr<infra::event_log> postgres_backend::open() {
    infra::postgres_log::settings how;
    how.url = database_.url();
    opened_.push_back(database_.run(infra::postgres_log::open(database_.executor(), how)));
    return opened_.back();
}

void postgres_backend::crash() {
    postgres_fixture::server().stop(infra::postgres::stop_mode::immediate);
}

void postgres_backend::come_back() {
    postgres_fixture::server().start();
}

kafka_backend::kafka_backend() {
    // Crashes of these tests are crashes of processes: the page cache survives them.
    const infra::kafka::topic_plan plan{.partitions = log_partitions, .flush_each_record = false};
    infra::kafka_log::create(database_.session(), kafka_.settings(), plan);
}

kafka_backend::~kafka_backend() {
    for (const auto& log : opened_) {
        log->stop();
    }
}

infra::kafka_log::settings kafka_backend::settings() const {
    infra::kafka_log::settings how;
    how.kafka = kafka_.settings();
    how.database_url = database_.url();
    return how;
}

std::shared_ptr<infra::kafka_log> kafka_backend::open_kafka() {
    opened_.push_back(database_.run(infra::kafka_log::open(database_.executor(), settings())));
    return opened_.back();
}

}  // namespace teamflow::tests
