#include "projections/projector_step.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "projections/statements.hpp"

namespace teamflow::projections {

namespace postgres = infra::postgres;

namespace {

/// A handler that needs rows which follow from rows which follow from rows asks once for each
/// level; none goes this deep.
constexpr std::size_t max_passes = 16;

constexpr std::size_t max_reason_bytes = 2000;

/// An error as text that PostgreSQL takes: no NUL, valid UTF-8, bounded.
std::string printable(std::string_view reason) {
    std::string out;
    for (const char letter : reason.substr(0, max_reason_bytes)) {
        const auto code = static_cast<unsigned char>(letter);
        out += code < 0x20 || code >= 0x7f ? '?' : letter;
    }
    return out;
}

}  // namespace

projection_stopped::projection_stopped(events::position at, const std::string& reason)
    : std::runtime_error(fmt::format("stopped before {}: {}", to_string(at), reason)) {}

projector_step::projector_step(const projection& what, build_state from, step_limits limits)
    : what_(what),
      build_(from.build),
      limits_(limits),
      rows_(what.make_unit(limits.rows)),
      parked_keys_(from.parked_keys.begin(), from.parked_keys.end()),
      set_aside_(std::move(from.set_aside)),
      skipped_(std::move(from.skipped)) {
    const auto& schema = from.schema.empty() ? what_.name : from.schema;
    for (const auto& table : what_.tables) {
        sql_.push_back(make_sql(table.definition, schema));
    }
    for (const auto& [partition, at] : from.checkpoints) {
        partitions_.emplace(partition, partition_state{events::partition_fold(at), at, at});
    }
}

void projector_step::add(
    events::partition_id partition, std::span<const events::record_ptr> records
) {
    auto& fold = partitions_.at(partition).fold;
    for (const auto& record : records) {
        if (fold.next(record) == events::verdict::event) {
            queue(partition, fold.boundary(), fold.commit());
        }
    }
}

void projector_step::add_valid(
    const partition_checkpoint& until, std::span<const events::record_ptr> records
) {
    while (!records.empty()) {
        const auto count = static_cast<std::size_t>(records.front()->commit.count);
        const auto commit = records.first(std::min(count, records.size()));
        const auto& last = *commit.back();
        if (commit.size() != count || last.commit.id != commit.front()->commit.id) {
            throw std::logic_error(
                "no whole commit ends at " + to_string(events::position{last.partition, last.at})
            );
        }
        queue(
            until.partition,
            {.at = last.at, .reign = last.reign, .next_sequence = last.sequence + 1},
            commit
        );
        records = records.subspan(count);
    }
    partitions_.at(until.partition).fold = events::partition_fold(until.at);
}

void projector_step::queue(
    events::partition_id partition,
    const events::checkpoint& after,
    std::span<const events::record_ptr> records
) {
    queued_commit commit{
        .partition = partition, .after = after, .events = {}, .decoded = false, .poison = {}
    };
    for (const auto& each : records) {
        commit.events.push_back({each, what_.find_handler(each->head.type), std::nullopt});
    }
    if (is_in(skipped_, commit)) {
        for (auto& each : commit.events) {
            each.handle = nullptr;
        }
    }
    queue_.push_back(std::move(commit));
}

void projector_step::add_parked(std::span<const events::record_ptr> records) {
    const auto partition = records.front()->partition;
    queue(partition, partitions_.at(partition).reached, records);
}

bool projector_step::has_work() const {
    return !queue_.empty() || std::ranges::any_of(partitions_, [](const auto& entry) {
        return entry.second.fold.boundary() != entry.second.reached;
    });
}

projector_step::need projector_step::prepare() {
    if (passes_ == 0) {
        choose_batch();
    }
    if (++passes_ > max_passes) {
        throw std::logic_error("projection " + what_.name + ": handlers always need more rows");
    }
    for (;;) {
        const auto failed = run_batch();
        if (rows_.missing() != 0) {
            return need::load;
        }
        if (!failed) {
            return need::flush;
        }
        if (*failed == 0) {
            const queued_commit& commit = queue_.front();
            const std::string reason = commit.poison;
            if (what_.on_poison == poison_policy::stop) {
                const auto& first = *commit.events.front().record;
                throw projection_stopped({commit.partition, first.at}, reason);
            }
            rows_.discard();
            park(commit, reason);
            batch_ = 1;
            return need::flush;
        }
        batch_ = *failed;  // what lies before the poison goes first
    }
}

void projector_step::choose_batch() {
    batch_ = 0;
    std::size_t events = 0;
    const std::size_t most = one_by_one_ > 0 ? 1 : queue_.size();
    while (batch_ < most && (batch_ == 0 || events < limits_.max_batch_events)) {
        events += queue_[batch_].events.size();
        ++batch_;
    }
}

/// Runs the batch anew; the first commit that failed, if any did for sure. A failure while rows
/// are missing says nothing: it may come from their absence.
std::optional<std::size_t> projector_step::run_batch() {
    rows_.discard();
    parking_.clear();
    parking_keys_.clear();
    for (std::size_t i = 0; i < batch_; ++i) {
        queued_commit& commit = queue_[i];
        if (const auto* key = waits_behind(commit); key != nullptr) {
            park(commit, "waits behind " + *key);
        } else if (is_in(set_aside_, commit)) {
            park(commit, "set aside");
        } else if (!run_commit(commit) && rows_.missing() == 0) {
            return i;
        }
    }
    return std::nullopt;
}

bool projector_step::run_commit(queued_commit& commit) {
    decode(commit);
    if (!commit.poison.empty()) {
        return false;
    }
    try {
        for (const auto& each : commit.events) {
            if (each.handle != nullptr) {
                const events::position at{commit.partition, each.record->at};
                rows_.begin_event(at);
                each.handle->handle(rows_, *each.event, {each.record->head, at});
            }
        }
        return true;
    } catch (const std::exception& error) {
        if (rows_.missing() == 0) {
            commit.poison = printable(error.what());
        }
        return false;
    }
}

void projector_step::decode(queued_commit& commit) {
    if (std::exchange(commit.decoded, true)) {
        return;
    }
    for (auto& each : commit.events) {
        if (each.handle == nullptr) {
            continue;
        }
        try {
            const auto& head = each.record->head;
            each.event = events::decode(head.type, head.schema_version, each.record->data);
        } catch (const events::undecodable_event& error) {
            commit.poison = printable(error.what());
        }
    }
}

const std::string* projector_step::waits_behind(const queued_commit& commit) const {
    if (parked_keys_.empty() && parking_keys_.empty()) {
        return nullptr;
    }
    for (const auto& each : commit.events) {
        if (each.handle == nullptr) {
            continue;
        }
        const auto key = what_.parking_key_of(each.record->head);
        for (const auto* keys : {&parked_keys_, &parking_keys_}) {
            if (const auto found = keys->find(key); found != keys->end()) {
                return &*found;
            }
        }
    }
    return nullptr;
}

bool projector_step::is_in(const std::set<place>& places, const queued_commit& commit) {
    return !places.empty() && std::ranges::any_of(commit.events, [&](const auto& each) {
        return places.contains({commit.partition, each.record->at});
    });
}

void projector_step::park(const queued_commit& commit, std::string reason) {
    for (const auto& each : commit.events) {
        if (each.handle != nullptr) {
            parking_keys_.insert(what_.parking_key_of(each.record->head));
        }
    }
    parking_.push_back({&commit, std::move(reason)});
}

std::vector<postgres::call> projector_step::loads() const {
    std::vector<postgres::call> calls;
    for (std::size_t i = 0; i < rows_.tables(); ++i) {
        const auto& table = rows_.table(i);
        if (table.missing() != 0) {
            calls.push_back({{"projection_load", sql_[i].load}, table.wanted()});
        }
    }
    return calls;
}

void projector_step::loaded(std::span<const postgres::result> answers) {
    auto answer = answers.begin();
    for (std::size_t i = 0; i < rows_.tables(); ++i) {
        if (rows_.table(i).missing() != 0) {
            rows_.table(i).loaded(*answer++);
        }
    }
}

/// Where the partitions will stand after the batch, as far as the database does not say so already.
std::map<events::partition_id, events::checkpoint> projector_step::next_checkpoints() const {
    std::map<events::partition_id, events::checkpoint> next;
    for (const auto& [partition, state] : partitions_) {
        next[partition] = batch_ == queue_.size() ? state.fold.boundary() : state.reached;
    }
    for (std::size_t i = 0; i < batch_ && batch_ < queue_.size(); ++i) {
        next[queue_[i].partition] = queue_[i].after;
    }
    std::erase_if(next, [this](const auto& entry) {
        return entry.second == partitions_.at(entry.first).saved;
    });
    return next;
}

std::vector<postgres::call> projector_step::changes() const {
    std::vector<postgres::call> calls;
    calls.push_back(checkpoint_call());
    for (std::size_t i = 0; i < rows_.tables(); ++i) {
        auto changes = rows_.table(i).changes();
        if (changes.erased != 0) {
            calls.push_back({{"projection_erase", sql_[i].erase}, std::move(changes.erasures)});
        }
        if (changes.upserted != 0) {
            calls.push_back({{"projection_upsert", sql_[i].upsert}, std::move(changes.upserts)});
        }
    }
    if (!parking_.empty()) {
        calls.push_back(parking_call());
    }
    calls.push_back(notice_call());
    return calls;
}

std::vector<table_changes> projector_step::row_changes() const {
    std::vector<table_changes> all;
    all.reserve(rows_.tables());
    for (std::size_t i = 0; i < rows_.tables(); ++i) {
        all.push_back(rows_.table(i).changes());
    }
    return all;
}

std::optional<postgres::call> projector_step::parking() const {
    return parking_.empty() ? std::nullopt : std::optional(parking_call());
}

std::vector<events::commit_id> projector_step::batch_commits() const {
    std::vector<events::commit_id> out;
    out.reserve(batch_);
    for (std::size_t i = 0; i < batch_; ++i) {
        out.push_back(queue_[i].events.front().record->commit.id);
    }
    return out;
}

std::vector<std::pair<events::commit_id, std::string>> projector_step::parking_now() const {
    std::vector<std::pair<events::commit_id, std::string>> out;
    out.reserve(parking_.size());
    for (const auto& each : parking_) {
        out.emplace_back(each.commit->events.front().record->commit.id, each.reason);
    }
    return out;
}

postgres::call projector_step::checkpoint_call() const {
    auto partitions = postgres::array_param::of<events::partition_id>();
    std::array<checkpoint_arrays, 2> from_to;
    for (const auto& [partition, next] : next_checkpoints()) {
        partitions.push(partition);
        from_to[0].add(partitions_.at(partition).saved);
        from_to[1].add(next);
    }
    postgres::params with;
    with.add(what_.name);
    with.add(build_);
    with.add(std::move(partitions));
    from_to[0].move_into(with);
    from_to[1].move_into(with);
    return {move_checkpoints, std::move(with)};
}

postgres::call projector_step::parking_call() const {
    parked_arrays parked(what_.name, build_);
    for (const auto& [commit, reason] : parking_) {
        for (const auto& each : commit->events) {
            if (each.handle != nullptr) {
                parked.add(what_.parking_key_of(each.record->head), *each.record, reason);
            }
        }
    }
    return {park_events, parked.take()};
}

postgres::call projector_step::notice_call() const {
    std::vector<events::position> reached;
    for (const auto& [partition, next] : next_checkpoints()) {
        reached.push_back({partition, next.at});
    }
    return {notify_progress, postgres::params::of(progress_notice(what_.name, reached))};
}

bool projector_step::has_changes() const {
    bool changed = !parking_.empty();
    for (std::size_t i = 0; i < rows_.tables(); ++i) {
        changed = changed || rows_.table(i).changed() != 0;
    }
    return changed;
}

bool projector_step::has_unsaved_checkpoints() const {
    return std::ranges::any_of(partitions_, [](const auto& entry) {
        return entry.second.reached != entry.second.saved;
    });
}

batch_summary projector_step::flushed() {
    for (const auto& [partition, next] : next_checkpoints()) {
        partitions_.at(partition).saved = next;
        partitions_.at(partition).reached = next;
    }
    return leave_batch();
}

batch_summary projector_step::passed() {
    for (const auto& [partition, next] : next_checkpoints()) {
        partitions_.at(partition).reached = next;
    }
    return leave_batch();
}

batch_summary projector_step::leave_batch() {
    batch_summary summary;
    for (std::size_t i = 0; i < rows_.tables(); ++i) {
        summary.rows += rows_.table(i).changed();
    }
    for (std::size_t i = 0; i < batch_; ++i) {
        for (const auto& each : queue_[i].events) {
            ++summary.events;
            summary.newest = each.record->head.time;
            const bool known = each.handle != nullptr ||
                               events::find_event_type(each.record->head.type) != nullptr;
            summary.unknown += known ? 0 : 1;
        }
    }
    summary.parked = parking_.size();
    rows_.settle();
    parked_keys_.merge(parking_keys_);
    parking_.clear();
    parking_keys_.clear();
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(batch_));
    one_by_one_ -= std::min(one_by_one_, batch_);
    batch_ = 0;
    passes_ = 0;
    return summary;
}

void projector_step::refused(std::string_view reason) {
    if (batch_ == 0 || (batch_ == 1 && !parking_.empty())) {
        throw std::runtime_error("the parking itself was refused: " + printable(reason));
    }
    if (batch_ == 1) {
        queue_.front().poison = printable(reason);
    } else {
        one_by_one_ = batch_;
    }
    rows_.discard();
    parking_.clear();
    parking_keys_.clear();
    passes_ = 0;
}

std::vector<events::position> projector_step::positions() const {
    std::vector<events::position> reached;
    reached.reserve(partitions_.size());
    for (const auto& [partition, state] : partitions_) {
        reached.push_back({partition, state.reached.at});
    }
    return reached;
}

std::int64_t projector_step::ghosts() const {
    std::int64_t sum = 0;
    for (const auto& [partition, state] : partitions_) {
        sum += state.fold.ghosts();
    }
    return sum;
}

}  // namespace teamflow::projections
