#include "infra/log/postgres_log.hpp"

#include <limits>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>

#include "infra/crypto/random.hpp"
#include "infra/failpoint.hpp"
#include "infra/log/archive.hpp"
#include "infra/log/record_rows.hpp"

namespace teamflow::infra {

namespace {

using postgres::array_param;
using postgres::params;
using postgres::statement;

/// Other processes hear of appends at most this often; a hint may be late, never missed for long.
constexpr std::chrono::milliseconds hint_interval{2};
constexpr std::chrono::seconds poll_interval{1};
constexpr std::string_view channel = "teamflow_log";

/// The fence and the insert in one statement: only partitions whose epoch and next sequence number
/// are the writer's move their counter, and only their rows go in. Parameters 1 to 5 are one row a
/// partition; the rest are the records, their "offset" being the rank within the partition.
const std::string& append_sql() {
    static const std::string sql = fmt::format(
        R"(with fence as (
             update teamflow.log_partitions p
                set next_offset = p.next_offset + b.records,
                    next_sequence = p.next_sequence + b.records
               from unnest($1, $2, $3, $4, $5)
                    as b (partition, epoch_offset, epoch_writer, first_sequence, records)
              where p.partition = b.partition and p.epoch_offset = b.epoch_offset
                and p.epoch_writer = b.epoch_writer and p.next_sequence = b.first_sequence
             returning p.partition, p.next_offset - b.records as base
           ), rows as (
             insert into teamflow.log_records ({0})
             select r.partition, f.base + r."offset", kind, epoch_offset, epoch_writer, sequence,
                    commit_id, commit_index, commit_count, event_id, type, schema_version, stream,
                    stream_version, organization, actor, time, correlation_id, causation_id,
                    traceparent, data, idempotency_key, fingerprint, answer
               from unnest($6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
                           $21, $22, $23, $24, $25, $26, $27, $28, $29) as r ({0})
               join fence f on f.partition = r.partition
           )
           select partition, base from fence)",
        record_columns
    );
    return sql;
}

constexpr std::string_view claim_sql =
    R"(with claimed as (
         update teamflow.log_partitions
            set next_offset = next_offset + 1, next_sequence = 0, epoch_offset = next_offset,
                epoch_writer = $2, owner_address = $3, claimed_at = now()
          where partition = $1
         returning epoch_offset as at
       )
       insert into teamflow.log_records
       select $1, at, 2, at, $2, 0, $2, 0, 1, $2, 'log.writer_claimed', 1, '', 0,
              '00000000-0000-0000-0000-000000000000', '', now(), $2, null, '',
              json_build_object('address', $3)
         from claimed
       returning "offset")";

constexpr statement end_statement{
    "log.end", "select next_offset - 1 from teamflow.log_partitions where partition = $1"
};

constexpr statement ends_statement{
    "log.ends", "select partition, next_offset - 1 from teamflow.log_partitions"
};

constexpr statement info_statement{"log.info", "select backend, partitions from teamflow.log_info"};

constexpr statement checkpoint_statement{
    "log.checkpoint",
    "select next_offset - 1, epoch_offset, epoch_writer, next_sequence"
    " from teamflow.log_partitions where partition = $1"
};

/// What one partition brings to a transaction: batches of one epoch that follow each other.
struct partition_share {
    events::epoch reign;
    std::int64_t first_sequence = 0;
    std::int32_t records = 0;

    [[nodiscard]] bool is_followed_by(const append_batch& batch) const {
        return batch.reign == reign && batch.first_sequence == first_sequence + records;
    }
};

using shares = std::map<events::partition_id, partition_share>;

/// Adds the batch unless it does not follow what its partition brings already: then it belongs to
/// an epoch that ended, or to the next transaction.
bool add_share(shares& all, const append_batch& batch) {
    const auto [place, is_new] = all.try_emplace(
        batch.partition,
        partition_share{.reign = batch.reign, .first_sequence = batch.first_sequence}
    );
    auto& share = place->second;
    if (!is_new && !share.is_followed_by(batch)) {
        return false;
    }
    share.records += static_cast<std::int32_t>(batch.records.size());
    return true;
}

