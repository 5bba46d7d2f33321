#include "projections/read_position.hpp"

#include <algorithm>

#include <boost/asio/this_coro.hpp>

#include "projections/statements.hpp"

namespace teamflow::projections {

namespace {

constexpr std::string_view anew = " anew";

}  // namespace

std::string progress_notice(
    std::string_view projection, std::span<const events::position> reached
) {
    std::string notice(projection);
    char separator = ' ';
    for (const auto& each : reached) {
        notice += separator;
        notice += to_string(each);
        separator = ',';
    }
    return notice;
}

std::string restart_notice(std::string_view projection) {
    return std::string(projection) + std::string(anew);
}

read_position::place& read_position::at(
    std::string_view projection, events::partition_id partition
) {
    auto found = projections_.find(projection);
    if (found == projections_.end()) {
        found = projections_.emplace(std::string(projection), places{}).first;
    }
    return found->second[partition];
}

void read_position::wake(place& where) {
    const auto end = where.waiting.upper_bound(where.reached);
    for (auto each = where.waiting.begin(); each != end; ++each) {
        if (const auto waiter = each->second.lock()) {
            waiter->signal();
        }
    }
}

void read_position::advance(
    std::string_view projection, std::span<const events::position> reached
) {
    const std::lock_guard lock(mutex_);
    for (const auto& each : reached) {
        place& where = at(projection, each.partition);
        where.known = true;
        if (each.at > where.reached) {
            where.reached = each.at;
            wake(where);
        }
    }
}

void read_position::restore(
    std::string_view projection, std::span<const events::position> reached
) {
    const std::lock_guard lock(mutex_);
    for (const auto& each : reached) {
        place& where = at(projection, each.partition);
        where.known = true;
        where.reached = each.at;
        wake(where);
    }
}

void read_position::forget() {
    const std::lock_guard lock(mutex_);
    for (auto& [projection, partitions] : projections_) {
        forget(partitions);
    }
}

void read_position::forget(places& partitions) {
    for (auto& [partition, where] : partitions) {
        where.known = false;
        where.reached = -1;
    }
}

bool read_position::notice(std::string_view payload) {
    if (payload.ends_with(anew)) {
        const std::lock_guard lock(mutex_);
        const auto found = projections_.find(payload.substr(0, payload.size() - anew.size()));
        if (found != projections_.end()) {
            forget(found->second);
        }
        return true;
    }
    const auto space = payload.find(' ');
    if (space == std::string_view::npos) {
        return false;
    }
    const auto reached = events::parse_positions(payload.substr(space + 1));
    if (!reached) {
        return false;
    }
    advance(payload.substr(0, space), *reached);
    return true;
}

std::optional<events::offset> read_position::reached(
    std::string_view projection, events::partition_id partition
) const {
    const std::lock_guard lock(mutex_);
    const auto found = projections_.find(projection);
    if (found == projections_.end()) {
        return std::nullopt;
    }
    const auto where = found->second.find(partition);
    if (where == found->second.end() || !where->second.known) {
        return std::nullopt;
    }
    return where->second.reached;
}

std::optional<events::offset> read_position::reached_by_all(
    std::span<const std::string> projections, events::partition_id partition
) const {
    std::optional<events::offset> least;
    for (const auto& projection : projections) {
        const auto each = reached(projection, partition);
        if (!each) {
            return std::nullopt;
        }
        least = least ? std::min(*least, *each) : *each;
    }
    return least;
}

/// A waiter's entry, taken out again however the wait ends.
class read_position::place_in_line {
public:
    place_in_line(
        read_position& of,
        std::string_view projection,
        events::position wanted,
        const std::shared_ptr<infra::wakeup>& waiter
    )
        : of_(of) {
        const std::lock_guard lock(of_.mutex_);
        if (of_.waiters_ >= of_.max_waiters_) {
            return;
        }
        ++of_.waiters_;
        place_ = &of_.at(projection, wanted.partition);
        entry_ = place_->waiting.emplace(wanted.at, waiter);
        if (place_->reached >= wanted.at) {
            waiter->signal();
        }
    }

    place_in_line(const place_in_line&) = delete;
    place_in_line& operator=(const place_in_line&) = delete;

    ~place_in_line() {
        if (place_ != nullptr) {
            const std::lock_guard lock(of_.mutex_);
            --of_.waiters_;
            place_->waiting.erase(entry_);
        }
    }

    /// False when the line is full.
    [[nodiscard]] bool stands() const { return place_ != nullptr; }

private:
    read_position& of_;
    place* place_ = nullptr;
    std::multimap<events::offset, std::weak_ptr<infra::wakeup>>::iterator entry_;
};

infra::task<bool> read_position::wait_for_one(
    std::string projection, events::position wanted, std::chrono::steady_clock::time_point deadline
) {
    const auto known = reached(projection, wanted.partition);
    if (known && *known >= wanted.at) {
        co_return true;
    }
    const auto executor = co_await infra::asio::this_coro::executor;
    const auto waiter = std::make_shared<infra::wakeup>(executor);
    const place_in_line mine(*this, projection, wanted, waiter);
    if (!mine.stands()) {
        co_return false;
    }
    const auto left = deadline - std::chrono::steady_clock::now();
    const bool woken = co_await waiter->wait(left);
    co_return woken;
}

infra::task<bool> read_position::wait_for(
    std::vector<std::string> projections,
    std::vector<events::position> positions,
    std::chrono::steady_clock::time_point deadline
) {
    for (const auto& projection : projections) {
        for (const auto& wanted : positions) {
            const bool held = co_await wait_for_one(projection, wanted, deadline);
            if (!held) {
                co_return false;
            }
        }
    }
    co_return true;
}

}  // namespace teamflow::projections
