#pragma once
// The write side of a gateway on Kafka, as one process among several has it.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/use_future.hpp>

#include "commands/writer/command_service.hpp"
#include "infra/kafka/archiver.hpp"
#include "infra/kafka/kafka_log.hpp"
#include "infra/kafka/membership.hpp"
#include "infra/log/archive.hpp"

namespace teamflow::tests {

/// Fills the archive, as a projector does. Ends with this object.
class kafka_archiving {
public:
    explicit kafka_archiving(const infra::kafka_log::settings& how);
    ~kafka_archiving();
    kafka_archiving(const kafka_archiving&) = delete;
    kafka_archiving& operator=(const kafka_archiving&) = delete;

private:
    infra::io_threads threads_{1};
    std::shared_ptr<infra::kafka_log> log_;
    std::shared_ptr<infra::archiver> work_;
};

/// Has threads, a log and writers of its own. Owns nothing until it is assigned something.
class kafka_gateway {
public:
    kafka_gateway(const infra::kafka_log::settings& how, std::string address);
    ~kafka_gateway();
    kafka_gateway(const kafka_gateway&) = delete;
    kafka_gateway& operator=(const kafka_gateway&) = delete;

    /// Owns what the group assigns from now on.
    void join(infra::kafka::membership::options as);

    /// Ends in good order: in-flight commands are answered, then the group is left.
    void stop();

    /// Makes an organization, which is a command of its partition.
    commands::command_outcome make_organization(events::organization_id organization);

    /// Makes a project there, which only an organization takes that is there.
    commands::command_outcome make_project(events::organization_id organization);

    [[nodiscard]] bool owns(events::partition_id partition) const {
        return service_->writer(partition).counters().owning.load();
    }

    [[nodiscard]] std::uint64_t claims(events::partition_id partition) const {
        return service_->writer(partition).counters().claims.load();
    }

    [[nodiscard]] int displacements() const { return displacements_.load(); }

    commands::command_service& service() { return *service_; }

    infra::kafka_log& log() { return *log_; }

    /// Runs it on a thread of the gateway.
    template <class T>
    T run(infra::task<T> work) {
        return boost::asio::co_spawn(threads_.at(0), std::move(work), boost::asio::use_future)
            .get();
    }

private:
    std::string address_;
    infra::system_clock clock_;
    infra::system_random random_;
    infra::io_threads threads_{1};
    std::atomic<int> displacements_ = 0;
    std::shared_ptr<infra::kafka_log> log_;
    std::optional<infra::postgres::pool> pool_;
    std::optional<infra::archive> archive_;
    std::unique_ptr<commands::command_service> service_;
    std::shared_ptr<infra::kafka::membership> seat_;
    infra::kafka::settings kafka_;
};

/// The `number`th organization of a partition, of so many partitions.
events::organization_id organization_of(
    events::partition_id partition, std::int32_t partitions, std::uint64_t number
);

/// Waits for a condition; false when it does not hold in time.
bool becomes(const std::function<bool()>& holds);

}  // namespace teamflow::tests
