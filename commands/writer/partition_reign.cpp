// How a writer gets and keeps its partition, and how commits go to the log and come back settled.
#include <algorithm>
#include <utility>

#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include "commands/writer/partition_writer.hpp"
#include "events/broken_rule.hpp"
#include "events/json/parse.hpp"
#include "infra/failpoint.hpp"
#include "infra/postgres/error.hpp"

namespace teamflow::commands {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t records_at_once = 2000;
constexpr std::size_t seen_claims_max = 10;
/// How often deadlines and the archive's progress are looked at when nothing else happens.
constexpr auto tick = 50ms;
/// A claim that was appended and not seen for so long is repeated.
constexpr auto claim_patience = 5s;
/// A loop that waits for nothing but news ends within this.
constexpr auto loops_patience = 100ms;

infra::task<> pause(boost::asio::any_io_executor executor, std::chrono::milliseconds length) {
    infra::steady_timer timer(executor, length);
    co_await timer.async_wait(boost::asio::use_awaitable);
}

}  // namespace

void partition_writer::start() {
    loops_ = 2;
    boost::asio::co_spawn(executor_, follow(shared_from_this()), boost::asio::detached);
    boost::asio::co_spawn(executor_, reign(shared_from_this()), boost::asio::detached);
}

void partition_writer::assign(bool here) {
    assigned_ = here;
    has_reigned_ = ownership_ && ownership_->now() == ownership::phase::owning;
    change_->signal();
}

void partition_writer::close() {
    closing_ = true;
    update_readiness();
    resume_ready();
}

infra::task<> partition_writer::stop(std::chrono::milliseconds limit) {
    const auto deadline = infra::steady_clock::now() + limit;
    close();
    while (!commits_.empty() && infra::steady_clock::now() < deadline) {
        co_await pause(executor_, 1ms);
    }
    give_up_waiting(0ms);
    stopping_ = true;
    change_->signal();
    if (reader_) {
        reader_->interrupt();
    }
    const auto end = std::max(deadline, infra::steady_clock::now() + loops_patience);
    while (loops_ > 0 && infra::steady_clock::now() < end) {
        co_await pause(executor_, 1ms);
    }
}

infra::task<> partition_writer::follow(std::shared_ptr<partition_writer> self) {
    while (!self->stopping_) {
        bool failed = false;
        try {
            co_await self->follow_some();
        } catch (const infra::log_unavailable& failure) {
            spdlog::warn("partition {} cannot be followed: {}", self->partition_, failure.what());
            failed = true;
        } catch (const events::log_gap& failure) {
            spdlog::critical("{}; reading again from the last good record", failure.what());
            self->reader_.reset();
            failed = true;
        }
        self->trim_unarchived();
        self->resume_ready();
        self->give_up_waiting(self->limits_.outcome_wait);
        if (failed) {
            co_await pause(self->executor_, self->limits_.claim_back_off_min);
        }
    }
    --self->loops_;
}

infra::task<> partition_writer::follow_some() {
    if (!ownership_) {
        co_await begin_fold();
    }
    if (!reader_) {
        const std::vector<events::position> from{{partition_, ownership_->fold().last() + 1}};
        reader_ = std::make_unique<infra::log_reader>(with_.log, executor_, from);
    }
    const auto batches = co_await reader_->next(records_at_once, tick);
    for (const auto& batch : batches) {
        for (const auto& record : batch.records) {
            if (record->kind == events::record_kind::claim) {
                note_owner(*record);
            }
            const auto before = ownership_->now();
            const auto settled = ownership_->see(record);
            settle(settled);
            const bool claimed = record->kind == events::record_kind::claim;
            if (before == ownership::phase::owning && ownership_->now() == ownership::phase::idle) {
                lose_reign(claimed);
            } else if (claimed && has_reigned_ && ownership_->now() != ownership::phase::owning &&
                       std::ranges::find(claims_, record->reign.writer) == claims_.end()) {
                displace();
            }
        }
    }
    counters_.ghosts = static_cast<std::uint64_t>(ownership_->fold().ghosts());
    counters_.followed = ownership_->accounted();
}

infra::task<> partition_writer::begin_fold() {
    const auto from = co_await with_.log.checkpoint(partition_);
    if (from.reign.claimed_at >= 0) {
        const auto found = co_await with_.log.fetch(partition_, from.reign.claimed_at, 1);
        if (!found.empty()) {
            note_owner(*found.front());
        }
    }
    ownership_.emplace(from);
    change_->signal();
}

void partition_writer::note_owner(const events::record& claim) {
    const auto value = events::json::parse(claim.data);
    const auto* address =
        value && value->is_object() ? value->get_object().if_contains("address") : nullptr;
    const bool is_text = address != nullptr && address->is_string();
    const std::lock_guard lock(owner_mutex_);
    seen_claims_.push_back(
        {.at = claim.at,
         .writer = claim.reign.writer,
         .address = is_text ? std::string(address->get_string()) : std::string(),
         .time = claim.head.time}
    );
    if (seen_claims_.size() > seen_claims_max) {
        seen_claims_.pop_front();
    }
}

