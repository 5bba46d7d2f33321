// What every log promises, as one list of test cases for both.

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <boost/asio/steady_timer.hpp>

#include "infra/log/log_tail.hpp"
#include "tests/support/driven_writer.hpp"
#include "tests/support/log_backend.hpp"

namespace teamflow::tests {

namespace {

using namespace std::chrono_literals;
using infra::append_status;
using infra::task;
using writer_ptr = std::shared_ptr<driven_writer>;

constexpr events::position first_record{.partition = 1, .at = 0};

/// A backend with one open log, on which test cases run coroutines.
template <class Backend>
struct bench : Backend {
    std::shared_ptr<infra::event_log> log = Backend::open();

    writer_ptr writer(std::uint64_t name, std::shared_ptr<infra::event_log> through = nullptr) {
        return std::make_shared<driven_writer>(
            through ? std::move(through) : log, this->database().executor(), 1, name
        );
    }

    template <class T>
    T run(task<T> body) {
        return this->database().run(std::move(body));
    }

    writer_ptr owner(std::uint64_t name, std::shared_ptr<infra::event_log> through = nullptr) {
        auto made = writer(name, std::move(through));
        run(made->own());
        return made;
    }

    std::vector<events::record_ptr> all(
        std::shared_ptr<infra::event_log> from = nullptr, std::size_t at_once = 1000
    ) {
        return run(read_all(
            from ? std::move(from) : log, this->database().executor(), first_record, at_once
        ));
    }

