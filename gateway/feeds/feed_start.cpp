#include "gateway/feeds/feed_start.hpp"

#include <algorithm>

#include <boost/asio/this_coro.hpp>

#include "gateway/http/handler.hpp"
#include "infra/steady_timer.hpp"

namespace teamflow::gateway {

namespace asio = infra::asio;

namespace {

constexpr std::chrono::milliseconds poll_pause{20};

task<events::offset> log_end(infra::event_log& log, events::partition_id partition) {
    std::vector<events::partition_id> only(1, partition);
    const auto ends = co_await log_ends(log, std::move(only));
    co_return ends.front().at;
}

}  // namespace

std::expected<std::vector<events::position>, problem> read_positions(
    std::string_view text, const call& under_way
) {
    auto positions = events::parse_positions(text);
    const auto partitions = under_way.with.log.partitions();
    const auto exists = [&](const events::position& place) { return place.partition < partitions; };
    if (!positions || !std::ranges::all_of(*positions, exists)) {
        return std::unexpected(make_problem(
            "bad_position", "a position must be a list such as 3@120,7@44 of existing partitions"
        ));
    }
    return std::move(*positions);
}

events::offset offset_in(
    const std::vector<events::position>& list, events::partition_id partition
) {
    const auto found = std::ranges::find(list, partition, &events::position::partition);
    return found == list.end() ? -1 : found->at;
}

task<std::vector<events::position>> log_ends(
    infra::event_log& log, std::vector<events::partition_id> partitions
) {
    try {
        co_return co_await infra::ends_of(log, std::move(partitions));
    } catch (const infra::log_unavailable& failure) {
        throw unavailable("unavailable", 1, failure.what());
    }
}

task<events::offset> start_behind(
    infra::event_log& log,
    events::partition_id partition,
    std::optional<events::offset> after,
    std::chrono::steady_clock::duration limit
) {
    auto end = co_await log_end(log, partition);
    if (!after) {
        co_return end;
    }
    const auto deadline = infra::steady_clock::now() + limit;
    const auto executor = co_await asio::this_coro::executor;
    infra::steady_timer pause(executor);
    while (end < *after) {
        if (infra::steady_clock::now() > deadline) {
            throw unavailable(
                "read_model_behind", 1, "the log has not reached this position; ask again"
            );
        }
        pause.expires_after(poll_pause);
        co_await pause.async_wait(asio::use_awaitable);
        end = co_await log_end(log, partition);
    }
    co_return *after;
}

task<std::expected<events::offset, problem>> feed_start(
    call& under_way, events::organization_id organization, std::optional<std::string_view> after
) {
    auto& log = under_way.with.log;
    const auto partition = events::partition_of(organization, log.partitions());
    std::optional<events::offset> start;
    if (after && !after->empty()) {
        const auto positions = read_positions(*after, under_way);
        if (!positions) {
            co_return std::unexpected(positions.error());
        }
        start = offset_in(*positions, partition);
    }
    co_return co_await start_behind(log, partition, start, under_way.read_wait);
}

}  // namespace teamflow::gateway
