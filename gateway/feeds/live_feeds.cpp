#include "gateway/feeds/live_feeds.hpp"

#include <algorithm>
#include <unordered_map>

#include <spdlog/spdlog.h>

#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "gateway/feeds/feed_message.hpp"
#include "infra/io_threads.hpp"
#include "infra/log/log_reader.hpp"
#include "infra/steady_timer.hpp"

namespace teamflow::gateway {

namespace asio = infra::asio;

namespace {

constexpr std::size_t records_at_once = 512;
constexpr std::chrono::seconds patience{1};
constexpr std::chrono::milliseconds retry_pause{100};

}  // namespace

/// What the groups share with each other and tell other threads.
struct live_feeds::places {
    places(std::int32_t partitions, observer watching)
        : reached(static_cast<std::size_t>(partitions)), watch(std::move(watching)) {
        for (auto& place : reached) {
            place = -1;
        }
    }

    std::vector<std::atomic<events::offset>> reached;
    feed_counters counters;
    const observer watch;
};

/// The partitions of one thread. Lives on it but for the constructor and stop().
class live_feeds::group : public std::enable_shared_from_this<group> {
public:
    group(infra::event_log& log, asio::any_io_executor executor, std::shared_ptr<places> where)
        : log_(log), executor_(std::move(executor)), places_(std::move(where)) {}

    asio::any_io_executor executor() { return executor_; }

    void add(events::partition_id partition, const events::checkpoint& from) {
        folds_.emplace(partition, events::partition_fold(from));
        place_of(partition) = from.at;
        starts_.push_back({partition, from.at + 1});
    }

    void begin() { reader_ = std::make_unique<infra::log_reader>(log_, executor_, starts_); }

    void stop() {
        stopped_ = true;
        if (reader_) {
            reader_->interrupt();
        }
    }

    static task<> follow(std::shared_ptr<group> self);
    static task<events::offset> join(
        std::shared_ptr<group> self,
        events::partition_id partition,
        events::organization_id organization,
        std::shared_ptr<feed_inbox> inbox
    );
    void leave(events::organization_id organization, const feed_inbox* inbox);

private:
    using fresh_events = std::unordered_map<events::organization_id, feed_batch>;

    std::atomic<events::offset>& place_of(events::partition_id partition) {
        return places_->reached.at(static_cast<std::size_t>(partition));
    }

    void take(const infra::record_batch& batch);
    void collect(const events::record_ptr& record, fresh_events& into) const;
    void deliver(const fresh_events& fresh);

