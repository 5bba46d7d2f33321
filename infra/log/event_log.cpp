#include "infra/log/event_log.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <boost/asio/this_coro.hpp>

#include "infra/log/log_tail.hpp"

namespace teamflow::infra {

namespace {

constexpr std::chrono::milliseconds archive_poll{20};

}  // namespace

record_too_large::record_too_large(events::partition_id partition, std::size_t bytes)
    : std::length_error(fmt::format(
          "a record for partition {} has {} bytes; the log takes at most {}",
          partition,
          bytes,
          max_record_bytes
      )) {}

task<std::vector<events::offset>> event_log::ends() {
    std::vector<events::offset> found;
    for (events::partition_id partition = 0; partition < partitions(); ++partition) {
        const auto last = co_await end(partition);
        found.push_back(last);
    }
    co_return found;
}

task<std::vector<events::position>> ends_of(
    event_log& log, std::vector<events::partition_id> partitions
) {
    std::vector<events::position> found;
    found.reserve(partitions.size());
    if (partitions.size() == 1) {
        const auto last = co_await log.end(partitions.front());
        found.push_back({partitions.front(), last});
        co_return found;
    }
    const auto all = co_await log.ends();
    for (const auto partition : partitions) {
        found.push_back({partition, all.at(static_cast<std::size_t>(partition))});
    }
    co_return found;
}

task<bool> await_archived(
    const event_log& log, std::vector<events::position> places, steady_clock::duration limit
) {
    const auto is_archived = [&log](const events::position& place) {
        return log.archived(place.partition) >= place.at;
    };
    const auto deadline = steady_clock::now() + limit;
    const auto executor = co_await asio::this_coro::executor;
    steady_timer pause(executor);
    while (!std::ranges::all_of(places, is_archived)) {
        if (steady_clock::now() > deadline) {
            co_return false;
        }
        pause.expires_after(archive_poll);
        co_await pause.async_wait(asio::use_awaitable);
    }
    co_return true;
}

void check_sizes(const append_batch& batch) {
    for (const auto& record : batch.records) {
        const std::size_t bytes = footprint(*record);
        if (bytes > max_record_bytes) {
            throw record_too_large(batch.partition, bytes);
        }
    }
}

}  // namespace teamflow::infra
