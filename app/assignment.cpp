#include "app/assignment.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "app/open_log.hpp"
#include "infra/kafka/kafka_log.hpp"

namespace teamflow::app {

namespace {

using namespace std::chrono_literals;

constexpr auto ready_patience = 30s;
/// A predecessor's session may outlive it for a moment; whoever holds the lock longer lives.
constexpr auto lock_patience = 1s;
/// The archive may be behind, or nobody fills it.
constexpr auto owner_patience = 5s;
/// A group with a dead member takes up to the session time-out to form; queries need not wait.
constexpr auto group_patience = 2s;
/// What is promised after a kill -9, 8 s, and the time that it takes to see it: until then others
/// are about to take over, and a balancer that turned away from every gateway would only make it
/// worse.
constexpr auto take_over_max = 10s;

/// Partitions without a living owner, as the observer sees it. What is owned here is not among them
/// whatever the database says.
struct alone {
    std::int32_t partitions = 0;
    std::chrono::seconds longest{0};
};

alone left_alone(
    std::span<const query::follower_health> partitions,
    const commands::command_service& commands,
    events::timestamp now
) {
    alone found;
    for (std::size_t i = 0; i < partitions.size(); ++i) {
        const auto& seen = partitions[i];
        if (seen.state == query::health_state::ownerless &&
            !commands.writer(static_cast<events::partition_id>(i)).counters().reigning) {
            const auto since = std::chrono::floor<std::chrono::seconds>(now - seen.since);
            ++found.partitions;
            found.longest = std::max(found.longest, since);
        }
    }
    return found;
}

}  // namespace

assignment::assignment(foundation& on, commands::command_service& commands)
    : on_(on), commands_(commands), group_name_(on.settings.group_prefix + ".gateways") {}

void assignment::start() {
    if (on_.kafka) {
        join_group();
        return;
    }
    lock_ = std::make_shared<infra::owner_lock>(
        on_.log_thread.at(0).get_executor(),
        on_.settings.postgres_url,
        infra::owner_lock::options{
            .what = "owner",
            .address = commands_.address(),
            .acquired = [this] { commands_.assign_all(); },
            // Whoever has it now claims; to claim against it would only take partitions away.
            .elsewhere = [this] { commands_.assign({}); }
        }
    );
    lock_->start();
}

void assignment::join_group() {
    former_ = wait_for(on_.log_thread.at(0), on_.kafka->claimed_by(commands_.address()));
    if (!former_.empty()) {
        spdlog::info("{} partitions were owned at this address before", former_.size());
        commands_.assign(former_);
    }
    infra::kafka::membership::options as;
    as.group = group_name_;
    as.session_timeout = std::chrono::seconds(on_.settings.session_timeout_s);
    const auto& address = commands_.address();
    const auto scheme = address.find("://");
    as.address = scheme == std::string::npos ? address : address.substr(scheme + 3);
    auto joined = infra::kafka::membership::join(
        kafka_settings(on_.settings),
        std::move(as),
        [this](const std::vector<events::partition_id>& ours) { commands_.assign(ours); }
    );
    const std::lock_guard lock(mutex_);
    group_ = std::move(joined);
}

std::shared_ptr<infra::kafka::membership> assignment::group() const {
    const std::lock_guard lock(mutex_);
    return group_;
}

void assignment::displaced() {
    if (const auto joined = group()) {
        joined->renew();
    } else if (lock_ && lock_->is_held()) {
        // A claim of the holder before, under way when it lost the lock.
        commands_.assign_all();
    }
}

void assignment::await() const {
    return on_.kafka ? await_assigned() : await_all();
}

void assignment::await_all() const {
    const auto begun = std::chrono::steady_clock::now();
    while (commands_.owned() < commands_.partitions()) {
        const auto waited = std::chrono::steady_clock::now() - begun;
        if (waited > lock_patience && !lock_->other_holder().empty()) {
            return;
        }
        if (waited > ready_patience) {
            throw std::runtime_error(fmt::format(
                "only {} of {} partitions could be claimed; see the log above",
                commands_.owned(),
                commands_.partitions()
            ));
        }
        std::this_thread::sleep_for(1ms);
    }
}

void assignment::await_assigned() const {
    const auto begun = std::chrono::steady_clock::now();
    const auto joined = group();
    while (true) {
        const bool is_member = joined->is_member();
        const bool knows = is_member || !former_.empty();
        if (knows && owns(is_member ? joined->assigned() : former_)) {
            return;
        }
        const auto waited = std::chrono::steady_clock::now() - begun;
        if (waited > owner_patience || (!knows && waited > group_patience)) {
            spdlog::warn(
                "serving before partitions are owned: {}", check({}, on_.time.now()).detail
            );
            return;
        }
        std::this_thread::sleep_for(1ms);
    }
}

bool assignment::owns(const std::vector<events::partition_id>& wanted) const {
    return std::ranges::all_of(wanted, [this](events::partition_id partition) {
        return commands_.writer(partition).counters().owning.load();
    });
}

void assignment::stop() {
    if (lock_) {
        lock_->stop();
    }
    if (const auto joined = group()) {
        joined->leave();
    }
}

gateway::process_report::check assignment::check(
    std::span<const query::follower_health> partitions, events::timestamp now
) const {
    const auto owned = commands_.owned();
    const auto reigned = static_cast<std::int32_t>(commands_.owned_partitions().size());
    const auto left = left_alone(partitions, commands_, now);
    const auto elsewhere = std::max(commands_.reachable() - owned - left.partitions, 0);
    auto text = fmt::format(
        "of {} partitions {} are owned here, {} by other gateways",
        commands_.partitions(),
        owned,
        elsewhere
    );
    if (reigned > owned) {
        text += fmt::format("; {} owned here wait for the archive", reigned - owned);
    }
    if (left.partitions > 0) {
        text += fmt::format(
            "; {} have had no living owner for {} s", left.partitions, left.longest.count()
        );
    }
    if (lock_ && !lock_->is_held() && left.partitions > 0) {
        text += fmt::format("; {} holds the lock", lock_->other_holder());
    }
    if (const auto joined = group()) {
        text += joined->is_member()
                    ? fmt::format("; {} assigns {}", group_name_, joined->assigned().size())
                    : fmt::format("; not a member of {} yet", group_name_);
    }
    const bool is_well =
        commands_.reachable() == commands_.partitions() && left.longest <= take_over_max;
    return {"ownership", is_well, std::move(text)};
}

}  // namespace teamflow::app
