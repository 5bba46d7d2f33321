#include "gateway/routes/history_scope.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "gateway/feeds/feed_start.hpp"

namespace teamflow::gateway {

namespace asio = infra::asio;

namespace {

constexpr std::chrono::milliseconds poll_pause{20};

}  // namespace

std::optional<events::organization_id> own_scope(const principal& who) {
    return who.is_operator ? std::nullopt : std::optional(who.organization);
}

std::expected<std::optional<events::organization_id>, problem> scope_of(
    const principal& who, const std::optional<events::organization_id>& asked
) {
    if (who.is_operator) {
        return asked;
    }
    if (asked && *asked != who.organization) {
        return std::unexpected(
            make_problem("forbidden", "only operators may read another organization's history")
        );
    }
    return who.organization;
}

std::vector<events::partition_id> partitions_of(
    const std::optional<events::organization_id>& scope, std::int32_t count
) {
    if (scope) {
        return {events::partition_of(*scope, count)};
    }
    std::vector<events::partition_id> all(static_cast<std::size_t>(count));
    std::iota(all.begin(), all.end(), 0);
    return all;
}

task<std::expected<std::vector<events::position>, problem>> settled_ends(
    call& under_way, std::vector<events::partition_id> partitions
) {
    auto& with = under_way.with;
    const auto deadline = std::chrono::steady_clock::now() + under_way.read_wait;
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer pause(executor);
    auto ends = co_await log_ends(with.log, partitions);
    auto targets = ends;
    for (auto& target : targets) {
        target.at = std::max(target.at, offset_in(under_way.min_position, target.partition));
    }
    const auto behind = std::unexpected(make_problem(
        "read_model_behind", "the archive has not reached this position yet; ask again"
    ));
    const auto is_in_log = [&] {
        return std::ranges::equal(
            ends,
            targets,
            std::ranges::greater_equal(),
            &events::position::at,
            &events::position::at
        );
    };
    while (!is_in_log()) {
        if (std::chrono::steady_clock::now() > deadline) {
            co_return behind;
        }
        pause.expires_after(poll_pause);
        co_await pause.async_wait(asio::use_awaitable);
        ends = co_await log_ends(with.log, partitions);
    }
    const auto left = deadline - std::chrono::steady_clock::now();
    const bool is_there = co_await infra::await_archived(with.log, targets, left);
    if (!is_there) {
        co_return behind;
    }
    co_return targets;
}

task<std::expected<std::vector<events::position>, problem>> settled_history(call& under_way) {
    auto partitions = partitions_of(own_scope(under_way.who), under_way.with.log.partitions());
    co_return co_await settled_ends(under_way, std::move(partitions));
}

}  // namespace teamflow::gateway