params append_params(const shares& all) {
    auto partition = array_param::of<std::int32_t>();
    auto epoch_offset = array_param::of<std::int64_t>();
    auto epoch_writer = array_param::of<events::uuid>();
    auto first_sequence = array_param::of<std::int64_t>();
    auto records = array_param::of<std::int32_t>();
    for (const auto& [number, share] : all) {
        partition.push(number);
        epoch_offset.push(share.reign.claimed_at);
        epoch_writer.push(share.reign.writer);
        first_sequence.push(share.first_sequence);
        records.push(share.records);
    }
    params with;
    with.add(std::move(partition));
    with.add(std::move(epoch_offset));
    with.add(std::move(epoch_writer));
    with.add(std::move(first_sequence));
    with.add(std::move(records));
    return with;
}

postgres::pool_options one_connection(std::string name) {
    postgres::pool_options options;
    options.size = 1;
    options.connection.connect.application_name = std::move(name);
    return options;
}

/// It writes nothing but hints, which need no disk.
postgres::pool_options reading_connection() {
    auto options = one_connection("teamflow log read");
    options.connection.settings = {{"synchronous_commit", "off"}};
    return options;
}

/// Different in each process and each opened log.
std::string unique_name() {
    events::uuid name{};
    system_random().fill(name.data);
    return events::to_string(name);
}

}  // namespace

void postgres_log::create(postgres::session& database, std::int32_t partitions) {
    database.query(
        "insert into teamflow.log_info (log_id, backend, partitions)"
        " values (gen_random_uuid(), 'postgres', $1) on conflict do nothing",
        {std::to_string(partitions)}
    );
    database.query(
        "insert into teamflow.log_partitions (partition)"
        " select generate_series(0, partitions - 1) from teamflow.log_info on conflict do nothing"
    );
    const auto info = database.query(std::string(info_statement.sql));
    const auto backend = info.get<std::string>(0, 0);
    const auto existing = info.get<std::int32_t>(0, 1);
    if (backend != "postgres" || existing != partitions) {
        throw std::runtime_error(fmt::format(
            "this database holds a {} log with {} partitions; it cannot become a postgres log with "
            "{}. Use the same settings as before, or copy the history with `teamflow log copy`",
            backend,
            existing,
            partitions
        ));
    }
}

task<std::shared_ptr<postgres_log>> postgres_log::open(
    asio::any_io_executor executor, settings how
) {
    postgres::pool database(executor, how.url, one_connection("teamflow log"));
    const auto info = co_await database.query(info_statement);
    if (info.empty() || info.get<std::string>(0, 0) != "postgres") {
        throw std::runtime_error(
            "this database holds no postgres log. Create it with `teamflow migrate`"
        );
    }
    const auto partitions = info.get<std::int32_t>(0, 1);
    auto log = std::shared_ptr<postgres_log>(
        new postgres_log(std::move(executor), std::move(how), partitions)
    );
    asio::co_spawn(log->executor_, follow_others(log), asio::detached);
    asio::co_spawn(log->executor_, tell_others(log), asio::detached);
    co_return log;
}

postgres_log::postgres_log(asio::any_io_executor executor, settings how, std::int32_t partitions)
    : executor_(std::move(executor)),
      settings_(std::move(how)),
      partitions_(partitions),
      tail_(partitions, settings_.tail_bytes_per_partition),
      reading_(executor_, settings_.url, reading_connection()),
      name_(unique_name()),
      ask_others_(std::make_shared<wakeup>(executor_)),
      appended_(std::make_shared<wakeup>(executor_)),
      listener_(
          executor_,
          settings_.url,
          {std::string(channel)},
          {.notified =
               [ask = ask_others_, own = name_](std::string_view, std::string_view from) {
                   if (from != own) {
                       ask->signal();
                   }
               },
           .listening = [ask = ask_others_] { ask->signal(); }}
      ) {
    if (settings_.lanes.empty()) {
        settings_.lanes.assign(2, executor_);
    }
    for (const auto& each : settings_.lanes) {
        lanes_.emplace_back(each, settings_.url);
    }
}

postgres_log::lane::lane(asio::any_io_executor on, const std::string& url)
    : executor(std::move(on)), writing(executor, url, one_connection("teamflow log append")) {}

void postgres_log::append(append_batch batch, append_done done) {
    check_sizes(batch);
    lane& through = lane_of(batch.partition);
    {
        const std::lock_guard lock(through.mutex);
        through.queue.push_back({std::move(batch), std::move(done)});
        if (std::exchange(through.appending, true)) {
            return;
        }
    }
    asio::co_spawn(through.executor, append_queued(shared_from_this(), through), asio::detached);
}

