#pragma once
// The simulated archive: what PostgreSQL holds of the log, behind the log by some while.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "events/fold.hpp"
#include "infra/log/archive.hpp"
#include "tests/sim/broker.hpp"

namespace teamflow::sim {

/// What all nodes share: valid events by stream, organization and key; snapshots; checkpoints.
class archive_store {
public:
    archive_store(world& around, const broker& log);

    /// Archives at most `max_records` more of each partition.
    void advance(std::size_t max_records);

    [[nodiscard]] const events::checkpoint& checkpoint(events::partition_id partition) const {
        return partitions_.at(static_cast<std::size_t>(partition)).fold.boundary();
    }

    /// What is archived of an organization.
    [[nodiscard]] std::vector<events::record_ptr> events_of(events::organization_id of) const {
        const auto found = organizations_.find(of);
        return found == organizations_.end() ? std::vector<events::record_ptr>() : found->second;
    }

    /// Called whenever a partition's archive moved on.
    void follow(std::function<void(events::partition_id)> follower) {
        followers_.push_back(std::move(follower));
    }

private:
    friend class archive_view;

    using stream_name = std::pair<events::organization_id, std::string>;

    struct partition_state {
        events::partition_fold fold;
    };

    void keep(const events::record_ptr& record);

    world& world_;
    const broker& log_;
    std::vector<partition_state> partitions_;
    std::map<stream_name, std::vector<events::record_ptr>> streams_;
    std::unordered_map<events::organization_id, std::vector<events::record_ptr>> organizations_;
    std::unordered_map<std::string, events::record_ptr> once_;
    std::map<stream_name, infra::snapshot> snapshots_;
    std::vector<std::function<void(events::partition_id)>> followers_;
};

/// The archive as one node reaches it: slowly, and not always.
class archive_view final : public infra::stream_archive {
public:
    archive_view(world& around, archive_store& store, boost::asio::any_io_executor executor)
        : world_(around), store_(store), executor_(std::move(executor)) {}

    /// The node is dead: every question fails.
    void cut() { cut_ = true; }

    infra::task<std::vector<events::record_ptr>> stream(
        events::organization_id organization,
        std::string stream,
        std::int64_t after_version,
        std::int32_t limit
    ) override;

    infra::task<std::vector<events::record_ptr>> organization(
        events::organization_id organization, events::offset after, std::int32_t limit
    ) override;

    infra::task<events::record_ptr> find_once(std::string key) override;

    infra::task<std::optional<infra::snapshot>> find_snapshot(
        events::organization_id organization, std::string stream
    ) override;

    infra::task<> save_snapshot(infra::snapshot taken) override;

private:
    infra::task<> reach();

    world& world_;
    archive_store& store_;
    boost::asio::any_io_executor executor_;
    bool cut_ = false;
};

}  // namespace teamflow::sim
