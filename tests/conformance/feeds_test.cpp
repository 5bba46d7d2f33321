// The live feeds: history and tail joined while the log grows, for any place to begin at.
#include <algorithm>
#include <limits>
#include <random>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <boost/asio/detached.hpp>

#include "gateway/feeds/feed_reader.hpp"
#include "infra/io_threads.hpp"
#include "infra/log/postgres_log.hpp"
#include "infra/postgres/pool.hpp"
#include "tests/support/postgres_fixture.hpp"

namespace teamflow::tests {

namespace {

using namespace std::chrono_literals;
using gateway::feed_inbox;
using gateway::feed_reader;
using infra::task;

constexpr std::int32_t partitions = 3;
constexpr events::partition_id partition = 1;

/// A PostgreSQL log whose archive comes after, as that of Kafka does.
class lagging_log final : public infra::event_log {
public:
    explicit lagging_log(std::shared_ptr<infra::postgres_log> real) : real_(std::move(real)) {}

    ~lagging_log() override { real_->stop(); }

    [[nodiscard]] std::int32_t partitions() const override { return real_->partitions(); }

    task<events::offset> claim(
        events::partition_id where, events::writer_id writer, std::string address
    ) override {
        return real_->claim(where, writer, std::move(address));
    }

    void append(infra::append_batch batch, infra::append_done done) override {
        real_->append(std::move(batch), std::move(done));
    }

    task<std::vector<events::record_ptr>> fetch(
        events::partition_id where, events::offset from, std::size_t max_records
    ) override {
        return real_->fetch(where, from, max_records);
    }

    task<events::offset> end(events::partition_id where) override { return real_->end(where); }

    task<events::checkpoint> checkpoint(events::partition_id where) override {
        return real_->checkpoint(where);
    }

    [[nodiscard]] events::offset archived(events::partition_id) const override { return archive_; }

    [[nodiscard]] infra::log_tail& tail() override { return real_->tail(); }

    void stop() override { real_->stop(); }

    void archive_up_to(events::offset end) { archive_ = end; }

private:
    std::shared_ptr<infra::postgres_log> real_;
    events::offset archive_ = -1;
};

/// Shows what the lagging log calls archived.
class lagging_archive final : public infra::stream_archive {
public:
    lagging_archive(infra::postgres::pool& database, const lagging_log& log)
        : real_(database), log_(log) {}

    task<std::vector<events::record_ptr>> stream(
        events::organization_id, std::string, std::int64_t, std::int32_t
    ) override {
        throw std::logic_error("feeds read no streams");
    }

    task<std::vector<events::record_ptr>> organization(
        events::organization_id organization, events::offset after, std::int32_t limit
    ) override {
        const auto end = log_.archived(partition);
        auto records = co_await real_.organization(organization, after, limit);
        std::erase_if(records, [&](const auto& record) { return record->at > end; });
        co_return records;
    }

    task<events::record_ptr> find_once(std::string) override {
        throw std::logic_error("feeds look for no keys");
    }

    task<std::optional<infra::snapshot>> find_snapshot(events::organization_id, std::string)
        override {
        throw std::logic_error("feeds read no snapshots");
    }

    task<> save_snapshot(infra::snapshot) override {
        throw std::logic_error("feeds save no snapshots");
    }

private:
    infra::archive real_;
    const lagging_log& log_;
};

/// Organizations whose events lie in the partition of these tests.
std::vector<events::organization_id> neighbours(std::size_t count) {
    std::vector<events::organization_id> found;
    for (std::uint64_t number = 1; found.size() < count; ++number) {
        const events::organization_id candidate(events::make_uuid_v7(4, number, 1));
        if (events::partition_of(candidate, partitions) == partition) {
            found.push_back(candidate);
        }
    }
    return found;
}

/// What one subscriber was given.
struct subscriber {
    events::organization_id organization;
    events::offset after = -1;
    feed_inbox::bounds bounds;
    std::vector<events::offset> got;
    bool has_ended = false;
};

/// A growing log with its hub on threads of its own; writers and subscribers on this thread.
struct feeding : postgres_fixture {
    feeding() {
        infra::postgres_log::create(session(), partitions);
        infra::postgres_log::settings how;
        how.url = url();
        log.emplace(run(infra::postgres_log::open(executor(), how)));
        database.emplace(executor(), url());
        history.emplace(*database, *log);
        feeds.emplace(*log, threads.executors());
        threads.start();
        claim();
    }

    ~feeding() {
        feeds->stop();
        threads.stop();
        log->stop();
    }

    void claim() {
        const events::writer_id writer(events::make_uuid_v7(1, ++claims, 0));
        reign = {run(log->claim(partition, writer, "")), writer};
        sequence = 0;
    }

    std::shared_ptr<events::record> next_record(events::commit_mark mark) {
        auto record = std::make_shared<events::record>();
        record->partition = partition;
        record->reign = reign;
        record->sequence = sequence++;
        record->commit = mark;
        record->head.id = events::event_id(events::make_uuid_v7(3, ++written, 0));
        record->head.type = "test.happened";
        record->head.stream = fmt::format("thing-{}", written);
        record->head.stream_version = 1;
        record->head.actor = "system:test";
        record->head.organization = organizations[random() % organizations.size()];
        record->data = "{}";
        return record;
    }

    /// A commit of one to three events, of one organization each or of several.
    void append_commit() {
        const auto count = static_cast<std::int16_t>(1 + random() % 3);
        infra::append_batch batch{.partition = partition, .reign = reign};
        batch.first_sequence = sequence;
        const events::commit_id commit(events::make_uuid_v7(2, written, 1));
        for (std::int16_t index = 0; index < count; ++index) {
            batch.records.push_back(next_record({.id = commit, .index = index, .count = count}));
        }
        ++under_way;
        log->append(std::move(batch), [this](infra::append_outcome outcome) {
            CHECK(outcome.status == infra::append_status::durable);
            --under_way;
        });
    }

