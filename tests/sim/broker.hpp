#pragma once
// What keeps the simulated log: partitions with records that are written, and later durable, or
// lost in a crash before that.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "events/record.hpp"
#include "tests/sim/world.hpp"

namespace teamflow::sim {

/// What travels as one: consecutive records of one producer.
struct packet {
    std::uint64_t producer = 0;
    /// Of the producer's packets, from 0.
    std::int64_t number = 0;
    std::vector<events::record_ptr> records;
};

using packet_ptr = std::shared_ptr<const packet>;

/// What the log says of a packet: where its last record lies, durably; or that it was refused.
struct receipt {
    events::offset last = -1;
    bool fenced = false;
};

using on_receipt = std::move_only_function<void(receipt)>;

class broker {
public:
    broker(world& around, std::int32_t partitions);

    [[nodiscard]] std::int32_t partitions() const {
        return static_cast<std::int32_t>(partitions_.size());
    }

    /// Puts records there as they stand, durable from the start.
    void found(events::partition_id partition, const std::vector<events::record_ptr>& records);

    /// A packet arrives. `answer` may never be called, and is called at most once, when all of it
    /// is durable.
    void receive(events::partition_id partition, const packet_ptr& arrived, on_receipt answer);

    /// Somebody else writes rubbish.
    void write_foreign(events::partition_id partition);

    /// The partition's leader crashes and another one takes over a while later; what was not
    /// durable is damaged, mostly.
    void crash(events::partition_id partition);

    /// Every durable record, as readers see them.
    [[nodiscard]] std::span<const events::record_ptr> visible(events::partition_id partition) const;

    [[nodiscard]] events::offset durable_end(events::partition_id partition) const {
        return static_cast<events::offset>(at(partition).durable) - 1;
    }

    /// Nothing is written that is not durable.
    [[nodiscard]] bool is_settled() const;

    /// Called whenever more became durable.
    void follow(std::function<void(events::partition_id)> follower) {
        followers_.push_back(std::move(follower));
    }

private:
    struct pending_receipt {
        events::offset last;
        on_receipt answer;
    };

    struct source {
        std::uint64_t producer;
        std::int64_t number;
    };

    struct partition_state {
        std::vector<events::record_ptr> written;
        std::vector<source> sources;
        std::size_t durable = 0;
        bool down = false;
        events::epoch reign;
        std::vector<pending_receipt> pending;
    };

    [[nodiscard]] const partition_state& at(events::partition_id partition) const {
        return partitions_.at(static_cast<std::size_t>(partition));
    }

    void write(
        events::partition_id partition,
        const packet& arrived,
        std::size_t records,
        on_receipt answer
    );
    void append(partition_state& to, const events::record_ptr& content, source from);
    void make_durable(events::partition_id partition, std::size_t records);
    void truncate(events::partition_id partition, std::size_t records);
    static std::optional<events::offset> place_of(const partition_state& in, const packet& known);
    static std::int64_t next_number(const partition_state& in, std::uint64_t producer);

    world& world_;
    std::vector<partition_state> partitions_;
    std::vector<std::function<void(events::partition_id)>> followers_;
};

}  // namespace teamflow::sim