    infra::event_log& log_;
    asio::any_io_executor executor_;
    std::shared_ptr<places> places_;
    std::vector<events::position> starts_;
    std::unique_ptr<infra::log_reader> reader_;
    std::atomic<bool> stopped_ = false;
    std::unordered_map<events::partition_id, events::partition_fold> folds_;
    std::unordered_map<events::organization_id, std::vector<std::shared_ptr<feed_inbox>>>
        listeners_;
};

task<> live_feeds::group::follow(std::shared_ptr<group> self) {
    infra::steady_timer pause(self->executor_);
    while (!self->stopped_) {
        std::vector<infra::record_batch> batches;
        bool failed = false;
        try {
            batches = co_await self->reader_->next(records_at_once, patience);
        } catch (const infra::log_unavailable& failure) {
            spdlog::warn("the live feeds wait for the log: {}", failure.what());
            failed = true;
        }
        for (const auto& batch : batches) {
            self->take(batch);
        }
        if (failed) {
            pause.expires_after(retry_pause);
            co_await pause.async_wait(asio::use_awaitable);
        }
    }
}

/// Whole commits only; the place moves once their events are in the inboxes.
void live_feeds::group::take(const infra::record_batch& batch) {
    auto& fold = folds_.at(batch.partition);
    fresh_events fresh;
    for (const auto& record : batch.records) {
        const auto verdict = fold.next(record);
        if (verdict == events::verdict::event) {
            for (const auto& event : fold.commit()) {
                if (places_->watch) {
                    places_->watch(*event);
                }
                collect(event, fresh);
            }
            places_->counters.events_followed += fold.commit().size();
        } else if (verdict == events::verdict::ghost) {
            ++places_->counters.ghosts;
        }
    }
    deliver(fresh);
    place_of(batch.partition) = fold.boundary().at;
}

void live_feeds::group::collect(const events::record_ptr& record, fresh_events& into) const {
    const auto organization = record->head.organization;
    if (listeners_.contains(organization)) {
        into[organization].push_back(
            {record, std::make_shared<const std::string>(feed_message(*record))}
        );
    }
}

void live_feeds::group::deliver(const fresh_events& fresh) {
    for (const auto& [organization, batch] : fresh) {
        auto& inboxes = listeners_.at(organization);
        const auto spoilt =
            std::erase_if(inboxes, [&](const auto& inbox) { return !inbox->put(batch); });
        places_->counters.events_delivered += inboxes.size() * batch.size();
        places_->counters.inboxes_spoilt += spoilt;
        places_->counters.subscribers -= static_cast<std::int64_t>(spoilt);
        if (inboxes.empty()) {
            listeners_.erase(organization);
        }
    }
}

task<events::offset> live_feeds::group::join(
    std::shared_ptr<group> self,
    events::partition_id partition,
    events::organization_id organization,
    std::shared_ptr<feed_inbox> inbox
) {
    self->listeners_[organization].push_back(std::move(inbox));
    ++self->places_->counters.subscribers;
    co_return self->place_of(partition);
}

void live_feeds::group::leave(events::organization_id organization, const feed_inbox* inbox) {
    const auto found = listeners_.find(organization);
    if (found == listeners_.end()) {
        return;
    }
    const auto left =
        std::erase_if(found->second, [&](const auto& known) { return known.get() == inbox; });
    places_->counters.subscribers -= static_cast<std::int64_t>(left);
    if (found->second.empty()) {
        listeners_.erase(found);
    }
}

/// Leaves on the group's thread, if that is still there.
struct live_feeds::listening final : subscription {
    listening(
        std::weak_ptr<group> where,
        events::organization_id organization,
        std::shared_ptr<feed_inbox> inbox
    )
        : where_(std::move(where)), organization_(organization), inbox_(std::move(inbox)) {}

    ~listening() override {
        if (const auto hub = where_.lock()) {
            asio::post(
                hub->executor(),
                [where = where_, organization = organization_, inbox = std::move(inbox_)] {
                    if (const auto still = where.lock()) {
                        still->leave(organization, inbox.get());
                    }
                }
            );
        }
    }

private:
    std::weak_ptr<group> where_;
    events::organization_id organization_;
    std::shared_ptr<feed_inbox> inbox_;
};

live_feeds::live_feeds(
    infra::event_log& log, std::vector<asio::any_io_executor> threads, observer watch
)
    : log_(log), places_(std::make_shared<places>(log.partitions(), std::move(watch))) {
    const auto partitions = static_cast<std::size_t>(log.partitions());
    for (std::size_t i = 0; i < std::min(threads.size(), partitions); ++i) {
        groups_.push_back(std::make_shared<group>(log, std::move(threads[i]), places_));
    }
}

live_feeds::~live_feeds() = default;

task<> live_feeds::start() {
    for (events::partition_id partition = 0; partition < log_.partitions(); ++partition) {
        const auto from = co_await log_.checkpoint(partition);
        groups_[static_cast<std::size_t>(partition) % groups_.size()]->add(partition, from);
    }
    for (const auto& each : groups_) {
        each->begin();
        asio::co_spawn(
            each->executor(),
            group::follow(each),
            [](const std::exception_ptr& failure) {
                if (failure) {
                    std::rethrow_exception(failure);
                }
            }
        );
    }
}

void live_feeds::stop() {
    for (const auto& each : groups_) {
        each->stop();
    }
}

task<std::unique_ptr<live_feeds::subscription>> live_feeds::listen(
    events::organization_id organization, std::shared_ptr<feed_inbox> inbox
) {
    const auto partition = events::partition_of(organization, log_.partitions());
    const auto hub = groups_[static_cast<std::size_t>(partition) % groups_.size()];
    auto joining = group::join(hub, partition, organization, inbox);
    // Made first: it leaves again even if this wait is cut short.
    auto made = std::make_unique<listening>(hub, organization, std::move(inbox));
    made->from = co_await infra::run_on(hub->executor(), std::move(joining));
    co_return made;
}

events::offset live_feeds::position(events::partition_id partition) const {
    return places_->reached.at(static_cast<std::size_t>(partition));
}

feed_counters& live_feeds::counters() const {
    return places_->counters;
}

}  // namespace teamflow::gateway
