#include "tests/sim/broker.hpp"

#include <algorithm>

namespace teamflow::sim {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t nobody = 0;

}  // namespace

broker::broker(world& around, std::int32_t partitions)
    : world_(around), partitions_(static_cast<std::size_t>(partitions)) {}

void broker::found(events::partition_id partition, const std::vector<events::record_ptr>& records) {
    auto& to = partitions_.at(static_cast<std::size_t>(partition));
    for (const auto& record : records) {
        append(to, record, {.producer = nobody, .number = 0});
    }
    to.durable = to.written.size();
}

void broker::append(partition_state& to, const events::record_ptr& content, source from) {
    auto record = std::make_shared<events::record>(*content);
    record->at = static_cast<events::offset>(to.written.size());
    if (record->kind == events::record_kind::claim) {
        to.reign = {record->at, record->reign.writer};
    }
    to.written.push_back(std::move(record));
    to.sources.push_back(from);
}

std::int64_t broker::next_number(const partition_state& in, std::uint64_t producer) {
    for (auto each = in.sources.rbegin(); each != in.sources.rend(); ++each) {
        if (each->producer == producer) {
            return each->number + 1;
        }
    }
    return 0;
}

std::optional<events::offset> broker::place_of(const partition_state& in, const packet& known) {
    for (std::size_t i = in.sources.size(); i > 0; --i) {
        const auto& each = in.sources[i - 1];
        if (each.producer == known.producer && each.number == known.number) {
            return static_cast<events::offset>(i - 1);
        }
    }
    return std::nullopt;
}

void broker::receive(events::partition_id partition, const packet_ptr& arrived, on_receipt answer) {
    auto& to = partitions_.at(static_cast<std::size_t>(partition));
    if (to.down) {
        return;
    }
    const auto manner = world_.rates.manner;
    const auto& first = *arrived->records.front();
    if (manner == log_manner::checking && first.kind == events::record_kind::event &&
        first.reign != to.reign) {
        answer({.fenced = true});
        return;
    }
    if (manner != log_manner::careless) {
        const auto expected = next_number(to, arrived->producer);
        if (arrived->number > expected) {
            return;
        }
        if (arrived->number < expected) {
            const auto last = place_of(to, *arrived);
            if (last && *last < static_cast<events::offset>(to.durable)) {
                answer({.last = *last});
            } else if (last) {
                to.pending.push_back({*last, std::move(answer)});
            }
            return;
        }
    }
    if (world_.strikes(world_.rates.fault)) {
        // A disk that fails in the middle of a packet leaves a part of it, or nothing.
        const bool torn = manner == log_manner::careless;
        const std::size_t part = torn ? world_.chance.roll(arrived->records.size()) : 0;
        write(partition, *arrived, part, [](receipt) {});
        return;
    }
    write(partition, *arrived, arrived->records.size(), std::move(answer));
}

void broker::write(
    events::partition_id partition, const packet& arrived, std::size_t records, on_receipt answer
) {
    if (records == 0) {
        return;
    }
    auto& to = partitions_.at(static_cast<std::size_t>(partition));
    for (std::size_t i = 0; i < records; ++i) {
        append(to, arrived.records[i], {arrived.producer, arrived.number});
    }
    const std::size_t end = to.written.size();
    to.pending.push_back({static_cast<events::offset>(end) - 1, std::move(answer)});
    if (world_.rates.manner == log_manner::checking) {
        make_durable(partition, end);
        return;
    }
    world_.after(50us + world_.packet_delay() / 4, [this, partition, end] {
        make_durable(partition, end);
    });
}

void broker::make_durable(events::partition_id partition, std::size_t records) {
    auto& of = partitions_.at(static_cast<std::size_t>(partition));
    const std::size_t end = std::min(records, of.written.size());
    if (of.down || end <= of.durable) {
        return;
    }
    of.durable = end;
    world_.note("log {} durable to {}", partition, end - 1);
    std::vector<pending_receipt> due;
    std::erase_if(of.pending, [&](pending_receipt& each) {
        const bool done = std::cmp_less(each.last, end);
        if (done) {
            due.push_back(std::move(each));
        }
        return done;
    });
    for (auto& each : due) {
        each.answer({.last = each.last});
    }
    for (const auto& follower : followers_) {
        follower(partition);
    }
}

void broker::write_foreign(events::partition_id partition) {
    auto rubbish = std::make_shared<events::record>();
    rubbish->partition = partition;
    rubbish->kind =
        world_.chance.one_in(2) ? events::record_kind::ghost : events::record_kind::event;
    packet arrived;
    arrived.records.push_back(std::move(rubbish));
    write(partition, arrived, 1, [](receipt) {});
}

void broker::crash(events::partition_id partition) {
    auto& of = partitions_.at(static_cast<std::size_t>(partition));
    if (of.down) {
        return;
    }
    of.down = true;
    if (world_.strikes(world_.rates.damage)) {
        truncate(partition, of.durable + world_.chance.roll(of.written.size() - of.durable + 1));
    }
    // Its connections are gone with it; the producers ask again.
    of.pending.clear();
    world_.note("log {} crashed, {} left", partition, of.written.size());
    world_.after(
        20ms + world_.random_duration(world_.is_calm() ? 100ms : 2000ms),
        [this, partition] {
            auto& back = partitions_.at(static_cast<std::size_t>(partition));
            back.down = false;
            make_durable(partition, back.written.size());
        }
    );
}

void broker::truncate(events::partition_id partition, std::size_t records) {
    auto& of = partitions_.at(static_cast<std::size_t>(partition));
    of.written.resize(records);
    of.sources.resize(records);
    const auto claim =
        std::ranges::find_if(of.written.rbegin(), of.written.rend(), [](const auto& each) {
            return each->kind == events::record_kind::claim;
        });
    of.reign = claim == of.written.rend() ? events::epoch{}
                                          : events::epoch{(*claim)->at, (*claim)->reign.writer};
}

std::span<const events::record_ptr> broker::visible(events::partition_id partition) const {
    return std::span(at(partition).written).first(at(partition).durable);
}

bool broker::is_settled() const {
    return std::ranges::all_of(partitions_, [](const auto& each) {
        return !each.down && each.durable == each.written.size();
    });
}

}  // namespace teamflow::sim
