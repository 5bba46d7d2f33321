#include "tests/sim/log_client.hpp"

#include <algorithm>

#include "infra/steady_timer.hpp"

namespace teamflow::sim {

namespace {

using namespace std::chrono_literals;

/// So small that readers often have to ask the log itself.
constexpr std::size_t tail_bytes = 6000;
constexpr duration resend_after = 60ms;

/// Across all nodes: a producer never comes back under its name.
std::uint64_t name_of(world& around) {
    return around.chance.number() | 1U;
}

}  // namespace

log_client::log_client(
    world& around, broker& log, archive_store& archive, boost::asio::any_io_executor executor
)
    : world_(around),
      log_(log),
      archive_(archive),
      executor_(std::move(executor)),
      tail_(log.partitions(), tail_bytes),
      producers_(static_cast<std::size_t>(log.partitions())) {
    for (events::partition_id partition = 0; partition < log.partitions(); ++partition) {
        archived_.push_back(archive.checkpoint(partition).at);
        fed_.push_back(static_cast<std::size_t>(archived_.back() + 1));
    }
}

void log_client::start() {
    const auto later = [this](auto what) {
        return [this, weak = weak_from_this(), what](events::partition_id partition) {
            world_.after(world_.packet_delay(), [weak, what, partition] {
                if (const auto self = weak.lock()) {
                    what(*self, partition);
                }
            });
        };
    };
    log_.follow(later([](log_client& self, events::partition_id partition) { self.feed(partition); }
    ));
    archive_.follow(later([](log_client& self, events::partition_id partition) {
        auto& known = self.archived_[static_cast<std::size_t>(partition)];
        known = std::max(known, self.archive_.checkpoint(partition).at);
    }));
}

void log_client::feed(events::partition_id partition) {
    if (frozen_ || cut_ || !reachable_) {
        return;
    }
    auto& from = fed_[static_cast<std::size_t>(partition)];
    const auto visible = log_.visible(partition);
    if (world_.strikes(world_.rates.fault) && from + 1 < visible.size()) {
        // The follower starts anew further on; readers fetch what lies between.
        from += world_.chance.roll(visible.size() - from);
    }
    tail_.push(partition, visible.subspan(std::min(from, visible.size())));
    from = visible.size();
}

void log_client::thaw() {
    frozen_ = false;
    for (auto& each : std::exchange(held_, {})) {
        each();
    }
    for (events::partition_id partition = 0; partition < partitions(); ++partition) {
        feed(partition);
    }
}

void log_client::set_reachable(bool reachable) {
    reachable_ = reachable;
    for (events::partition_id partition = 0; partition < partitions(); ++partition) {
        feed(partition);
    }
}

void log_client::cut() {
    cut_ = true;
    held_.clear();
    for (const auto& each : producers_) {
        if (each) {
            fail(each, infra::append_status::unknown);
        }
    }
}

infra::task<> log_client::reach() {
    infra::steady_timer pause(executor_, world_.packet_delay());
    co_await pause.async_wait(boost::asio::use_awaitable);
    if (cut_ || !reachable_ || world_.strikes(world_.rates.fault)) {
        throw infra::log_unavailable("the simulated log does not answer");
    }
}

log_client::producer_ptr log_client::open_producer(events::partition_id partition) {
    auto& current = producers_[static_cast<std::size_t>(partition)];
    if (current) {
        fail(current, infra::append_status::unknown);
    }
    current = std::make_shared<producer>();
    current->name = name_of(world_);
    current->partition = partition;
    return current;
}

infra::task<events::offset> log_client::claim(
    events::partition_id partition, events::writer_id writer, std::string /*address*/
) {
    struct answer {
        explicit answer(const boost::asio::any_io_executor& executor)
            : news(std::make_shared<infra::wakeup>(executor)) {}

        std::shared_ptr<infra::wakeup> news;
        infra::append_outcome outcome;
    };

    co_await reach();
    auto record = std::make_shared<events::record>();
    record->partition = partition;
    record->kind = events::record_kind::claim;
    record->reign.writer = writer;
    const auto got = std::make_shared<answer>(executor_);
    send(open_producer(partition), {std::move(record)}, [got](infra::append_outcome outcome) {
        got->outcome = outcome;
        got->news->signal();
    });
    bool answered = false;
    while (!answered) {
        answered = co_await got->news->wait(1h);
    }
    if (got->outcome.status != infra::append_status::durable) {
        throw infra::log_unavailable("the simulated log did not confirm the claim");
    }
    co_return got->outcome.last.value_or(-1);
}

void log_client::append(infra::append_batch batch, infra::append_done done) {
    infra::check_sizes(batch);
    const auto& through = producers_.at(static_cast<std::size_t>(batch.partition));
    if (!through) {
        throw std::logic_error("appended without a claim");
    }
    send(through, {batch.records.begin(), batch.records.end()}, std::move(done));
}

void log_client::send(
    const producer_ptr& through, std::vector<events::record_ptr> records, infra::append_done done
) {
    auto batch = std::make_shared<sending>();
    batch->done = std::move(done);
    through->under_way.push_back(batch);
    if (through->failed) {
        batch->outcome = infra::append_outcome{.status = *through->failed, .last = {}};
        report(through);
        return;
    }
    std::size_t from = 0;
    while (from < records.size()) {
        std::size_t count = records.size() - from;
        if (count > 1 && world_.strikes(world_.rates.split)) {
            count = 1 + world_.chance.roll(count - 1);
        }
        auto made = std::make_shared<packet>();
        made->producer = through->name;
        made->number = through->packets++;
        const auto begin = records.begin() + static_cast<std::ptrdiff_t>(from);
        made->records.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
        batch->packets.push_back(std::move(made));
        from += count;
    }
    batch->places.resize(batch->packets.size());
    for (std::size_t i = 0; i < batch->packets.size(); ++i) {
        transmit(through, batch, i);
    }
    world_.after(world_.rates.message_timeout, [self = shared_from_this(), through, batch] {
        if (!batch->outcome) {
            self->fail(through, infra::append_status::unknown);
        }
    });
}

void log_client::transmit(
    const producer_ptr& through, const sending_ptr& batch, std::size_t which
) {
    if (cut_ || batch->outcome || batch->places[which]) {
        return;
    }
    if (frozen_) {
        // What a frozen process was about to send, it sends when it wakes: the zombie.
        held_.emplace_back([this, through, batch, which] { transmit(through, batch, which); });
        return;
    }
    carry(
        *through,
        batch->packets[which],
        [self = shared_from_this(), through, batch, which](receipt got) {
            if (self->reachable_ && !self->world_.strikes(self->world_.rates.loss)) {
                self->world_.after(self->world_.packet_delay(), [self, through, batch, which, got] {
                    self->take(through, batch, which, got);
                });
            }
        }
    );
    if (world_.rates.manner != log_manner::checking) {
        const auto again = resend_after + world_.random_duration(2 * world_.rates.delay_max);
        world_.after(again, [self = shared_from_this(), through, batch, which] {
            self->transmit(through, batch, which);
        });
    }
}

void log_client::carry(producer& through, const packet_ptr& sent, on_receipt answer) {
    const auto partition = through.partition;
    if (world_.strikes(world_.rates.replay)) {
        // A copy strays and comes late, long after its sender has given up, perhaps.
        world_.after(world_.random_duration(world_.rates.late_max), [log = &log_, partition, sent] {
            log->receive(partition, sent, [](receipt) {});
        });
    }
    if (!reachable_ || world_.strikes(world_.rates.loss)) {
        return;
    }
    auto delay = world_.packet_delay();
    if (world_.rates.manner == log_manner::checking) {
        through.arrives = std::max(through.arrives, world_.now() + delay);
        delay = through.arrives - world_.now();
    }
    world_.after(delay, [log = &log_, partition, sent, answer = std::move(answer)] mutable {
        log->receive(partition, sent, std::move(answer));
    });
}

void log_client::take(
    const producer_ptr& through, const sending_ptr& batch, std::size_t which, receipt got
) {
    if (cut_ || batch->outcome) {
        return;
    }
    if (got.fenced) {
        // What went before and has no answer yet may have been written under the old epoch.
        const bool first = through->under_way.front() == batch;
        fail(through, first ? infra::append_status::fenced : infra::append_status::unknown);
        return;
    }
    batch->places[which] = got.last;
    if (std::ranges::all_of(batch->places, [](const auto& place) { return place.has_value(); })) {
        batch->outcome = success_of(*batch);
        report(through);
    }
}

infra::append_outcome log_client::success_of(const sending& batch) const {
    infra::append_outcome outcome{
        .status = infra::append_status::durable, .last = batch.places.back()
    };
    for (std::size_t i = 1; i < batch.places.size(); ++i) {
        if (*batch.places[i] != *batch.places[i - 1] + std::ssize(batch.packets[i]->records)) {
            outcome.last.reset();
        }
    }
    if (world_.strikes(world_.rates.no_offset)) {
        outcome.last.reset();
    }
    return outcome;
}

void log_client::fail(const producer_ptr& through, infra::append_status how) {
    if (!through->failed) {
        through->failed = how;
    }
    for (const auto& each : through->under_way) {
        if (!each->outcome) {
            each->outcome = infra::append_outcome{.status = *through->failed, .last = {}};
        }
    }
    report(through);
}

/// Outcomes are told in the order of the batches.
void log_client::report(const producer_ptr& through) {
    while (!through->under_way.empty() && through->under_way.front()->outcome) {
        const auto batch = through->under_way.front();
        through->under_way.pop_front();
        auto outcome = *batch->outcome;
        if (through->failed && outcome.status == infra::append_status::durable) {
            // Behind a failure nothing is told as done, whatever became of it.
            outcome = {.status = *through->failed, .last = {}};
        }
        auto done = std::move(batch->done);
        done(outcome);
    }
}

infra::task<std::vector<events::record_ptr>> log_client::fetch(
    events::partition_id partition, events::offset from, std::size_t max_records
) {
    co_await reach();
    const auto visible = log_.visible(partition);
    const auto first = std::min(static_cast<std::size_t>(from), visible.size());
    const auto most = world_.strikes(20) ? 1 + world_.chance.roll(3) : max_records;
    const auto part = visible.subspan(first, std::min(most, visible.size() - first));
    co_return std::vector<events::record_ptr>(part.begin(), part.end());
}

infra::task<events::offset> log_client::end(events::partition_id partition) {
    co_await reach();
    co_return log_.durable_end(partition);
}

infra::task<events::checkpoint> log_client::checkpoint(events::partition_id partition) {
    co_await reach();
    co_return archive_.checkpoint(partition);
}

}  // namespace teamflow::sim
