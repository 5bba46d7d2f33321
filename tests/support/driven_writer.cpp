#include "tests/support/driven_writer.hpp"

#include <utility>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "infra/log/log_tail.hpp"

namespace teamflow::tests {

namespace {

using namespace std::chrono_literals;
using phase = commands::ownership::phase;

constexpr std::size_t records_at_once = 500;
/// Bounds every wait of a test: a log that does not come back in time fails it.
constexpr auto patience = 60s;

infra::task<> pause(boost::asio::any_io_executor executor, std::chrono::milliseconds length) {
    boost::asio::steady_timer timer(executor, length);
    co_await timer.async_wait(boost::asio::use_awaitable);
}

}  // namespace

driven_writer::driven_writer(
    std::shared_ptr<infra::event_log> log,
    boost::asio::any_io_executor executor,
    events::partition_id partition,
    std::uint64_t name
)
    : log_(std::move(log)),
      executor_(std::move(executor)),
      partition_(partition),
      name_(name),
      reader_(*log_, executor_, {{.partition = partition, .at = 0}}) {}

infra::task<> driven_writer::own() {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (machine_.now() != phase::owning) {
        if (std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error("the partition could not be claimed in time");
        }
        const events::writer_id me(events::make_uuid_v7(1, name_, ++claims_));
        machine_.claim(me);
        bool claimed = true;
        try {
            co_await log_->claim(partition_, me, "http://127.0.0.1:1");
        } catch (const infra::log_unavailable&) {
            machine_.lost_sight();
            claimed = false;
        }
        while (claimed && machine_.now() == phase::claiming &&
               std::chrono::steady_clock::now() < deadline) {
            co_await follow(100ms);
        }
        if (!claimed) {
            co_await pause(executor_, 100ms);
        }
    }
}

std::vector<std::shared_ptr<events::record>> driven_writer::records_of(
    std::uint64_t token, std::int64_t first_sequence, std::size_t count, std::size_t of
) const {
    std::vector<std::shared_ptr<events::record>> records;
    for (std::size_t i = 0; i < count; ++i) {
        auto record = std::make_shared<events::record>();
        record->partition = partition_;
        record->reign = machine_.reign();
        record->sequence = first_sequence + static_cast<std::int64_t>(i);
        record->commit = {
            .id = events::commit_id(events::make_uuid_v7(2, token, 0)),
            .index = static_cast<std::int16_t>(i),
            .count = static_cast<std::int16_t>(of)
        };
        record->head.id = events::event_id(events::make_uuid_v7(3, token, i));
        record->head.type = "test.happened";
        record->head.stream = fmt::format("token-{}", token);
        record->head.stream_version = static_cast<std::int64_t>(i) + 1;
        record->head.organization = events::organization_id(events::make_uuid_v7(4, 1, 1));
        record->head.actor = "system:test";
        record->head.time = events::timestamp(std::chrono::milliseconds(1'763'700'000'000));
        record->data = fmt::format(R"({{"token":{}}})", token);
        records.push_back(std::move(record));
    }
    return records;
}

std::uint64_t driven_writer::append(std::size_t records) {
    const std::uint64_t token = name_ * 1'000'000 + ++commits_;
    const auto count = static_cast<std::int64_t>(records);
    const std::int64_t first = machine_.append(token, count);
    infra::append_batch batch{
        .partition = partition_,
        .reign = machine_.reign(),
        .first_sequence = first,
        .records = records_of(token, first, records, records)
    };
    const auto reign = batch.reign;
    auto done = [self = shared_from_this(), reign, first, count](infra::append_outcome outcome) {
        boost::asio::post(self->executor_, [self, reign, first, count, outcome] {
            self->outcomes.push_back(outcome.status);
            if (outcome.status == infra::append_status::durable) {
                self->take(self->machine_.delivered(reign, first, first + count - 1, outcome.last));
            } else if (self->machine_.now() == phase::owning && reign == self->machine_.reign()) {
                self->machine_.lost_sight();
            }
        });
    };
    log_->append(std::move(batch), std::move(done));
    return token;
}

void driven_writer::append_past_machine(std::vector<std::shared_ptr<events::record>> records) {
    infra::append_batch batch{
        .partition = partition_,
        .reign = records.front()->reign,
        .first_sequence = records.front()->sequence,
        .records = std::move(records)
    };
    auto done = [self = shared_from_this()](infra::append_outcome outcome) {
        boost::asio::post(self->executor_, [self, outcome] {
            self->outcomes.push_back(outcome.status);
        });
    };
    log_->append(std::move(batch), std::move(done));
}

infra::task<bool> driven_writer::follow(std::chrono::milliseconds limit) {
    std::vector<infra::record_batch> batches;
    bool failed = false;
    try {
        batches = co_await reader_.next(records_at_once, limit);
    } catch (const infra::log_unavailable&) {
        failed = true;
    }
    if (failed) {
        co_await pause(executor_, limit);
    }
    for (const auto& batch : batches) {
        for (const auto& record : batch.records) {
            take(machine_.see(record));
        }
    }
    co_return !batches.empty();
}

infra::task<> driven_writer::settle() {
    return until_settled(true);
}

infra::task<> driven_writer::learn() {
    return until_settled(false);
}

infra::task<> driven_writer::until_settled(bool may_claim) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (machine_.in_flight() > 0) {
        if (std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error("commits in flight were not settled in time");
        }
        co_await follow(20ms);
        if (may_claim && machine_.needs_claim()) {
            co_await own();
        }
    }
}

void driven_writer::take(const commands::settled_commits& settled) {
    for (const auto& commit : settled) {
        if (commit.happened) {
            acknowledged.emplace(commit.token, commit.last);
        } else {
            refused.insert(commit.token);
        }
    }
}

infra::task<std::vector<events::record_ptr>> read_all(
    std::shared_ptr<infra::event_log> log,
    boost::asio::any_io_executor executor,
    events::position from,
    std::size_t at_once
) {
    const auto end = co_await log->end(from.partition);
    std::vector<events::position> start{from};
    infra::log_reader reader(*log, executor, start);
    std::vector<events::record_ptr> all;
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (from.at + static_cast<events::offset>(all.size()) <= end) {
        if (std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error("the log could not be read up to its end in time");
        }
        const auto batches = co_await reader.next(at_once, 1s);
        for (const auto& batch : batches) {
            all.insert(all.end(), batch.records.begin(), batch.records.end());
        }
    }
    co_return all;
}

std::uint64_t token_of(const events::record& record) {
    constexpr std::string_view prefix = R"({"token":)";
    return record.data.starts_with(prefix) ? std::stoull(record.data.substr(prefix.size())) : 0;
}

std::map<std::uint64_t, events::offset> fold_tokens(const std::vector<events::record_ptr>& records
) {
    events::partition_fold fold;
    std::map<std::uint64_t, events::offset> tokens;
    for (const auto& record : records) {
        if (fold.next(record) == events::verdict::event) {
            INFO("at offset " << record->at);
            CHECK(tokens.emplace(token_of(*record), record->at).second);
        }
    }
    return tokens;
}

}  // namespace teamflow::tests