std::string partition_writer::owner_address() const {
    const std::lock_guard lock(owner_mutex_);
    return seen_claims_.empty() ? std::string() : seen_claims_.back().address;
}

std::vector<seen_claim> partition_writer::seen_claims() const {
    const std::lock_guard lock(owner_mutex_);
    return {seen_claims_.begin(), seen_claims_.end()};
}

void partition_writer::lose_reign(bool to_another) {
    if (to_another) {
        spdlog::warn("partition {} has another owner now", partition_);
        displace();
    } else {
        spdlog::warn("partition {}: the log lacks a record of ours; claiming anew", partition_);
    }
    drop_state();
    change_->signal();
}

/// R6: only a new assignment makes this writer claim again.
void partition_writer::displace() {
    if (assigned_.exchange(false)) {
        with_.displaced();
    }
}

infra::task<> partition_writer::reign(std::shared_ptr<partition_writer> self) {
    auto back_off = self->limits_.claim_back_off_min;
    while (!self->stopping_) {
        const bool wants = self->assigned_ && !self->closing_ && self->ownership_ &&
                           self->ownership_->now() != ownership::phase::owning;
        if (!wants) {
            co_await self->change_->wait(tick);
            self->update_readiness();
            continue;
        }
        const bool claimed = co_await self->claim();
        if (claimed) {
            back_off = self->limits_.claim_back_off_min;
        } else {
            co_await pause(self->executor_, back_off);
            back_off = std::min(2 * back_off, self->limits_.claim_back_off_max);
        }
    }
    --self->loops_;
}

infra::task<bool> partition_writer::claim() {
    drop_state();
    events::writer_id writer;
    with_.random.fill(writer.value.data);
    claims_.push_back(writer);
    ownership_->claim(writer);
    try {
        co_await with_.log.claim(partition_, writer, address_);
        log_is_full_ = false;
    } catch (const infra::log_unavailable& failure) {
        spdlog::warn("partition {} cannot be claimed: {}", partition_, failure.what());
        log_is_full_ = dynamic_cast<const infra::log_full*>(&failure) != nullptr;
        ownership_->lost_sight();
        co_return false;
    }
    const auto deadline = infra::steady_clock::now() + claim_patience;
    while (ownership_->now() == ownership::phase::claiming && !stopping_ &&
           infra::steady_clock::now() < deadline) {
        co_await change_->wait(tick);
    }
    const bool owning = ownership_->now() == ownership::phase::owning;
    if (owning) {
        has_reigned_ = true;
        claims_.clear();
        ++counters_.claims;
        spdlog::info(
            "partition {} is owned from offset {} on", partition_, ownership_->reign().claimed_at
        );
    }
    update_readiness();
    co_return owning;
}

void partition_writer::queue(std::shared_ptr<events::record> record) {
    if (pending_.records.empty()) {
        pending_.partition = partition_;
        pending_.reign = record->reign;
        pending_.first_sequence = record->sequence;
    }
    pending_.records.push_back(std::move(record));
    // Posted behind what is queued on this thread already, so that a burst goes as one batch.
    if (!std::exchange(flush_posted_, true)) {
        boost::asio::post(executor_, [self = shared_from_this()] { self->flush(); });
    }
}

void partition_writer::flush() {
    flush_posted_ = false;
    auto batch = std::exchange(pending_, {});
    // Of an epoch that ended in the meantime: the next claim settles those commits as not happened.
    if (batch.records.empty() || ownership_->now() != ownership::phase::owning ||
        batch.reign != ownership_->reign()) {
        return;
    }
    infra::failpoint("writer.before_append");
    const batch_place place{
        .reign = batch.reign,
        .first_sequence = batch.first_sequence,
        .last_sequence = batch.records.back()->sequence,
        .begun = infra::steady_clock::now()
    };
    counters_.records += batch.records.size();
    counters_.batch_records.observe(batch.records.size());
    ++counters_.commits;
    auto done = [self = shared_from_this(), place](infra::append_outcome outcome) {
        boost::asio::post(self->executor_, [self, place, outcome] {
            self->on_outcome(place, outcome);
        });
    };
    with_.log.append(std::move(batch), std::move(done));
}

void partition_writer::on_outcome(batch_place place, infra::append_outcome outcome) {
    infra::failpoint("writer.after_append");
    if (outcome.status == infra::append_status::durable) {
        counters_.append_latency.observe(infra::steady_clock::now() - place.begun);
        settle(ownership_->delivered(
            place.reign, place.first_sequence, place.last_sequence, outcome.last
        ));
        return;
    }
    if (outcome.storage_full) {
        log_is_full_ = true;
        refuse_for_room(place);
    }
    if (ownership_->now() != ownership::phase::owning || place.reign != ownership_->reign()) {
        return;
    }
    if (outcome.status == infra::append_status::fenced) {
        spdlog::warn("partition {} was fenced: another owner claimed it", partition_);
        displace();
    } else {
        spdlog::warn("partition {}: an append has no known outcome; claiming anew", partition_);
    }
    ownership_->lost_sight();
    drop_state();
    change_->signal();
}

