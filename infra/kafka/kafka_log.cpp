#include "infra/kafka/kafka_log.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "infra/kafka/truncation.hpp"
#include "infra/log/archive.hpp"
#include "infra/log/log_reader.hpp"

namespace teamflow::infra {

namespace {

using postgres::params;
using postgres::statement;

constexpr std::chrono::milliseconds archive_interval{100};
/// Beyond the message_timeout, within which librdkafka promises a report.
constexpr std::chrono::seconds claim_patience{5};

constexpr statement info_statement{
    "log.info", "select backend, partitions, log_id from teamflow.log_info"
};

constexpr statement checkpoint_statement{
    "archive.checkpoint",
    R"(select "offset", epoch_offset, epoch_writer, next_sequence)"
    R"( from teamflow.archive_checkpoints where partition = $1)"
};

constexpr statement checkpoints_statement{
    "archive.checkpoints", R"(select partition, "offset" from teamflow.archive_checkpoints)"
};

constexpr statement claimed_by_statement{
    "archive.claimed_by",
    R"(select c.partition from teamflow.archive_checkpoints c)"
    R"( join teamflow.log_records r on r.partition = c.partition and r."offset" = c.epoch_offset)"
    R"( where r.data->>'address' = $1 order by 1)"
};

postgres::pool_options pool_options_of_log() {
    postgres::pool_options options;
    options.size = 2;
    options.connection.connect.application_name = "teamflow log";
    return options;
}

}  // namespace

struct kafka_log::claimed {
    explicit claimed(const asio::any_io_executor& executor)
        : news(std::make_shared<wakeup>(executor)) {}

