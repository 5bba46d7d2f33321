#include "infra/kafka/archiver.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>

#include "infra/failpoint.hpp"
#include "infra/log/record_rows.hpp"

namespace teamflow::infra {

namespace {

using postgres::array_param;
using postgres::statement;

constexpr std::chrono::milliseconds read_limit{200};
constexpr std::chrono::milliseconds back_off{200};

constexpr statement checkpoints_statement{
    "archiver.checkpoints",
    R"(select partition, "offset", epoch_offset, epoch_writer, next_sequence)"
    R"( from teamflow.archive_checkpoints order by partition)"
};

/// Only partitions whose checkpoint lies where we left it move it, and only their rows go in.
/// Parameters 1 to 6 are one row a partition, the rest the records.
const std::string& write_sql() {
    static const std::string sql = fmt::format(
        R"(with moved as (
             update teamflow.archive_checkpoints c
                set "offset" = b."offset", epoch_offset = b.epoch_offset,
                    epoch_writer = b.epoch_writer, next_sequence = b.next_sequence
               from unnest($1, $2, $3, $4, $5, $6)
                    as b (partition, before, "offset", epoch_offset, epoch_writer, next_sequence)
              where c.partition = b.partition and c."offset" = b.before
             returning c.partition
           ), rows as (
             insert into teamflow.log_records ({0})
             select r.*
               from unnest($7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
                           $22, $23, $24, $25, $26, $27, $28, $29, $30) as r ({0})
               join moved m on m.partition = r.partition
           )
           select partition from moved)",
        record_columns
    );
    return sql;
}

postgres::pool_options pool_options_of_archiver() {
    postgres::pool_options options;
    options.size = 1;
    options.connection.connect.application_name = "teamflow archiver";
    return options;
}

}  // namespace

std::shared_ptr<archiver> archiver::make(
    asio::any_io_executor executor,
    std::shared_ptr<kafka_log> log,
    std::string database_url,
    limits bounds
) {
    return std::make_shared<archiver>(
        private_tag{}, std::move(executor), std::move(log), std::move(database_url), bounds
    );
}

archiver::archiver(
    private_tag /*only make()*/,
    asio::any_io_executor executor,
    std::shared_ptr<kafka_log> log,
    std::string database_url,
    limits bounds
)
    : executor_(std::move(executor)),
      log_(std::move(log)),
      database_(executor_, std::move(database_url), pool_options_of_archiver()),
      limits_(bounds),
      stopping_(std::make_shared<wakeup>(executor_)) {}

task<> archiver::run(std::shared_ptr<archiver> self) {
    while (!self->stopped_) {
        std::string failure;
        try {
            if (!self->reader_) {
                co_await self->begin();
            }
            co_await self->archive_some();
        } catch (const postgres_error& lost) {
            failure = lost.what();
        } catch (const log_unavailable& lost) {
            failure = lost.what();
        } catch (const events::log_gap& gap) {
            failure = gap.what();
        }
        if (!failure.empty()) {
            // Whether the last batch was committed is read from the checkpoints.
            spdlog::warn("the archive waits: {}", failure);
            self->reader_.reset();
            co_await self->stopping_->wait(back_off);
        }
    }
}

void archiver::stop() {
    stopped_ = true;
    asio::post(executor_, [self = shared_from_this()] {
        self->stopping_->signal();
        if (self->reader_) {
            self->reader_->interrupt();
        }
    });
}

task<> archiver::begin() {
    const auto rows = co_await database_.query(checkpoints_statement);
    lanes_.clear();
    std::vector<events::position> from;
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        const events::checkpoint written{
            .at = rows.get<std::int64_t>(row, 1),
            .reign = {rows.get<std::int64_t>(row, 2), rows.get<events::writer_id>(row, 3)},
            .next_sequence = rows.get<std::int64_t>(row, 4)
        };
        const auto partition = rows.get<std::int32_t>(row, 0);
        from.push_back({.partition = partition, .at = written.at + 1});
        lanes_.push_back(
            {.written = written, .fold = events::partition_fold(written), .waiting = {}}
        );
        log_->note_archived(partition, written.at);
    }
    reader_ = std::make_unique<log_reader>(*log_, executor_, from);
}