    /// Until the writer was told `count` outcomes.
    void wait_for_outcomes(const writer_ptr& of, std::size_t count) {
        const auto deadline = std::chrono::steady_clock::now() + 60s;
        while (of->outcomes.size() < count && std::chrono::steady_clock::now() < deadline) {
            run(of->follow(5ms));
        }
        REQUIRE(of->outcomes.size() == count);
    }
};

void check_dense(const std::vector<events::record_ptr>& records, events::offset from = 0) {
    for (const auto& record : records) {
        REQUIRE(record->at == from++);
    }
}

void check_same(const events::record& left, const events::record& right) {
    CHECK(left.at == right.at);
    CHECK(left.partition == right.partition);
    CHECK(left.reign == right.reign);
    CHECK(left.sequence == right.sequence);
    CHECK(left.commit.id == right.commit.id);
    CHECK(left.commit.index == right.commit.index);
    CHECK(left.commit.count == right.commit.count);
    CHECK(left.head.id == right.head.id);
    CHECK(left.head.type == right.head.type);
    CHECK(left.head.schema_version == right.head.schema_version);
    CHECK(left.head.stream == right.head.stream);
    CHECK(left.head.stream_version == right.head.stream_version);
    CHECK(left.head.organization == right.head.organization);
    CHECK(left.head.actor == right.head.actor);
    CHECK(left.head.time == right.head.time);
    CHECK(left.head.correlation_id == right.head.correlation_id);
    CHECK(left.head.causation_id == right.head.causation_id);
    CHECK(left.head.traceparent == right.head.traceparent);
    CHECK(left.data == right.data);
    CHECK(left.once == right.once);
}

}  // namespace

TEMPLATE_TEST_CASE("a new log is empty", "[log]", postgres_backend, kafka_backend) {
    bench<TestType> at;
    CHECK(at.log->partitions() == log_partitions);
    for (events::partition_id partition = 0; partition < log_partitions; ++partition) {
        CHECK(at.run(at.log->end(partition)) == -1);
        CHECK(at.run(at.log->ends()).at(static_cast<std::size_t>(partition)) == -1);
        CHECK(at.run(at.log->fetch(partition, 0, 10)).empty());
        CHECK(at.run(at.log->checkpoint(partition)).next_sequence == 0);
    }
}

TEMPLATE_TEST_CASE(
    "offsets are dense, in the order of the appends", "[log]", postgres_backend, kafka_backend
) {
    bench<TestType> at;
    const auto writer = at.owner(1);
    std::vector<std::uint64_t> sent(200);
    for (std::size_t i = 0; i < sent.size(); ++i) {
        sent[i] = writer->append(1 + i % 4);
    }
    at.run(writer->settle());
    const auto records = at.all();
    check_dense(records);
    CHECK(at.run(at.log->end(1)) == records.back()->at);
    const auto counted = fold_tokens(records);
    CHECK(counted == writer->acknowledged);
    events::offset before = 0;
    for (const auto token : sent) {
        REQUIRE(counted.contains(token));
        CHECK(counted.at(token) > before);
        before = counted.at(token);
    }
}

TEMPLATE_TEST_CASE("a record comes back as it went in", "[log]", postgres_backend, kafka_backend) {
    bench<TestType> at;
    const auto writer = at.owner(1);
    auto records = writer->records_of(7, 0, 2, 2);
    auto& last = *records.back();
    last.head.schema_version = 3;
    last.head.actor = "01936f3c-7b1a-7000-8000-000000000009";
    last.head.correlation_id = events::make_uuid_v7(5, 5, 5);
    last.head.causation_id = events::make_uuid_v7(6, 6, 6);
    last.head.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    last.data = "{\"text\": \"Grüße, 東京 \\\"\\n\\\\\",  \"n\": 1.50}";
    last.once = events::idempotency{
        .key = "a/b/ключ", .fingerprint = std::string(64, 'f'), .answer = R"({"id":"x"})"
    };
    std::vector<events::record> expected;
    expected.reserve(records.size());
    for (const auto& record : records) {
        expected.push_back(*record);
        expected.back().at = static_cast<events::offset>(expected.size());
    }
    writer->append_past_machine(std::move(records));
    at.wait_for_outcomes(writer, 1);
    const auto elsewhere = at.open();
    for (const auto& log : {at.log, elsewhere}) {
        const auto read = at.all(log);
        REQUIRE(read.size() == 3);
        CHECK(read[0]->kind == events::record_kind::claim);
        CHECK(read[0]->reign == writer->machine().reign());
        CHECK(read[0]->head.type == "log.writer_claimed");
        CHECK(read[0]->data.find("http://127.0.0.1:1") != std::string::npos);
        check_same(*read[1], expected[0]);
        check_same(*read[2], expected[1]);
    }
}

TEMPLATE_TEST_CASE(
    "a reader from any offset gets exactly the suffix", "[log]", postgres_backend, kafka_backend
) {
    bench<TestType> at;
    auto writer = at.owner(1);
    for (std::uint64_t reign = 2; reign < 5; ++reign) {
        for (std::size_t i = 0; i < 4; ++i) {
            writer->append(1 + i % 3);
        }
        at.run(writer->settle());
        writer = at.owner(reign);
    }
    const auto whole = at.all();
    check_dense(whole);
    const auto elsewhere = at.open();
    const auto executor = at.database().executor();
    for (const auto& log : {at.log, elsewhere}) {
        for (std::size_t from = 0; from <= whole.size(); ++from) {
            const std::size_t at_once = 1 + from % 7;
            const events::position start{.partition = 1, .at = static_cast<events::offset>(from)};
            const auto suffix = at.run(read_all(log, executor, start, at_once));
            REQUIRE(suffix.size() == whole.size() - from);
            check_dense(suffix, static_cast<events::offset>(from));
            for (std::size_t i = 0; i < suffix.size(); ++i) {
                check_same(*suffix[i], *whole[from + i]);
            }
        }
    }
    // A second reading gives the same again.
    CHECK(fold_tokens(at.all(elsewhere, 3)) == fold_tokens(whole));
}

TEMPLATE_TEST_CASE(
    "a reader at the end gets what comes", "[log]", postgres_backend, kafka_backend
) {
    bench<TestType> at;
    const auto writer = at.owner(1);
    const auto elsewhere = at.open();
    infra::log_reader reader(*elsewhere, at.database().executor(), {{.partition = 1, .at = 1}});
    CHECK(at.run(reader.next(100, 50ms)).empty());
    for (events::offset expected = 1; expected < 20; ++expected) {
        writer->append(1);
        std::vector<infra::record_batch> batches;
        for (int turn = 0; batches.empty() && turn < 100; ++turn) {
            batches = at.run(reader.next(100, 1s));
        }
        REQUIRE(batches.size() == 1);
        REQUIRE(batches.front().records.size() == 1);
        REQUIRE(batches.front().records.front()->at == expected);
    }
    at.run(writer->settle());
}

TEMPLATE_TEST_CASE("partitions do not mix", "[log]", postgres_backend, kafka_backend) {
    bench<TestType> at;
    const auto executor = at.database().executor();
    std::vector<writer_ptr> writers;
    for (events::partition_id partition = 0; partition < log_partitions; ++partition) {
        const auto name = static_cast<std::uint64_t>(partition) + 1;
        writers.push_back(std::make_shared<driven_writer>(at.log, executor, partition, name));
        at.run(writers.back()->own());
    }
    for (std::size_t i = 0; i < 60; ++i) {
        writers[i % writers.size()]->append(1 + i % 2);
    }
    for (events::partition_id partition = 0; partition < log_partitions; ++partition) {
        const auto& writer = writers[static_cast<std::size_t>(partition)];
        at.run(writer->settle());
        const auto records =
            at.run(read_all(at.log, executor, {.partition = partition, .at = 0}, 10));
        check_dense(records);
        CHECK(fold_tokens(records) == writer->acknowledged);
        CHECK(writer->acknowledged.size() == 20);
        const auto ends = at.run(infra::ends_of(*at.log, {0, partition}));
        CHECK(ends.back() == events::position{partition, records.back()->at});
        CHECK(at.run(infra::ends_of(*at.log, {partition})) == std::vector{ends.back()});
    }
}

TEMPLATE_TEST_CASE(
    "of two writers the older one is fenced: nothing it appends counts",
    "[log]",
    postgres_backend,
    kafka_backend
) {
    bench<TestType> at;
    const auto zombie = at.owner(1);
    const auto before = zombie->append(2);
    at.run(zombie->settle());
    const auto elsewhere = at.open();
    const auto owner = at.owner(2, elsewhere);
    // The zombie has not seen the claim and goes on.
    std::vector<std::uint64_t> late;
    for (std::size_t i = 0; i < 10; ++i) {
        late.push_back(zombie->append(1 + i % 2));
        owner->append(1);
    }
    at.wait_for_outcomes(zombie, 11);
    at.run(zombie->learn());
    at.run(owner->settle());
    const auto records = at.all(elsewhere);
    check_dense(records);
    const auto counted = fold_tokens(records);
    CHECK(zombie->machine().in_flight() == 0);
    CHECK(zombie->acknowledged.size() == 1);
    CHECK(counted.contains(before));
    for (const auto token : late) {
        CHECK(zombie->refused.contains(token));
        CHECK(!counted.contains(token));
    }
    CHECK(counted.size() == 1 + owner->acknowledged.size());
    CHECK(owner->acknowledged.size() == 10);
    if (TestType::knows_the_fence) {
        CHECK(zombie->outcomes.back() == append_status::fenced);
        // Two claims, the commit of two, and what the owner appended.
        CHECK(records.size() == 2 + 2 + 10);
    }
}

TEMPLATE_TEST_CASE(
    "a commit that was cut in the middle never counts", "[log]", postgres_backend, kafka_backend
) {
    bench<TestType> at;
    const auto dying = at.owner(1);
    const auto whole = dying->append(3);
    at.run(dying->settle());
    auto rest = dying->records_of(77, 3, 3, 3);
    std::vector<std::shared_ptr<events::record>> prefix(rest.begin(), rest.begin() + 2);
    rest.erase(rest.begin(), rest.begin() + 2);
    dying->append_past_machine(std::move(prefix));
    at.wait_for_outcomes(dying, 2);
    CHECK(!fold_tokens(at.all()).contains(77));
    const auto heir = at.owner(2, at.open());
    // What the dead writer had still under way arrives.
    dying->append_past_machine(std::move(rest));
    at.wait_for_outcomes(dying, 3);
    const auto next = heir->append(2);
    at.run(heir->settle());
    const auto counted = fold_tokens(at.all());
    CHECK(counted.size() == 2);
    CHECK(counted.contains(whole));
    CHECK(counted.contains(next));
}

TEMPLATE_TEST_CASE(
    "a writer that claims twice owns once", "[log]", postgres_backend, kafka_backend
) {
    bench<TestType> at;
    const auto writer = at.owner(1);
    const auto first = writer->append(1);
    at.run(writer->settle());
    writer->machine().lost_sight();
    at.run(writer->own());
    const auto second = writer->append(1);
    at.run(writer->settle());
    const auto counted = fold_tokens(at.all());
    CHECK(counted.size() == 2);
    CHECK(counted.contains(first));
    CHECK(counted.contains(second));
}

TEMPLATE_TEST_CASE(
    "a large record fits up to the limit, and is refused above it",
    "[log]",
    postgres_backend,
    kafka_backend
) {
    bench<TestType> at;
    const auto writer = at.owner(1);
    const auto with_text = [&](std::size_t bytes, std::int64_t sequence) {
        auto records = writer->records_of(static_cast<std::uint64_t>(sequence) + 1, sequence, 1, 1);
        records.front()->data = R"({"text":")" + std::string(bytes, 'x') + R"("})";
        return records;
    };
    auto most = with_text(0, 1);
    const auto room = infra::max_record_bytes - infra::footprint(*most.front());
    writer->append_past_machine(with_text(std::size_t{1} << 20U, 0));
    writer->append_past_machine(with_text(room, 1));
    CHECK_THROWS_AS(writer->append_past_machine(with_text(room + 1, 2)), infra::record_too_large);
    CHECK_THROWS_WITH(
        writer->append_past_machine(with_text(std::size_t{4} << 20U, 2)),
        Catch::Contains("at most 2097152")
    );
    writer->append_past_machine(with_text(3, 2));
    at.wait_for_outcomes(writer, 3);
    for (const auto status : writer->outcomes) {
        CHECK(status == append_status::durable);
    }
    const auto records = at.all(at.open());
    REQUIRE(records.size() == 4);
    CHECK(infra::footprint(*records[2]) == infra::max_record_bytes);
    CHECK(records[3]->data == R"({"text":"xxx"})");
}

namespace {

/// Appends under load until told to stop, owning again after each loss.
task<> append_until(writer_ptr writer, const bool& stop) {
    std::size_t turn = 0;
    while (!stop) {
        co_await writer->own();
        while (!stop && writer->machine().now() == commands::ownership::phase::owning) {
            if (writer->machine().in_flight() < 64) {
                writer->append(1 + ++turn % 3);
            }
            const auto limit = writer->machine().in_flight() < 64 ? 0ms : 5ms;
            co_await writer->follow(limit);
        }
    }
    co_await writer->settle();
}

}  // namespace

TEMPLATE_TEST_CASE(
    "a crash of the log under load loses nothing acknowledged and doubles nothing",
    "[log]",
    postgres_backend,
    kafka_backend
) {
    bench<TestType> at;
    auto& io = at.database().io();
    const auto writer = at.owner(1);
    bool stop = false;
    std::exception_ptr failure;
    bool ended = false;
    boost::asio::co_spawn(io, append_until(writer, stop), [&](std::exception_ptr thrown) {
        failure = std::move(thrown);
        ended = true;
    });
    const auto run_until = [&](auto condition) {
        const auto deadline = std::chrono::steady_clock::now() + 90s;
        io.restart();
        while (!condition() && io.run_one_until(deadline) > 0) {
        }
        REQUIRE(condition());
    };
    for (int round = 0; round < 3; ++round) {
        const auto before = writer->acknowledged.size();
        run_until([&] { return ended || writer->acknowledged.size() > before + 300; });
        REQUIRE(!ended);
        at.crash();
        at.come_back();
    }
    const auto before = writer->acknowledged.size();
    run_until([&] { return ended || writer->acknowledged.size() > before + 300; });
    stop = true;
    run_until([&] { return ended; });
    REQUIRE(failure == nullptr);
    const auto records = at.all(at.open(), 500);
    check_dense(records);
    const auto counted = fold_tokens(records);
    for (const auto& [token, offset] : writer->acknowledged) {
        INFO("token " << token);
        REQUIRE(counted.contains(token));
        REQUIRE(counted.at(token) == offset);
    }
    for (const auto token : writer->refused) {
        INFO("token " << token);
        REQUIRE(!counted.contains(token));
    }
    CHECK(counted.size() == writer->acknowledged.size());
}

}  // namespace teamflow::tests