void partition_writer::settle(const settled_commits& settled) {
    std::vector<std::pair<waiter, fate>> answers;
    for (const auto& outcome : settled) {
        auto place = commits_.extract(outcome.token);
        commit& done = place.mapped();
        if (outcome.happened) {
            keep(done, outcome.last);
        } else {
            ++counters_.lost_commits;
            forget(done.once_key);
        }
        for (auto& waiter : done.waiters) {
            const auto what = outcome.happened ? fate::kind::happened : fate::kind::lost;
            answers.emplace_back(std::move(waiter), fate{.what = what, .last = outcome.last});
        }
    }
    counters_.in_flight = std::ssize(commits_);
    for (auto& [answer, outcome] : answers) {
        answer(outcome);
    }
    if (ownership_ && ownership_->now() == ownership::phase::owning && !waiting_.empty()) {
        change_->signal();
    }
}

void partition_writer::keep(commit& done, events::offset last) {
    if (done.generation == generation_) {
        for (auto* residence : done.touched) {
            --residence->in_flight;
            residence->last = last;
        }
    }
    if (const auto known = keys_.find(done.once_key); known != keys_.end()) {
        known->second.token = 0;
        known->second.last = last;
    }
    if (last > with_.log.archived(partition_)) {
        unarchived_.emplace_back(last, done.bytes);
        unarchived_bytes_ += done.bytes;
    }
    if (done.snapshot) {
        done.snapshot->at = last;
        boost::asio::co_spawn(
            executor_, save(shared_from_this(), std::move(*done.snapshot)), boost::asio::detached
        );
    }
}

infra::task<> partition_writer::save(
    std::shared_ptr<partition_writer> self, infra::snapshot taken
) {
    try {
        co_await self->with_.archive.save_snapshot(std::move(taken));
    } catch (const infra::postgres_error& failure) {
        // A cache: the next load folds more events instead.
        spdlog::warn("a snapshot was not saved: {}", failure.what());
    }
}

void partition_writer::drop_state() {
    ++generation_;
    cache_.clear();
    pending_ = {};
    update_readiness();
}

bool partition_writer::is_ready() const {
    if (closing_ || !ownership_ || ownership_->now() != ownership::phase::owning) {
        return false;
    }
    const bool folded = with_.log.archived(partition_) >= ownership_->reign().claimed_at;
    return (folded || events::is_broken(events::rule::read_back)) &&
           unarchived_bytes_ < limits_.unarchived_bytes_max;
}

void partition_writer::update_readiness() {
    const bool ready = is_ready();
    counters_.owning = ready;
    counters_.reigning = !closing_ && ownership_ && ownership_->now() == ownership::phase::owning;
    counters_.streams_in_memory = static_cast<std::int64_t>(cache_.streams());
    counters_.directories_in_memory = static_cast<std::int64_t>(cache_.directories());
    if (ready) {
        resume_ready();
    }
}

void partition_writer::resume_ready() {
    const bool ready = is_ready();
    const auto now = infra::steady_clock::now();
    std::vector<ready_waiter> resumed;
    std::erase_if(waiting_, [&](waiting_command& waiting) {
        const bool done = ready || closing_ || waiting.deadline <= now;
        if (done) {
            resumed.push_back(std::move(waiting.resume));
        }
        return done;
    });
    for (auto& resume : resumed) {
        resume(ready);
    }
}

void partition_writer::give_up_waiting(std::chrono::milliseconds after) {
    const auto oldest = infra::steady_clock::now() - after;
    std::vector<waiter> given_up;
    for (auto& [token, commit] : commits_) {
        if (commit.begun <= oldest) {
            std::ranges::move(commit.waiters, std::back_inserter(given_up));
            commit.waiters.clear();
        }
    }
    for (auto& waiter : given_up) {
        waiter({});
    }
}

/// What is known now: the next claim settles these commits, but may itself find no room for long.
void partition_writer::refuse_for_room(const batch_place& place) {
    std::vector<waiter> refused;
    for (auto& [token, commit] : commits_) {
        if (commit.reign == place.reign && commit.first_sequence >= place.first_sequence &&
            commit.first_sequence <= place.last_sequence) {
            std::ranges::move(commit.waiters, std::back_inserter(refused));
            commit.waiters.clear();
        }
    }
    for (auto& waiter : refused) {
        waiter({.what = fate::kind::no_room, .last = -1});
    }
}

void partition_writer::trim_unarchived() {
    const auto archived = with_.log.archived(partition_);
    while (!unarchived_.empty() && unarchived_.front().first <= archived) {
        unarchived_bytes_ -= unarchived_.front().second;
        unarchived_.pop_front();
    }
}

}  // namespace teamflow::commands
