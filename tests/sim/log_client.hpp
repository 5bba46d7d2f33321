#pragma once
// The simulated log as one node has it: an event_log whose packets are lost, late, doubled and out
// of order, whose reports fail, and whose news of others are old.

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "infra/log/event_log.hpp"
#include "infra/log/log_tail.hpp"
#include "tests/sim/archive_store.hpp"
#include "tests/sim/broker.hpp"

namespace teamflow::sim {

class log_client final : public infra::event_log, public std::enable_shared_from_this<log_client> {
public:
    log_client(
        world& around, broker& log, archive_store& archive, boost::asio::any_io_executor executor
    );

    /// Begins to follow the log and the archive. Once.
    void start();

    /// The process does not run: nothing is sent or read until thaw().
    void freeze() { frozen_ = true; }

    void thaw();

    /// The network between this node and the log is cut, or whole again.
    void set_reachable(bool reachable);

    /// The process is dead: what is under way is unknown, and nothing of it is sent any more.
    void cut();

    [[nodiscard]] std::int32_t partitions() const override { return log_.partitions(); }

    infra::task<events::offset> claim(
        events::partition_id partition, events::writer_id writer, std::string address
    ) override;

    void append(infra::append_batch batch, infra::append_done done) override;

    infra::task<std::vector<events::record_ptr>> fetch(
        events::partition_id partition, events::offset from, std::size_t max_records
    ) override;

    infra::task<events::offset> end(events::partition_id partition) override;

    infra::task<events::checkpoint> checkpoint(events::partition_id partition) override;

    [[nodiscard]] events::offset archived(events::partition_id partition) const override {
        return archived_.at(static_cast<std::size_t>(partition));
    }

    void stop() override {}

    [[nodiscard]] infra::log_tail& tail() override { return tail_; }

private:
    /// A batch on its way, in packets.
    struct sending {
        std::vector<packet_ptr> packets;
        std::vector<std::optional<events::offset>> places;
        infra::append_done done;
        std::optional<infra::append_outcome> outcome;
    };

    using sending_ptr = std::shared_ptr<sending>;

    /// One claim's way to the log; everything behind the first failure fails with it.
    struct producer {
        std::uint64_t name = 0;
        events::partition_id partition = 0;
        std::int64_t packets = 0;
        /// When the newest packet of a connection arrives; those behind it come later.
        instant arrives{};
        std::optional<infra::append_status> failed;
        std::deque<sending_ptr> under_way;
    };

    using producer_ptr = std::shared_ptr<producer>;

    producer_ptr open_producer(events::partition_id partition);
    void send(
        const producer_ptr& through,
        std::vector<events::record_ptr> records,
        infra::append_done done
    );
    void transmit(const producer_ptr& through, const sending_ptr& batch, std::size_t which);
    void carry(producer& through, const packet_ptr& sent, on_receipt answer);
    void take(
        const producer_ptr& through, const sending_ptr& batch, std::size_t which, receipt got
    );
    void fail(const producer_ptr& through, infra::append_status how);
    static void report(const producer_ptr& through);
    [[nodiscard]] infra::append_outcome success_of(const sending& batch) const;
    void feed(events::partition_id partition);
    infra::task<> reach();

    world& world_;
    broker& log_;
    archive_store& archive_;
    boost::asio::any_io_executor executor_;
    infra::log_tail tail_;
    bool frozen_ = false;
    bool reachable_ = true;
    bool cut_ = false;
    std::vector<producer_ptr> producers_;
    std::vector<events::offset> archived_;
    std::vector<std::size_t> fed_;
    std::vector<std::move_only_function<void()>> held_;
};

}  // namespace teamflow::sim