std::size_t archiver::take_all(const std::vector<record_batch>& batches) {
    std::size_t count = 0;
    for (const auto& read : batches) {
        count += read.records.size();
        for (const auto& record : read.records) {
            take(record);
        }
    }
    return count;
}

task<> archiver::archive_some() {
    auto batches = co_await reader_->next(limits_.max_records_per_partition, read_limit);
    const auto count = take_all(batches);
    const bool follows_closely = steady_clock::now() - written_at_ < limits_.linger;
    if ((count >= busy_records || (count > 0 && follows_closely)) &&
        count < limits_.max_records_per_partition) {
        co_await stopping_->wait(limits_.linger);
        constexpr std::chrono::milliseconds at_once{0};
        batches = co_await reader_->next(limits_.max_records_per_partition, at_once);
        take_all(batches);
    }
    auto what = next_batch();
    while (!what.partitions.empty()) {
        co_await write(std::move(what));
        what = next_batch();
    }
}

void archiver::take(const events::record_ptr& record) {
    lane& into = lanes_.at(static_cast<std::size_t>(record->partition));
    const auto settle = [&](std::span<const events::record_ptr> records, events::record_kind kind) {
        for (const auto& each : records) {
            into.waiting[static_cast<std::size_t>(each->at - into.written.at - 1)].kind = kind;
        }
    };
    into.waiting.push_back({.record = record, .kind = std::nullopt});
    switch (into.fold.next(record)) {
        case events::verdict::claim:
            settle(into.fold.discarded(), events::record_kind::incomplete);
            into.waiting.back().kind = events::record_kind::claim;
            break;
        case events::verdict::event:
            settle(into.fold.commit(), events::record_kind::event);
            break;
        case events::verdict::ghost:
            into.waiting.back().kind = events::record_kind::ghost;
            ++counters_.ghosts;
            break;
        case events::verdict::open:
            break;
    }
}

archiver::batch archiver::next_batch() {
    auto partition = array_param::of<std::int32_t>();
    auto before = array_param::of<std::int64_t>();
    auto at = array_param::of<std::int64_t>();
    auto epoch_offset = array_param::of<std::int64_t>();
    auto epoch_writer = array_param::of<events::uuid>();
    auto next_sequence = array_param::of<std::int64_t>();
    record_arrays rows;
    batch what;
    for (std::size_t i = 0; i < lanes_.size() && rows.size() < limits_.max_records_per_batch; ++i) {
        const lane& from = lanes_[i];
        if (!from.can_write()) {
            continue;
        }
        const auto& boundary = from.fold.boundary();
        what.partitions.push_back(static_cast<events::partition_id>(i));
        partition.push(what.partitions.back());
        before.push(from.written.at);
        at.push(boundary.at);
        epoch_offset.push(boundary.reign.claimed_at);
        epoch_writer.push(boundary.reign.writer);
        next_sequence.push(boundary.next_sequence);
        for (const auto& [record, kind] : from.waiting) {
            // Up to the boundary every commit has ended.
            if (record->at > boundary.at || !kind) {
                break;
            }
            rows.push(*record, record->at, *kind);
        }
    }
    counters_.records += rows.size();
    for (auto* column : {&partition, &before, &at, &epoch_offset, &epoch_writer, &next_sequence}) {
        what.with.add(std::move(*column));
    }
    rows.move_to(what.with);
    return what;
}

task<> archiver::write(batch what) {
    failpoint("archiver.before_commit");
    const statement call{"archiver.write", write_sql()};
    const auto moved = co_await database_.query(call, std::move(what.with));
    failpoint("archiver.after_commit");
    written_at_ = steady_clock::now();
    ++counters_.batches;
    for (std::size_t row = 0; row < moved.rows(); ++row) {
        wrote(moved.get<std::int32_t>(row, 0));
    }
    if (moved.rows() < what.partitions.size()) {
        ++counters_.overtaken;
        throw log_unavailable("another archiver moved on");
    }
}

void archiver::wrote(events::partition_id partition) {
    lane& of = lanes_.at(static_cast<std::size_t>(partition));
    const auto count = of.fold.boundary().at - of.written.at;
    of.waiting.erase(of.waiting.begin(), of.waiting.begin() + count);
    of.written = of.fold.boundary();
    log_->note_archived(partition, of.written.at);
}

}  // namespace teamflow::infra
