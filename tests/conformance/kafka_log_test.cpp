// What only the Kafka log promises: headers for other readers, refusals at the start, unknown
// outcomes, foreign records.

#include <fstream>
#include <iterator>
#include <thread>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <boost/json/parse.hpp>

#include "infra/kafka/message.hpp"
#include "infra/kafka/topic.hpp"
#include "tests/support/driven_writer.hpp"
#include "tests/support/log_backend.hpp"

namespace teamflow::tests {

namespace {

using namespace std::chrono_literals;
using infra::append_status;

std::shared_ptr<driven_writer> writer_on(
    kafka_backend& at, const std::shared_ptr<infra::event_log>& log, std::uint64_t name
) {
    return std::make_shared<driven_writer>(log, at.database().executor(), 1, name);
}

std::vector<events::record_ptr> all(
    kafka_backend& at, const std::shared_ptr<infra::event_log>& log
) {
    const events::position from{.partition = 1, .at = 0};
    return at.database().run(read_all(log, at.database().executor(), from, 100));
}

/// Messages of partition 1 as kcat shows them.
std::vector<boost::json::object> by_kcat(const infra::kafka::settings& how) {
    const auto said = run_command(
        fmt::format("kcat -C -q -J -e -b {} -t {} -p 1 -o beginning", how.bootstrap, how.topic)
    );
    std::vector<boost::json::object> messages;
    for (std::size_t begin = 0; begin < said.size();) {
        const std::size_t end = said.find('\n', begin);
        messages.push_back(boost::json::parse(said.substr(begin, end - begin)).as_object());
        begin = end + 1;
    }
    return messages;
}

std::string header(const boost::json::object& message, std::string_view name) {
    const auto& list = message.at("headers").as_array();
    for (std::size_t i = 0; i + 1 < list.size(); i += 2) {
        if (list[i].as_string() == name) {
            return std::string(list[i + 1].as_string());
        }
    }
    return "absent";
}

std::string what_is_thrown(const std::function<void()>& body) {
    try {
        body();
    } catch (const std::exception& failure) {
        return failure.what();
    }
    return "nothing";
}

}  // namespace

TEST_CASE("kcat reads a record with its attributes", "[kafka]") {
    kafka_backend at;
    const auto log = at.open();
    const auto writer = writer_on(at, log, 1);
    at.database().run(writer->own());
    const auto token = writer->append(2);
    at.database().run(writer->settle());
    const auto messages = by_kcat(at.settings().kafka);
    REQUIRE(messages.size() == 3);
    CHECK(header(messages[0], "ce_type") == "log.writer_claimed");
    CHECK(header(messages[0], "ce_id") == to_string(writer->machine().reign().writer));
    const auto& last = messages[2];
    const auto expected = writer->records_of(token, 0, 2, 2).back();
    CHECK(last.at("key").as_string() == to_string(expected->head.organization));
    CHECK(last.at("payload").as_string() == expected->data);
    CHECK(header(last, "ce_specversion") == "1.0");
    CHECK(header(last, "ce_id") == to_string(expected->head.id));
    CHECK(header(last, "ce_source").starts_with("/teamflow/"));
    CHECK(header(last, "ce_type") == "test.happened");
    CHECK(header(last, "ce_subject") == expected->head.stream);
    CHECK(header(last, "ce_streamversion") == "2");
    CHECK(header(last, "content-type") == "application/json");
    CHECK(
        header(last, "ce_epoch") == fmt::format("0:{}", to_string(writer->machine().reign().writer))
    );
    CHECK(header(last, "ce_sequence") == "1");
    CHECK(header(last, "ce_commitindex") == "1");
    CHECK(header(last, "ce_commitcount") == "2");
    CHECK(header(last, "ce_idempotencykey") == "absent");
}

TEST_CASE("records of others in the topic are ghosts", "[kafka]") {
    kafka_backend at;
    const auto how = at.settings().kafka;
    const auto foreign = [&](std::string_view options, std::string_view text) {
        run_command(fmt::format(
            "printf '%s' '{}' | kcat -P -b {} -t {} -p 1 {}",
            text,
            how.bootstrap,
            how.topic,
            options
        ));
    };
    foreign("", "rubbish before the first claim");
    foreign("-H ce_specversion=1.0 -H ce_type=log.writer_claimed", "{}");
    const auto log = at.open();
    const auto writer = writer_on(at, log, 1);
    at.database().run(writer->own());
    writer->append(2);
    at.database().run(writer->settle());
    foreign("-k 01936f3c-7b1a-7000-8000-000000000001", R"({"looks":"like an event"})");
    foreign("-Z -K:", "somebody:");
    writer->append(1);
    at.database().run(writer->settle());
    const auto records = all(at, log);
    CHECK(records.size() == 2 + 1 + 2 + 2 + 1);
    CHECK(records[0]->kind == events::record_kind::ghost);
    CHECK(records[1]->kind == events::record_kind::ghost);
    CHECK(fold_tokens(records).size() == 2);
    CHECK(writer->machine().fold().ghosts() == 4);
    CHECK(writer->machine().now() == commands::ownership::phase::owning);
}

TEST_CASE("a broker that hangs makes outcomes unknown; a new claim settles them", "[kafka]") {
    kafka_backend at;
    auto how = at.settings();
    how.kafka.message_timeout = 1000ms;
    const auto log = at.database().run(infra::kafka_log::open(at.database().executor(), how));
    const auto writer = writer_on(at, log, 1);
    at.database().run(writer->own());
    writer->append(1);
    at.database().run(writer->settle());
    kafka_fixture::pause_broker();
    for (int i = 0; i < 5; ++i) {
        writer->append(2);
    }
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    while (writer->outcomes.size() < 6 && std::chrono::steady_clock::now() < deadline) {
        at.database().run(writer->follow(10ms));
    }
    kafka_fixture::resume_broker();
    REQUIRE(writer->outcomes.size() == 6);
    CHECK(writer->outcomes.back() == append_status::unknown);
    CHECK(writer->machine().needs_claim());
    at.database().run(writer->settle());
    const auto counted = fold_tokens(all(at, log));
    CHECK(writer->acknowledged.size() + writer->refused.size() == 6);
    CHECK(counted == writer->acknowledged);
    log->stop();
}

TEST_CASE("without a broker a claim fails in bounded time", "[kafka]") {
    kafka_backend at;
    auto how = at.settings();
    how.kafka.message_timeout = 500ms;
    const auto log = at.database().run(infra::kafka_log::open(at.database().executor(), how));
    const auto claim = [&] {
        const events::writer_id me(events::make_uuid_v7(1, 1, 1));
        at.database().run(log->claim(1, me, "nowhere"));
    };
    kafka_fixture::pause_broker();
    CHECK_THROWS_AS(claim(), infra::log_unavailable);
    kafka_fixture::resume_broker();
    claim();
    CHECK(log->reachable());
    log->stop();
}

TEST_CASE("whoever waits for the topic is refused when the log stops", "[kafka]") {
    kafka_backend at;
    const auto log =
        at.database().run(infra::kafka_log::open(at.database().executor(), at.settings()));
    auto& io = at.database().io();
    std::size_t answered = 0;
    std::size_t refused = 0;
    const auto ask = [&] {
        const auto hear = [&](const std::exception_ptr& error, const auto&) {
            ++answered;
            if (!error) {
                return;
            }
            try {
                std::rethrow_exception(error);
            } catch (const infra::log_unavailable&) {
                ++refused;
            }
        };
        boost::asio::co_spawn(io, log->ends(), hear);
    };
    kafka_fixture::pause_broker();
    for (int i = 0; i < 3; ++i) {
        ask();
    }
    io.restart();
    io.poll();
    // One of them is being answered, the others wait for it.
    log->stop();
    kafka_fixture::resume_broker();
    ask();
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    io.restart();
    while (answered < 4 && io.run_one_until(deadline) > 0) {
    }
    CHECK(refused == 4);
}

TEST_CASE("a reader far behind the tail in memory is served from the topic", "[kafka]") {
    kafka_backend at;
    auto how = at.settings();
    how.tail_bytes_per_partition = 1;
    const auto log = at.database().run(infra::kafka_log::open(at.database().executor(), how));
    const auto writer = writer_on(at, log, 1);
    at.database().run(writer->own());
    for (int i = 0; i < 300; ++i) {
        writer->append(3);
    }
    at.database().run(writer->settle());
    CHECK(fold_tokens(all(at, log)) == writer->acknowledged);
    CHECK(writer->acknowledged.size() == 300);
    log->stop();
}

TEST_CASE("what a consumer reads may change at any pace", "[kafka]") {
    const kafka_fixture broker;
    const auto how = broker.settings();
    infra::kafka::create_topic(how, {.partitions = 12});
    const infra::kafka::client consumer(
        infra::kafka::client::role::consumer, how, {{"group.id", "restless"}}
    );
    std::vector<events::position> all;
    all.reserve(12);
    for (events::partition_id partition = 0; partition < 12; ++partition) {
        all.push_back({.partition = partition, .at = 0});
    }
    for (std::size_t round = 0; round < 500; ++round) {
        const auto wanted = round % 2 == 0 ? std::span(all) : std::span(all).subspan(round % 12, 1);
        infra::kafka::assign(consumer.raw(), how.topic, wanted);
        infra::kafka::next_message(consumer.raw(), static_cast<int>(round % 3));
    }
    infra::kafka::assign(consumer.raw(), how.topic, {});
    CHECK(consumer.reachable());
}

TEST_CASE("a topic is made so that nothing vanishes from it", "[kafka]") {
    kafka_fixture broker;
    const auto how = broker.settings();
    CHECK(infra::kafka::create_topic(how, {.partitions = 2, .flush_each_record = true}));
    CHECK(!infra::kafka::create_topic(how, {.partitions = 2, .flush_each_record = true}));
    auto state = infra::kafka::describe_topic(how);
    CHECK(state.partitions == 2);
    CHECK(state.replicas == 1);
    CHECK(state.config["retention.ms"] == "-1");
    CHECK(state.config["retention.bytes"] == "-1");
    CHECK(state.config["cleanup.policy"] == "delete");
    CHECK(state.config["unclean.leader.election.enable"] == "false");
    CHECK(state.config["flush.messages"] == "1");
    infra::kafka::check_topic(how, state, 2);
    const auto refusal = [&] {
        return what_is_thrown([&] { infra::kafka::check_topic(how, state, 2); });
    };
    state.config["retention.ms"] = "604800000";
    CHECK_THAT(refusal(), Catch::Contains("retention.ms is 604800000 and must be -1"));
    state.config["cleanup.policy"] = "compact";
    CHECK_THAT(refusal(), Catch::Contains("cleanup.policy is compact and must be delete"));
    state.config["max.message.bytes"] = "1048588";
    CHECK_THAT(refusal(), Catch::Contains("max.message.bytes is 1048588 and must be at least"));
    state.partitions = 3;
    CHECK_THAT(refusal(), Catch::Contains("it has 3 partitions, the log was made with 2"));
}

TEST_CASE("a topic is not made with fewer replicas than it should have", "[kafka]") {
    const kafka_fixture broker;
    const auto how = broker.settings();
    const auto making = [&](const infra::kafka::settings& where, std::optional<int> replicas) {
        return what_is_thrown([&] {
            infra::kafka::create_topic(where, {.partitions = 2, .replicas = replicas});
        });
    };
    const auto refusal = Catch::Contains("is to have 3 replicas, and only 1 broker is there");
    CHECK_THAT(making(how, 3), refusal);
    auto of_three = how;
    of_three.bootstrap += ",127.0.0.1:1,127.0.0.1:2";
    CHECK_THAT(making(of_three, std::nullopt), refusal);
    CHECK_THROWS(infra::kafka::describe_topic(how));
    CHECK(making(of_three, 1) == "nothing");
    CHECK(infra::kafka::describe_topic(how).replicas == 1);
    // One that is there is looked at where a log is opened.
    CHECK(making(how, 3) == "nothing");
    kafka_backend at;
    CHECK_THAT(
        what_is_thrown([&] {
            const infra::kafka::topic_plan plan{.partitions = log_partitions, .replicas = 3};
            infra::kafka_log::create(at.database().session(), at.settings().kafka, plan);
        }),
        Catch::Contains("has 1 replicas and is to have 3")
    );
}

TEST_CASE("a record that a disk changed is told of and never read", "[kafka]") {
    kafka_backend at;
    const auto writer = writer_on(at, at.open(), 1);
    at.database().run(writer->own());
    for (int i = 0; i < 6; ++i) {
        writer->append(1);
        at.database().run(writer->settle());
    }
    const auto written = all(at, at.open());
    REQUIRE(written.size() == 7);
    const auto& victim = *written[4];
    const auto change = [&](const std::string& from, const std::string& to) {
        kafka_fixture::stop_broker();
        const auto file = at.topic().first_segment(1);
        std::ifstream in(file, std::ios::binary);
        std::string bytes(std::istreambuf_iterator<char>(in), {});
        const auto place = bytes.find(from);
        REQUIRE(place != std::string::npos);
        std::fstream(file, std::ios::binary | std::ios::in | std::ios::out)
                .seekp(static_cast<std::streamoff>(place))
            << to;
        kafka_fixture::start_broker();
    };
    auto other = victim.data;
    other[other.size() / 2] ^= 1;
    change(victim.data, other);
    const auto log = at.open_kafka();
    const auto wait_until = [&](const std::function<bool()>& holds) {
        const auto deadline = std::chrono::steady_clock::now() + 30s;
        while (!holds() && std::chrono::steady_clock::now() < deadline) {
            std::this_thread::sleep_for(10ms);
        }
        CHECK(holds());
    };
    wait_until([&] { return !log->damaged().empty(); });
    CHECK_THAT(log->damaged(), Catch::Contains("partition 1"));
    // Asked for again and again, longer than a truncation takes to be believed.
    std::this_thread::sleep_for(3 * at.settings().kafka.truncation_patience);
    CHECK(log->truncated().empty());
    const auto before = at.database().run(log->fetch(1, 0, 4));
    CHECK(before.size() == 4);
    CHECK(before.back()->data == written[3]->data);
    CHECK_THROWS_AS(at.database().run(log->fetch(1, victim.at, 10)), infra::log_unavailable);
    change(other, victim.data);
    wait_until([&] { return log->damaged().empty(); });
    wait_until([&] {
        try {
            return all(at, log).size() == written.size();
        } catch (const infra::log_unavailable&) {
            return false;
        }
    });
}

TEST_CASE("a log is opened only as what it was made", "[kafka]") {
    kafka_backend at;
    auto& database = at.database();
    const auto open = [&](const infra::kafka_log::settings& how) {
        return what_is_thrown([&] {
            database.run(infra::kafka_log::open(database.executor(), how))->stop();
        });
    };
    CHECK(open(at.settings()) == "nothing");
    auto elsewhere = at.settings();
    elsewhere.kafka.topic = "no-such-topic";
    CHECK_THAT(open(elsewhere), Catch::Contains("no topic no-such-topic"));
    CHECK_THAT(
        what_is_thrown([&] {
            const infra::kafka::topic_plan plan{.partitions = 7, .flush_each_record = false};
            infra::kafka_log::create(database.session(), at.settings().kafka, plan);
        }),
        Catch::Contains("holds a kafka log with 3 partitions")
    );
    CHECK_THAT(
        what_is_thrown([&] { infra::postgres_log::create(database.session(), log_partitions); }),
        Catch::Contains("holds a kafka log")
    );
    database.session().execute("update teamflow.log_info set partitions = 4");
    CHECK_THAT(open(at.settings()), Catch::Contains("it has 3 partitions"));
    database.session().execute("delete from teamflow.log_info");
    CHECK_THAT(open(at.settings()), Catch::Contains("holds no kafka log"));
}

}  // namespace teamflow::tests
