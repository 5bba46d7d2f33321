#include "tests/sim/archive_store.hpp"

#include <algorithm>

#include "infra/postgres/error.hpp"
#include "infra/steady_timer.hpp"

namespace teamflow::sim {

archive_store::archive_store(world& around, const broker& log)
    : world_(around), log_(log), partitions_(static_cast<std::size_t>(log.partitions())) {}

void archive_store::advance(std::size_t max_records) {
    for (events::partition_id partition = 0; partition < log_.partitions(); ++partition) {
        auto& fold = partitions_[static_cast<std::size_t>(partition)].fold;
        if (world_.strikes(5)) {
            // Another process archives from here on: it has the checkpoint, and no more.
            fold = events::partition_fold(fold.boundary());
        }
        const auto before = fold.boundary().at;
        const auto visible = log_.visible(partition);
        for (std::size_t i = 0; i < max_records; ++i) {
            const auto next = static_cast<std::size_t>(fold.last() + 1);
            if (next >= visible.size()) {
                break;
            }
            if (fold.next(visible[next]) == events::verdict::event) {
                std::ranges::for_each(fold.commit(), [this](const auto& each) { keep(each); });
            }
        }
        if (fold.boundary().at != before) {
            world_.note("archive {} at {}", partition, fold.boundary().at);
            for (const auto& follower : followers_) {
                follower(partition);
            }
        }
    }
}

void archive_store::keep(const events::record_ptr& record) {
    const auto& head = record->head;
    streams_[{head.organization, head.stream}].push_back(record);
    organizations_[head.organization].push_back(record);
    if (record->once && !once_.emplace(record->once->key, record).second) {
        throw violation(fmt::format("the key {} took effect twice", record->once->key));
    }
}

infra::task<> archive_view::reach() {
    infra::steady_timer pause(executor_, world_.random_duration(std::chrono::milliseconds(3)));
    co_await pause.async_wait(boost::asio::use_awaitable);
    if (cut_ || world_.strikes(world_.rates.fault)) {
        throw infra::postgres_unavailable("the simulated archive does not answer");
    }
}

infra::task<std::vector<events::record_ptr>> archive_view::stream(
    events::organization_id organization,
    std::string stream,
    std::int64_t after_version,
    std::int32_t limit
) {
    co_await reach();
    std::vector<events::record_ptr> found;
    const auto known = store_.streams_.find({organization, stream});
    if (known != store_.streams_.end()) {
        for (const auto& each : known->second) {
            if (each->head.stream_version > after_version && std::ssize(found) < limit) {
                found.push_back(each);
            }
        }
    }
    co_return found;
}

infra::task<std::vector<events::record_ptr>> archive_view::organization(
    events::organization_id organization, events::offset after, std::int32_t limit
) {
    co_await reach();
    std::vector<events::record_ptr> found;
    for (const auto& each : store_.organizations_[organization]) {
        if (each->at > after && std::ssize(found) < limit) {
            found.push_back(each);
        }
    }
    co_return found;
}

infra::task<events::record_ptr> archive_view::find_once(std::string key) {
    co_await reach();
    const auto known = store_.once_.find(key);
    co_return known == store_.once_.end() ? nullptr : known->second;
}

infra::task<std::optional<infra::snapshot>> archive_view::find_snapshot(
    events::organization_id organization, std::string stream
) {
    co_await reach();
    const auto known = store_.snapshots_.find({organization, stream});
    co_return known == store_.snapshots_.end() ? std::nullopt : std::optional(known->second);
}

infra::task<> archive_view::save_snapshot(infra::snapshot taken) {
    co_await reach();
    auto& kept = store_.snapshots_[{taken.organization, taken.stream}];
    if (kept.state.empty() || kept.at < taken.at || kept.format != taken.format) {
        kept = std::move(taken);
    }
}

}  // namespace teamflow::sim