std::vector<postgres_log::queued_batch> postgres_log::take_queued(lane& from) const {
    const std::lock_guard lock(from.mutex);
    auto& queue = from.queue;
    std::size_t records = 0;
    std::size_t taken = 0;
    shares all;
    while (taken < queue.size() && records < settings_.max_records_per_commit &&
           add_share(all, queue[taken].batch)) {
        records += queue[taken].batch.records.size();
        ++taken;
    }
    const auto middle = queue.begin() + static_cast<std::ptrdiff_t>(taken);
    std::vector<queued_batch> batches(
        std::make_move_iterator(queue.begin()), std::make_move_iterator(middle)
    );
    queue.erase(queue.begin(), middle);
    from.appending = !batches.empty();
    return batches;
}

task<> postgres_log::append_queued(std::shared_ptr<postgres_log> self, lane& from) {
    auto batches = self->take_queued(from);
    while (!batches.empty()) {
        co_await self->commit(from, batches);
        batches = self->take_queued(from);
    }
}

task<> postgres_log::commit(lane& through, std::vector<queued_batch>& batches) {
    shares all;
    record_arrays rows;
    for (const auto& queued : batches) {
        add_share(all, queued.batch);
        const auto share = all.at(queued.batch.partition);
        auto rank = share.records - static_cast<std::int32_t>(queued.batch.records.size());
        for (const auto& record : queued.batch.records) {
            rows.push(*record, rank++, events::record_kind::event);
        }
    }
    auto with = append_params(all);
    rows.move_to(with);
    const statement what{"log.append", append_sql()};
    try {
        const auto bases = co_await through.writing.query(what, std::move(with));
        failpoint("postgres_log.before_report");
        settle(batches, bases);
    } catch (const postgres_error& failure) {
        spdlog::error("log append failed: {}", failure.what());
        const append_outcome outcome{
            .status = append_status::unknown, .storage_full = failure.is_storage_full()
        };
        for (auto& queued : batches) {
            queued.done(outcome);
        }
    }
}

void postgres_log::settle(std::vector<queued_batch>& batches, const postgres::result& bases) {
    std::map<events::partition_id, events::offset> next;
    for (std::size_t row = 0; row < bases.rows(); ++row) {
        next[bases.get<std::int32_t>(row, 0)] = bases.get<std::int64_t>(row, 1);
    }
    std::map<events::partition_id, std::vector<events::record_ptr>> durable;
    for (auto& queued : batches) {
        const auto place = next.find(queued.batch.partition);
        if (place == next.end()) {
            queued.done({.status = append_status::fenced, .last = std::nullopt});
            continue;
        }
        auto& records = durable[queued.batch.partition];
        for (auto& record : queued.batch.records) {
            record->at = place->second++;
            records.push_back(std::move(record));
        }
        queued.done({.status = append_status::durable, .last = place->second - 1});
    }
    for (const auto& [partition, records] : durable) {
        tail_.push(partition, records);
    }
    appended_->signal();
}

task<events::offset> postgres_log::claim(
    events::partition_id partition, events::writer_id writer, std::string address
) {
    auto work = claim_here(shared_from_this(), partition, writer, std::move(address));
    auto& lane = lane_of(partition);
    co_return co_await asio::co_spawn(lane.executor, std::move(work), asio::use_awaitable);
}

task<events::offset> postgres_log::claim_here(
    std::shared_ptr<postgres_log> self,
    events::partition_id partition,
    events::writer_id writer,
    std::string address
) {
    const statement what{"log.claim", claim_sql};
    auto with = params::of(partition, writer, address);
    try {
        const auto claimed = co_await self->lane_of(partition).writing.query(what, std::move(with));
        const auto at = claimed.get<std::int64_t>(0, 0);
        self->tail_.extend(partition, at);
        self->appended_->signal();
        co_return at;
    } catch (const postgres_error& failure) {
        const auto reason = std::string("the log took no claim: ") + failure.what();
        if (failure.is_storage_full()) {
            throw log_full(reason);
        }
        throw log_unavailable(reason);
    }
}

task<std::vector<events::record_ptr>> postgres_log::fetch(
    events::partition_id partition, events::offset from, std::size_t max_records
) {
    auto work = fetch_here(shared_from_this(), partition, from, max_records);
    co_return co_await asio::co_spawn(executor_, std::move(work), asio::use_awaitable);
}

