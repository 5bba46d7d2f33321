#pragma once
// How far each projection has read, as far as this process knows; queries wait here (Min-Position).

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events/record.hpp"
#include "infra/asio.hpp"
#include "infra/wakeup.hpp"

namespace teamflow::projections {

/// Fed by the projectors of this process and by notices of other processes; whichever comes first.
/// Thread-safe.
class read_position {
public:
    explicit read_position(std::size_t max_waiters = 10'000) : max_waiters_(max_waiters) {}

    /// A batch up to `reached` is visible. Older news than what is known changes nothing.
    void advance(std::string_view projection, std::span<const events::position> reached);

    /// What the database says now, also when that is less than what was known: after a crash of
    /// the database, or when a build began.
    void restore(std::string_view projection, std::span<const events::position> reached);

    /// Nothing is known of any projection any more, until it is told anew.
    void forget();

    /// Takes the payload of a notice on progress_channel; one that does not read is ignored and
    /// false.
    bool notice(std::string_view payload);

    /// Up to where the projection has read that partition; nullopt when nothing is known.
    [[nodiscard]] std::optional<events::offset> reached(
        std::string_view projection, events::partition_id partition
    ) const;

    /// Up to where all of these projections have read that partition: what a query over their
    /// tables may promise. nullopt when nothing is known of one of them.
    [[nodiscard]] std::optional<events::offset> reached_by_all(
        std::span<const std::string> projections, events::partition_id partition
    ) const;

    /// Waits until each projection has read each position, and returns true; false once the
    /// deadline has passed or too many wait already.
    infra::task<bool> wait_for(
        std::vector<std::string> projections,
        std::vector<events::position> positions,
        std::chrono::steady_clock::time_point deadline
    );

private:
    struct place {
        events::offset reached = -1;
        bool known = false;
        std::multimap<events::offset, std::weak_ptr<infra::wakeup>> waiting;
    };

    using places = std::map<events::partition_id, place>;

    /// The place, made when it is new. The mutex must be held.
    place& at(std::string_view projection, events::partition_id partition);
    static void wake(place& where);
    static void forget(places& partitions);
    class place_in_line;

    infra::task<bool> wait_for_one(
        std::string projection,
        events::position wanted,
        std::chrono::steady_clock::time_point deadline
    );

    std::size_t max_waiters_;
    mutable std::mutex mutex_;
    std::map<std::string, places, std::less<>> projections_;
    std::size_t waiters_ = 0;
};

}  // namespace teamflow::projections