    task<> append_commits(int commits) {
        for (int i = 0; i < commits; ++i) {
            append_commit();
            if (random() % 8 == 0) {
                co_await settle();
            }
        }
        co_await settle();
    }

    /// Lets the others run until all appends are durable; the archive comes up to some place.
    task<> settle() {
        do {
            co_await infra::asio::post(executor(), infra::asio::use_awaitable);
        } while (under_way > 0);
        const auto end = co_await log->end(partition);
        const auto known = log->archived(partition);
        log->archive_up_to(known + static_cast<events::offset>(random()) % (end - known + 1));
    }

    task<> subscribe(std::shared_ptr<subscriber> who) {
        feed_reader reader(
            *feeds, *history, executor(), who->organization, who->after, who->bounds
        );
        while (!final_end || reader.position().at < *final_end) {
            const auto batch = co_await reader.next(5ms);
            for (const auto& event : batch) {
                CHECK(event.record->head.organization == who->organization);
                who->got.push_back(event.record->at);
            }
        }
        who->has_ended = true;
    }

    std::shared_ptr<subscriber> start_subscriber() {
        auto who = std::make_shared<subscriber>();
        who->organization = organizations[random() % organizations.size()];
        const auto end = run(log->end(partition));
        who->after =
            static_cast<events::offset>(random() % static_cast<std::uint64_t>(end + 12)) - 1;
        if (random() % 3 == 0) {
            who->bounds.events = 4;
        }
        infra::asio::co_spawn(executor(), subscribe(who), [](const std::exception_ptr& failure) {
            CHECK_FALSE(failure);
        });
        return who;
    }

    std::vector<events::offset> expected(const subscriber& who) {
        const auto rows = run(database->query(
            {"test",
             "select \"offset\" from teamflow.events where organization = $1 and \"offset\" > $2"
             " order by \"offset\""},
            infra::postgres::params::of(who.organization, who.after)
        ));
        std::vector<events::offset> offsets;
        offsets.reserve(rows.rows());
        for (std::size_t row = 0; row < rows.rows(); ++row) {
            offsets.push_back(rows.get<std::int64_t>(row, 0));
        }
        return offsets;
    }

    template <class Condition>
    void until(Condition holds) {
        const auto deadline = std::chrono::steady_clock::now() + 60s;
        while (!holds()) {
            REQUIRE(std::chrono::steady_clock::now() < deadline);
            io().restart();
            io().run_for(1ms);
        }
    }

    std::mt19937_64 random{4711};
    std::vector<events::organization_id> organizations = neighbours(3);
    infra::io_threads threads{2};
    std::optional<lagging_log> log;
    std::optional<infra::postgres::pool> database;
    std::optional<lagging_archive> history;
    std::optional<gateway::live_feeds> feeds;
    events::epoch reign;
    std::int64_t sequence = 0;
    std::uint64_t claims = 0;
    std::uint64_t written = 0;
    int under_way = 0;
    std::optional<events::offset> final_end;
};

}  // namespace

TEST_CASE("history and tail join without a gap or a double", "[feeds]") {
    feeding at;
    at.run(at.append_commits(200));
    at.run(at.feeds->start());
    std::vector<std::shared_ptr<subscriber>> subscribers;
    for (int round = 0; round < 40; ++round) {
        subscribers.push_back(at.start_subscriber());
        at.run(at.append_commits(15));
        if (round % 10 == 9) {
            at.claim();
        }
    }
    const auto end = at.run(at.log->end(partition));
    at.log->archive_up_to(end);
    at.final_end = end;
    at.until([&] { return std::ranges::all_of(subscribers, &subscriber::has_ended); });
    for (const auto& who : subscribers) {
        CHECK(who->got == at.expected(*who));
    }
}

TEST_CASE("a subscriber behind the log's end hears only what comes after", "[feeds]") {
    feeding at;
    at.run(at.feeds->start());
    at.run(at.append_commits(20));
    at.log->archive_up_to(at.run(at.log->end(partition)));
    auto who = std::make_shared<subscriber>();
    who->organization = at.organizations[0];
    who->after = at.run(at.log->end(partition)) + 5;
    infra::asio::co_spawn(at.executor(), at.subscribe(who), infra::asio::detached);
    at.run(at.append_commits(20));
    at.log->archive_up_to(at.run(at.log->end(partition)));
    at.final_end = at.run(at.log->end(partition));
    at.until([&] { return who->has_ended; });
    CHECK(who->got == at.expected(*who));
}

TEST_CASE("who does not listen costs nothing, who leaves is forgotten", "[feeds]") {
    feeding at;
    at.run(at.feeds->start());
    const auto bell = std::make_shared<infra::wakeup>(at.executor());
    const auto inbox = std::make_shared<feed_inbox>(bell, feed_inbox::bounds());
    auto heard = at.run(at.feeds->listen(at.organizations[0], inbox));
    CHECK(at.feeds->counters().subscribers == 1);
    heard.reset();
    at.until([&] { return at.feeds->counters().subscribers == 0; });
    at.run(at.append_commits(10));
    const auto end = at.run(at.log->end(partition));
    at.until([&] { return at.feeds->position(partition) >= end; });
    CHECK(at.feeds->counters().events_delivered == 0);
    CHECK(inbox->take()->empty());
}

}  // namespace teamflow::tests
