#pragma once
// One partition of a log in memory that does everything a real one may do to its writers, one step
// at a time: lose, delay, repeat and reorder records, lose reports or their offsets, cut its tail.

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "events/record.hpp"
#include "infra/log/event_log.hpp"
#include "tests/support/dice.hpp"

namespace teamflow::tests {

/// A batch under way, and after it settled what its producer says of it.
struct batch_report {
    events::epoch reign;
    std::int64_t first_sequence = 0;
    std::int64_t last_sequence = 0;
    infra::append_outcome outcome;
};

class simulated_log {
public:
    using producer_id = std::size_t;

    /// A new producer; what the old ones sent stays under way.
    producer_id add_producer();

    void send_claim(producer_id producer, events::record claim);
    void send(producer_id producer, infra::append_batch batch);

    /// A record arrives: the oldest of a random producer, or with `reorder` any one; with `repeat`
    /// it stays under way too and arrives again.
    void deliver_one(dice& chance, bool reorder, bool repeat);

    /// Somebody else writes to the partition: rubbish, or an event under no epoch.
    void write_foreign(dice& chance);

    /// A record is lost for good.
    void lose_one(dice& chance);

    /// More records become durable and visible.
    void replicate(dice& chance);

    /// A tail that is not durable yet vanishes; its records are lost or sent again.
    void truncate(dice& chance);

    /// The next report of `producer`, in the order of its batches. After one unknown outcome all
    /// later ones are unknown. nullopt: the next batch has no outcome yet. `time_out`: then it is
    /// unknown, whatever became of its records; `forget_offset`: a success comes without offset.
    std::optional<batch_report> report(producer_id producer, bool time_out, bool forget_offset);

    /// Everything under way arrives and is durable; chaos is over.
    void settle(dice& chance);

    [[nodiscard]] std::size_t producers() const { return producers_.size(); }

    /// Records below the durable end, as every reader sees them.
    [[nodiscard]] std::span<const events::record_ptr> visible() const {
        return std::span(written_).first(durable_);
    }

private:
    using content = std::shared_ptr<events::record>;

    struct packet {
        producer_id producer;
        content record;
    };

    struct sent_batch {
        std::vector<content> records;
        batch_report report;
    };

    struct producer {
        std::deque<sent_batch> batches;
        bool failed = false;
    };

    void write(const packet& arrived);
    [[nodiscard]] std::optional<infra::append_outcome> outcome_of(const sent_batch& batch) const;

    std::vector<producer> producers_;
    std::vector<packet> under_way_;
    std::vector<events::record_ptr> written_;
    /// What each written record was sent as: two of `written_` may come from one packet.
    std::vector<packet> sources_;
    std::size_t durable_ = 0;
};

}  // namespace teamflow::tests