    std::shared_ptr<wakeup> news;
    append_outcome outcome;
};

void kafka_log::create(
    postgres::session& database, const kafka::settings& how, const kafka::topic_plan& plan
) {
    kafka::create_topic(how, plan);
    database.query(
        "insert into teamflow.log_info (log_id, backend, partitions)"
        " values (gen_random_uuid(), 'kafka', $1) on conflict do nothing",
        {std::to_string(plan.partitions)}
    );
    database.query(
        R"(insert into teamflow.archive_checkpoints)"
        R"( select p, -1, -1, '00000000-0000-0000-0000-000000000000', 0)"
        R"( from teamflow.log_info, generate_series(0, partitions - 1) p on conflict do nothing)"
    );
    const auto info = database.query(std::string(info_statement.sql));
    const auto backend = info.get<std::string>(0, 0);
    const auto existing = info.get<std::int32_t>(0, 1);
    if (backend != "kafka" || existing != plan.partitions) {
        throw std::runtime_error(fmt::format(
            "this database holds a {} log with {} partitions; it cannot become a kafka log with "
            "{}. Use the same settings as before, or copy the history with `teamflow log copy`",
            backend,
            existing,
            plan.partitions
        ));
    }
    const auto topic = kafka::checked_topic(how, existing);
    if (plan.replicas && topic.replicas < *plan.replicas) {
        throw std::runtime_error(fmt::format(
            "the kafka topic {} has {} replicas and is to have {}: give it more with "
            "`kafka-reassign-partitions.sh`",
            how.topic,
            topic.replicas,
            *plan.replicas
        ));
    }
}

task<std::shared_ptr<kafka_log>> kafka_log::open(asio::any_io_executor executor, settings how) {
    postgres::pool database(executor, how.database_url, pool_options_of_log());
    const auto info = co_await database.query(info_statement);
    if (info.empty() || info.get<std::string>(0, 0) != "kafka") {
        throw std::runtime_error(
            "this database holds no kafka log. Create it with `teamflow migrate`"
        );
    }
    const auto partitions = info.get<std::int32_t>(0, 1);
    auto source = "/teamflow/" + events::to_string(info.get<events::uuid>(0, 2));
    auto log = std::shared_ptr<kafka_log>(
        new kafka_log(std::move(executor), std::move(how), partitions, std::move(source))
    );
    co_await log->read_checkpoints();
    auto verified = verify(log);
    co_await log->reading_.run(std::move(verified));
    asio::co_spawn(log->executor_, follow_archive(log), asio::detached);
    co_return log;
}

kafka_log::kafka_log(
    asio::any_io_executor executor, settings how, std::int32_t partitions, std::string source
)
    : executor_(std::move(executor)),
      settings_(std::move(how)),
      partitions_(partitions),
      source_(std::move(source)),
      tail_(partitions, settings_.tail_bytes_per_partition),
      database_(executor_, settings_.database_url, pool_options_of_log()),
      stopping_(std::make_shared<wakeup>(executor_)),
      archived_(static_cast<std::size_t>(partitions)),
      catch_up_(settings_.kafka),
      ends_(static_cast<std::size_t>(partitions)),
      by_partition_(static_cast<std::size_t>(partitions)) {
    for (auto& each : archived_) {
        each = -1;
    }
}

kafka_log::~kafka_log() {
    stop();
}

/// On the reading thread: the topic must be one that can be the log, and hold the last archived
/// record of each partition. Then it is followed from there.
task<> kafka_log::verify(std::shared_ptr<kafka_log> self) {
    const auto& how = self->settings_.kafka;
    kafka::checked_topic(how, self->partitions_);
    std::vector<events::position> from;
    std::vector<events::record_ptr> archived;
    for (events::partition_id partition = 0; partition < self->partitions_; ++partition) {
        const auto last = self->archived(partition);
        from.push_back({.partition = partition, .at = last + 1});
        if (last < 0) {
            continue;
        }
        auto reading = fetch_archived(self, partition, last, 1);
        const auto row =
            co_await asio::co_spawn(self->executor_, std::move(reading), asio::use_awaitable);
        if (row.empty()) {
            self->set_truncated(fmt::format(
                "the archive of partition {} lacks its last record, {}", partition, last
            ));
        } else {
            archived.push_back(row.front());
        }
    }
    auto difference =
        kafka::find_truncation(self->catch_up_, archived, how.truncation_patience, self->stopped_);
    if (!difference.empty()) {
        self->set_truncated(std::move(difference));
    }
    const std::lock_guard lock(self->mutex_);
    if (self->truncated_.empty()) {
        self->follower_ = std::make_unique<kafka::tail_follower>(how, self->tail_, std::move(from));
    }
}

void kafka_log::set_truncated(std::string what) {
    const std::lock_guard lock(mutex_);
    if (truncated_.empty()) {
        spdlog::critical(
            "{}. Nothing will be appended: run `teamflow log restore-tail`, or restore the topic",
            what
        );
        truncated_ = std::move(what);
    }
}

std::string kafka_log::truncated() const {
    const std::lock_guard lock(mutex_);
    if (truncated_.empty() && follower_) {
        return follower_->truncated();
    }
    return truncated_;
}

std::string kafka_log::damaged() const {
    const std::lock_guard lock(mutex_);
    return follower_ ? follower_->damaged() : "";
}

bool kafka_log::is_truncated() const {
    const std::lock_guard lock(mutex_);
    return !truncated_.empty() || (follower_ && follower_->is_truncated());
}

bool kafka_log::reachable() const {
    const std::lock_guard lock(mutex_);
    if (!follower_) {
        return true;
    }
    if (newest_ && newest_->take_loss()) {
        follower_->note_loss();
    }
    return follower_->reachable();
}

std::shared_ptr<kafka::producer> kafka_log::producer_for_claim(events::partition_id partition) {
    const std::lock_guard lock(mutex_);
    if (stopped_) {
        throw log_unavailable("the log is closed");
    }
    if (!newest_ || newest_->ended()) {
        ended_.emplace_back(newest_);
        std::erase_if(ended_, [](const auto& past) { return past.expired(); });
        newest_ =
            kafka::producer::start(settings_.kafka, partitions_, source_, settings_.in_flight);
    }
    by_partition_.at(static_cast<std::size_t>(partition)) = newest_;
    return newest_;
}

std::shared_ptr<kafka::producer> kafka_log::producer_of(events::partition_id partition) {
    const std::lock_guard lock(mutex_);
    return by_partition_.at(static_cast<std::size_t>(partition));
}

task<events::offset> kafka_log::claim(
    events::partition_id partition, events::writer_id writer, std::string address
) {
    if (const auto what = truncated(); !what.empty()) {
        throw log_truncated(what);
    }
    const auto executor = co_await asio::this_coro::executor;
    const auto from = tail_.known_end(partition).value_or(archived(partition)) + 1;
    auto record = std::make_shared<events::record>();
    record->partition = partition;
    record->kind = events::record_kind::claim;
    record->reign.writer = writer;
    record->head.time =
        std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    record->data = boost::json::serialize(boost::json::object{{"address", address}});
    const auto state = std::make_shared<claimed>(executor);
    auto done = [state](append_outcome outcome) {
        state->outcome = outcome;
        state->news->signal();
    };
    producer_for_claim(partition)->send(partition, {std::move(record)}, std::move(done));
    const auto limit = settings_.kafka.message_timeout + claim_patience;
    const bool reported = co_await state->news->wait(limit);
    if (!reported || state->outcome.status != append_status::durable) {
        throw log_unavailable("kafka did not confirm the claim");
    }
    const auto at = state->outcome.last;
    if (at) {
        co_return *at;
    }
    co_return co_await find_claim(partition, from, writer);
}

/// A success without an offset: the claim is in the log, so reading on will find it.
task<events::offset> kafka_log::find_claim(
    events::partition_id partition, events::offset from, events::writer_id writer
) {
    const auto executor = co_await asio::this_coro::executor;
    const auto deadline = std::chrono::steady_clock::now() + settings_.kafka.request_timeout;
    const std::vector<events::position> start{{.partition = partition, .at = from}};
    log_reader reader(*this, executor, start);
    constexpr std::size_t at_once = 1000;
    while (std::chrono::steady_clock::now() < deadline) {
        const auto batches = co_await reader.next(at_once, claim_patience);
        for (const auto& batch : batches) {
            for (const auto& record : batch.records) {
                if (record->kind == events::record_kind::claim && record->reign.writer == writer) {
                    co_return record->at;
                }
            }
        }
    }
    throw log_unavailable("the claim was not found in the log in time");
}

void kafka_log::append(append_batch batch, append_done done) {
    check_sizes(batch);
    const auto through = producer_of(batch.partition);
    if (!through || is_truncated()) {
        return done({});
    }
    // Known before it is acknowledged, for who reads own writes before the follower got there.
    auto told = [self = shared_from_this(),
                 partition = batch.partition,
                 done = std::move(done)](append_outcome outcome) mutable {
        if (outcome.status == append_status::durable && outcome.last) {
            self->tail_.extend(partition, *outcome.last);
        }
        done(outcome);
    };
    through->send(batch.partition, std::move(batch.records), std::move(told));
}

task<std::vector<events::record_ptr>> kafka_log::fetch(
    events::partition_id partition, events::offset from, std::size_t max_records
) {
    if (from <= archived(partition)) {
        auto work = fetch_archived(shared_from_this(), partition, from, max_records);
        co_return co_await asio::co_spawn(executor_, std::move(work), asio::use_awaitable);
    }
    auto work = fetch_newer(shared_from_this(), partition, from, max_records);
    co_return co_await reading_.run(std::move(work));
}

task<std::vector<events::record_ptr>> kafka_log::fetch_archived(
    std::shared_ptr<kafka_log> self,
    events::partition_id partition,
    events::offset from,
    std::size_t max_records
) {
    try {
        co_return co_await archive(self->database_)
            .range(partition, from, static_cast<std::int64_t>(max_records));
    } catch (const postgres_error& failure) {
        throw log_unavailable(std::string("the archive cannot be read: ") + failure.what());
    }
}

task<std::vector<events::record_ptr>> kafka_log::fetch_newer(
    std::shared_ptr<kafka_log> self,
    events::partition_id partition,
    events::offset from,
    std::size_t max_records
) {
    co_return self->catch_up_.read(partition, from, max_records, self->settings_.fetch_bytes_max);
}

task<events::offset> kafka_log::end(events::partition_id partition) {
    auto work = end_here(shared_from_this(), partition, std::chrono::steady_clock::now());
    co_return co_await reading_.run(std::move(work));
}

/// A new leader shows its newest records only after a moment: no end lies before what is known.
events::offset kafka_log::settled(events::partition_id partition, events::offset end) const {
    return std::max({end, archived(partition), tail_.known_end(partition).value_or(-1)});
}

task<events::offset> kafka_log::end_here(
    std::shared_ptr<kafka_log> self,
    events::partition_id partition,
    std::chrono::steady_clock::time_point asked
) {
    auto& seen = self->ends_.at(static_cast<std::size_t>(partition));
    if (seen.since < asked) {
        const auto begun = std::chrono::steady_clock::now();
        seen = {.at = self->settled(partition, self->catch_up_.end(partition)), .since = begun};
    }
    co_return seen.at;
}

task<std::vector<events::offset>> kafka_log::ends() {
    auto work = ends_here(shared_from_this(), std::chrono::steady_clock::now());
    co_return co_await reading_.run(std::move(work));
}

task<std::vector<events::offset>> kafka_log::ends_here(
    std::shared_ptr<kafka_log> self, std::chrono::steady_clock::time_point asked
) {
    auto& seen = self->ends_;
    const auto is_old = [asked](const seen_end& each) { return each.since < asked; };
    if (std::ranges::any_of(seen, is_old)) {
        const auto begun = std::chrono::steady_clock::now();
        const auto found = self->catch_up_.ends(self->partitions_);
        for (events::partition_id partition = 0; partition < self->partitions_; ++partition) {
            const auto place = static_cast<std::size_t>(partition);
            seen[place] = {.at = self->settled(partition, found[place]), .since = begun};
        }
    }
    std::vector<events::offset> all(seen.size());
    std::ranges::transform(seen, all.begin(), &seen_end::at);
    co_return all;
}

task<events::checkpoint> kafka_log::checkpoint(events::partition_id partition) {
    auto work = checkpoint_here(shared_from_this(), partition);
    co_return co_await asio::co_spawn(executor_, std::move(work), asio::use_awaitable);
}

task<events::checkpoint> kafka_log::checkpoint_here(
    std::shared_ptr<kafka_log> self, events::partition_id partition
) {
    try {
        auto with = params::of(partition);
        const auto rows = co_await self->database_.query(checkpoint_statement, std::move(with));
        co_return events::checkpoint{
            .at = rows.get<std::int64_t>(0, 0),
            .reign = {rows.get<std::int64_t>(0, 1), rows.get<events::writer_id>(0, 2)},
            .next_sequence = rows.get<std::int64_t>(0, 3)
        };
    } catch (const postgres_error& failure) {
        throw log_unavailable(std::string("the archive's end is not known: ") + failure.what());
    }
}

task<std::vector<events::partition_id>> kafka_log::claimed_by(std::string address) {
    auto work = claimed_by_here(shared_from_this(), std::move(address));
    co_return co_await asio::co_spawn(executor_, std::move(work), asio::use_awaitable);
}

task<std::vector<events::partition_id>> kafka_log::claimed_by_here(
    std::shared_ptr<kafka_log> self, std::string address
) {
    std::vector<events::partition_id> found;
    try {
        auto with = params::of(address);
        const auto rows = co_await self->database_.query(claimed_by_statement, std::move(with));
        for (std::size_t row = 0; row < rows.rows(); ++row) {
            found.push_back(rows.get<std::int32_t>(row, 0));
        }
    } catch (const postgres_error& failure) {
        throw log_unavailable(std::string("the archive cannot be read: ") + failure.what());
    }
    co_return found;
}

events::offset kafka_log::archived(events::partition_id partition) const {
    return archived_.at(static_cast<std::size_t>(partition)).load();
}

void kafka_log::note_archived(events::partition_id partition, events::offset at) {
    auto& known = archived_.at(static_cast<std::size_t>(partition));
    events::offset before = known.load();
    while (before < at && !known.compare_exchange_weak(before, at)) {
    }
}

task<> kafka_log::read_checkpoints() {
    const auto rows = co_await database_.query(checkpoints_statement);
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        note_archived(rows.get<std::int32_t>(row, 0), rows.get<std::int64_t>(row, 1));
    }
}

task<> kafka_log::follow_archive(std::shared_ptr<kafka_log> self) {
    while (!self->stopped_) {
        co_await self->stopping_->wait(archive_interval);
        try {
            co_await self->read_checkpoints();
        } catch (const postgres_error& failure) {
            spdlog::debug("the archive's end is not known: {}", failure.what());
        }
    }
}

void kafka_log::stop() {
    if (stopped_.exchange(true)) {
        return;
    }
    stopping_->signal();
    std::unique_ptr<kafka::tail_follower> follower;
    std::vector<std::shared_ptr<kafka::producer>> producers;
    {
        const std::lock_guard lock(mutex_);
        follower = std::move(follower_);
        producers.push_back(newest_);
        for (const auto& past : ended_) {
            producers.push_back(past.lock());
        }
    }
    // All at once: a broker that hangs lets each of them wait for its limit.
    std::erase(producers, nullptr);
    for (const auto& each : producers) {
        each->begin_stop(settings_.last_appends);
    }
    catch_up_.interrupt();
    std::jthread closing([&] {
        reading_.stop();
        catch_up_.close();
    });
    follower.reset();
    closing.join();
    for (const auto& each : producers) {
        each->await_stop();
    }
}

}  // namespace teamflow::infra