task<std::vector<events::record_ptr>> postgres_log::fetch_here(
    std::shared_ptr<postgres_log> self,
    events::partition_id partition,
    events::offset from,
    std::size_t max_records
) {
    try {
        co_return co_await archive(self->reading_)
            .range(partition, from, static_cast<std::int64_t>(max_records));
    } catch (const postgres_error& failure) {
        throw log_unavailable(std::string("the log cannot be read: ") + failure.what());
    }
}

task<events::offset> postgres_log::end(events::partition_id partition) {
    auto work = end_here(shared_from_this(), partition);
    co_return co_await asio::co_spawn(executor_, std::move(work), asio::use_awaitable);
}

task<events::offset> postgres_log::end_here(
    std::shared_ptr<postgres_log> self, events::partition_id partition
) {
    try {
        auto with = params::of(partition);
        const auto rows = co_await self->reading_.query(end_statement, std::move(with));
        co_return rows.get<std::int64_t>(0, 0);
    } catch (const postgres_error& failure) {
        throw log_unavailable(std::string("the log's end is not known: ") + failure.what());
    }
}

task<std::vector<events::offset>> postgres_log::ends() {
    auto work = ends_here(shared_from_this());
    co_return co_await asio::co_spawn(executor_, std::move(work), asio::use_awaitable);
}

task<std::vector<events::offset>> postgres_log::ends_here(std::shared_ptr<postgres_log> self) {
    try {
        const auto rows = co_await self->reading_.query(ends_statement);
        std::vector<events::offset> all(static_cast<std::size_t>(self->partitions_), -1);
        for (std::size_t row = 0; row < rows.rows(); ++row) {
            all.at(static_cast<std::size_t>(rows.get<events::partition_id>(row, 0))) =
                rows.get<events::offset>(row, 1);
        }
        co_return all;
    } catch (const postgres_error& failure) {
        throw log_unavailable(std::string("the log's ends are not known: ") + failure.what());
    }
}

task<events::checkpoint> postgres_log::checkpoint(events::partition_id partition) {
    auto work = checkpoint_here(shared_from_this(), partition);
    co_return co_await asio::co_spawn(executor_, std::move(work), asio::use_awaitable);
}

task<events::checkpoint> postgres_log::checkpoint_here(
    std::shared_ptr<postgres_log> self, events::partition_id partition
) {
    try {
        auto with = params::of(partition);
        const auto rows = co_await self->reading_.query(checkpoint_statement, std::move(with));
        co_return events::checkpoint{
            .at = rows.get<std::int64_t>(0, 0),
            .reign = {rows.get<std::int64_t>(0, 1), rows.get<events::writer_id>(0, 2)},
            .next_sequence = rows.get<std::int64_t>(0, 3)
        };
    } catch (const postgres_error& failure) {
        throw log_unavailable(std::string("the log's checkpoint is not known: ") + failure.what());
    }
}

events::offset postgres_log::archived(events::partition_id /*partition*/) const {
    return std::numeric_limits<events::offset>::max();
}

task<> postgres_log::tell_others(std::shared_ptr<postgres_log> self) {
    static constexpr statement notify{"log.notify", "select pg_notify('teamflow_log', $1)"};
    asio::steady_timer pause(self->executor_);
    while (!self->stopped_) {
        const bool appended = co_await self->appended_->wait(poll_interval);
        if (!appended) {
            continue;
        }
        try {
            co_await self->reading_.query(notify, params::of(self->name_));
        } catch (const postgres_error& failure) {
            spdlog::debug("followers were not told of an append: {}", failure.what());
        }
        pause.expires_after(hint_interval);
        co_await pause.async_wait(asio::use_awaitable);
    }
}

task<> postgres_log::follow_others(std::shared_ptr<postgres_log> self) {
    while (!self->stopped_) {
        try {
            const auto ends = co_await ends_here(self);
            for (events::partition_id partition = 0; partition < self->partitions_; ++partition) {
                self->tail_.extend(partition, ends.at(static_cast<std::size_t>(partition)));
            }
        } catch (const log_unavailable& failure) {
            spdlog::warn("{}", failure.what());
        }
        co_await self->ask_others_->wait(poll_interval);
    }
}

void postgres_log::stop() {
    stopped_ = true;
    ask_others_->signal();
    appended_->signal();
}

}  // namespace teamflow::infra
