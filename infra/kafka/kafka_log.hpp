#pragma once
// The log on Kafka: one topic, with log_records in PostgreSQL as its archive.

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "infra/kafka/blocking_thread.hpp"
#include "infra/kafka/catch_up.hpp"
#include "infra/kafka/producer.hpp"
#include "infra/kafka/tail_follower.hpp"
#include "infra/kafka/topic.hpp"
#include "infra/log/event_log.hpp"
#include "infra/log/log_tail.hpp"
#include "infra/postgres/pool.hpp"
#include "infra/postgres/session.hpp"

namespace teamflow::infra {

/// Separate librdkafka instances produce, follow the tail, and read ranges on demand, each on a
/// thread of its own; what is asked of PostgreSQL runs on `executor` alone. A writer's records go
/// through the producer that its last claim got. When that producer ends (any report that is not a
/// success), all outcomes under way are unknown, and the next claim gets a new one. To be stopped
/// before the last reference goes.
class kafka_log final : public event_log, public std::enable_shared_from_this<kafka_log> {
public:
    struct settings {
        kafka::settings kafka;
        std::string database_url;
        std::size_t tail_bytes_per_partition = std::size_t{4} << 20U;
        std::size_t fetch_bytes_max = std::size_t{16} << 20U;
        kafka::producer::limits in_flight;
        /// How long appends under way may take at stop().
        std::chrono::milliseconds last_appends{1000};
    };

    /// Opens the log that create() made. Throws log_unavailable when Kafka cannot be reached,
    /// postgres_error when the database cannot, std::runtime_error when either holds another log.
    /// A topic that lacks archived records is opened all the same, see trouble().
    static task<std::shared_ptr<kafka_log>> open(asio::any_io_executor executor, settings how);

    /// Makes the topic and its place in a migrated database; does nothing when both are there.
    /// Blocks. Throws as open().
    static void create(
        postgres::session& database, const kafka::settings& how, const kafka::topic_plan& plan
    );

    ~kafka_log() override;

    [[nodiscard]] std::int32_t partitions() const override { return partitions_; }

    task<events::offset> claim(
        events::partition_id partition, events::writer_id writer, std::string address
    ) override;

    void append(append_batch batch, append_done done) override;

    task<std::vector<events::record_ptr>> fetch(
        events::partition_id partition, events::offset from, std::size_t max_records
    ) override;

    /// Asks the partition's leader: reads up to the end.
    task<events::offset> end(events::partition_id partition) override;

    /// One question to Kafka answers all who asked before it was put.
    task<std::vector<events::offset>> ends() override;

    task<events::checkpoint> checkpoint(events::partition_id partition) override;

    [[nodiscard]] events::offset archived(events::partition_id partition) const override;

    [[nodiscard]] log_tail& tail() override { return tail_; }

    /// The archiver of this process moved on; archivers elsewhere are noticed within a second.
    void note_archived(events::partition_id partition, events::offset at);

    /// Partitions whose newest claim, as far as it is archived, names this address. On any
    /// executor; throws log_unavailable.
    task<std::vector<events::partition_id>> claimed_by(std::string address);

    /// The topic lacks records that the archive has, or has others there; empty when it does not.
    /// Then claims throw log_truncated and appends have no effect.
    [[nodiscard]] std::string truncated() const;

    /// Which record of the topic cannot be read, see tail_follower::damaged(); empty when all can.
    [[nodiscard]] std::string damaged() const;

    /// False while no broker answers.
    [[nodiscard]] bool reachable() const;

    /// Ends all threads and instances; appends under way get their outcome first, at most for
    /// `last_appends`, and what reads is refused. Blocks, at most for that and the close_timeout;
    /// not on an I/O thread that outcomes are handed over to. Harmless when stopped.
    void stop() override;

private:
    using self_ptr = std::shared_ptr<kafka_log>;

    struct claimed;

    struct seen_end {
        events::offset at = -1;
        std::chrono::steady_clock::time_point since;
    };

    kafka_log(
        asio::any_io_executor executor, settings how, std::int32_t partitions, std::string source
    );

    static task<> verify(self_ptr self);
    static task<> follow_archive(self_ptr self);
    task<> read_checkpoints();
    std::shared_ptr<kafka::producer> producer_for_claim(events::partition_id partition);
    std::shared_ptr<kafka::producer> producer_of(events::partition_id partition);
    task<events::offset> find_claim(
        events::partition_id partition, events::offset from, events::writer_id writer
    );
    static task<std::vector<events::record_ptr>> fetch_archived(
        self_ptr self, events::partition_id partition, events::offset from, std::size_t max_records
    );
    static task<std::vector<events::record_ptr>> fetch_newer(
        self_ptr self, events::partition_id partition, events::offset from, std::size_t max_records
    );
    [[nodiscard]] events::offset settled(events::partition_id partition, events::offset end) const;
    static task<events::offset> end_here(
        self_ptr self, events::partition_id partition, std::chrono::steady_clock::time_point asked
    );
    static task<std::vector<events::offset>> ends_here(
        self_ptr self, std::chrono::steady_clock::time_point asked
    );
    static task<events::checkpoint> checkpoint_here(self_ptr self, events::partition_id partition);
    static task<std::vector<events::partition_id>> claimed_by_here(
        self_ptr self, std::string address
    );
    void set_truncated(std::string what);
    [[nodiscard]] bool is_truncated() const;

    asio::any_io_executor executor_;
    settings settings_;
    std::int32_t partitions_;
    std::string source_;
    log_tail tail_;
    postgres::pool database_;
    std::shared_ptr<wakeup> stopping_;
    std::atomic<bool> stopped_ = false;
    std::vector<std::atomic<events::offset>> archived_;
    /// Its one thread owns what follows.
    kafka::blocking_thread reading_;
    kafka::catch_up catch_up_;
    /// Those who asked before somebody looked share what was seen.
    std::vector<seen_end> ends_;

    mutable std::mutex mutex_;
    std::string truncated_;
    std::unique_ptr<kafka::tail_follower> follower_;
    std::shared_ptr<kafka::producer> newest_;
    std::vector<std::shared_ptr<kafka::producer>> by_partition_;
    std::vector<std::weak_ptr<kafka::producer>> ended_;
};

}  // namespace teamflow::infra
