#pragma once
// The two logs behind one face, for test cases that hold for both.

#include <memory>
#include <string>
#include <vector>

#include "infra/kafka/archiver.hpp"
#include "infra/kafka/kafka_log.hpp"
#include "infra/log/postgres_log.hpp"
#include "tests/support/kafka_fixture.hpp"
#include "tests/support/postgres_fixture.hpp"

namespace teamflow::tests {

inline constexpr std::int32_t log_partitions = 3;

/// A new log of its own in PostgreSQL.
class postgres_backend {
public:
    postgres_backend();
    ~postgres_backend();
    postgres_backend(const postgres_backend&) = delete;
    postgres_backend& operator=(const postgres_backend&) = delete;

    /// The log as another process would open it.
    std::shared_ptr<infra::event_log> open();

    /// A crash of what keeps the log; acknowledged records are promised to survive it.
    void crash();
    void come_back();

    postgres_fixture& database() { return database_; }

    /// A fenced append is refused as such, and leaves nothing behind.
    static constexpr bool knows_the_fence = true;

private:
    postgres_fixture database_;
    std::vector<std::shared_ptr<infra::postgres_log>> opened_;
};

/// A new topic, with an archive of its own.
class kafka_backend {
public:
    kafka_backend();
    ~kafka_backend();
    kafka_backend(const kafka_backend&) = delete;
    kafka_backend& operator=(const kafka_backend&) = delete;

    std::shared_ptr<infra::event_log> open() { return open_kafka(); }

    std::shared_ptr<infra::kafka_log> open_kafka();

    [[nodiscard]] const kafka_fixture& topic() const { return kafka_; }

    static void crash() { kafka_fixture::kill_broker(); }

    static void come_back() { kafka_fixture::start_broker(); }

    postgres_fixture& database() { return database_; }

    [[nodiscard]] infra::kafka_log::settings settings() const;

    static constexpr bool knows_the_fence = false;

private:
    kafka_fixture kafka_;
    postgres_fixture database_;
    std::vector<std::shared_ptr<infra::kafka_log>> opened_;
};

}  // namespace teamflow::tests
