// The archive of the Kafka log: every record once, with its kind, and a log that must not be
// shorter.

#include <map>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "tests/support/driven_writer.hpp"
#include "tests/support/log_backend.hpp"

namespace teamflow::tests {

namespace {

using namespace std::chrono_literals;
using events::record_kind;
using infra::archiver;

constexpr events::position first_record{.partition = 1, .at = 0};

struct archived_log : kafka_backend {
    std::shared_ptr<infra::kafka_log> log = open_kafka();
    std::vector<std::shared_ptr<archiver>> archivers;

    ~archived_log() { stop_archivers(); }

    std::shared_ptr<archiver> start_archiver() {
        auto made = archiver::make(database().executor(), log, database().url(), {});
        archivers.push_back(made);
        ++running;
        boost::asio::co_spawn(
            database().io(),
            archiver::run(made),
            [this](const std::exception_ptr& failure) {
                --running;
                if (failure) {
                    std::rethrow_exception(failure);
                }
            }
        );
        return made;
    }

    void stop_archivers() {
        for (const auto& each : archivers) {
            each->stop();
        }
        run_until([&] { return running == 0; });
        archivers.clear();
    }

    template <class Condition>
    void run_until(Condition holds) {
        const auto deadline = std::chrono::steady_clock::now() + 60s;
        database().io().restart();
        while (!holds() && std::chrono::steady_clock::now() < deadline) {
            database().io().run_one_for(100ms);
        }
        REQUIRE(holds());
    }

    void wait_archived(events::offset at) {
        run_until([&] { return log->archived(1) >= at; });
    }

    std::shared_ptr<driven_writer> owner(std::uint64_t name) {
        auto made = std::make_shared<driven_writer>(log, database().executor(), 1, name);
        database().run(made->own());
        return made;
    }

    std::map<events::offset, record_kind> kinds() {
        const auto rows = database().session().query(
            R"(select "offset", kind from teamflow.log_records where partition = 1)"
        );
        std::map<events::offset, record_kind> all;
        for (std::size_t row = 0; row < rows.rows(); ++row) {
            all[rows.get<std::int64_t>(row, 0)] =
                static_cast<record_kind>(rows.get<std::int16_t>(row, 1));
        }
        return all;
    }

    int running = 0;
};

}  // namespace

TEST_CASE("the archive holds every record with what it turned out to be", "[archive]") {
    archived_log at;
    const auto zombie = at.owner(1);
    zombie->append(2);
    at.database().run(zombie->settle());
    const auto cut = zombie->records_of(5, 2, 2, 3);
    zombie->append_past_machine(cut);
    const auto heir = at.owner(2);
    zombie->append_past_machine(zombie->records_of(6, 4, 1, 1));
    at.run_until([&] { return zombie->outcomes.size() == 3; });
    heir->append(1);
    at.database().run(heir->settle());
    // Two at once: each record is written once all the same.
    at.start_archiver();
    at.start_archiver();
    at.wait_archived(7);
    const std::map<events::offset, record_kind> expected = {
        {0, record_kind::claim},
        {1, record_kind::event},
        {2, record_kind::event},
        {3, record_kind::incomplete},
        {4, record_kind::incomplete},
        {5, record_kind::claim},
        {6, record_kind::ghost},
        {7, record_kind::event},
    };
    CHECK(at.kinds() == expected);
    const auto checkpoint = at.database().run(at.log->checkpoint(1));
    CHECK(checkpoint.at == 7);
    CHECK(checkpoint.reign == heir->machine().reign());
    CHECK(checkpoint.next_sequence == 1);
    // Read back from the archive, the records fold to the same.
    const auto records =
        at.database().run(read_all(at.log, at.database().executor(), first_record, 3));
    CHECK(fold_tokens(records).size() == 2);
}

TEST_CASE("an open commit waits for its end before it is archived", "[archive]") {
    archived_log at;
    at.start_archiver();
    const auto writer = at.owner(1);
    at.wait_archived(0);
    auto records = writer->records_of(5, 0, 3, 3);
    const std::vector<std::shared_ptr<events::record>> first(records.begin(), records.begin() + 2);
    const std::vector<std::shared_ptr<events::record>> rest(records.begin() + 2, records.end());
    writer->append_past_machine(first);
    at.run_until([&] { return at.log->tail().known_end(1) == 2; });
    at.stop_archivers();
    CHECK(at.kinds().size() == 1);
    at.start_archiver();
    writer->append_past_machine(rest);
    at.wait_archived(3);
    CHECK(at.kinds().at(1) == record_kind::event);
    CHECK(at.kinds().size() == 4);
}

TEST_CASE(
    "archivers that come and go, and a database that crashes, archive all once", "[archive]"
) {
    archived_log at;
    const auto writer = at.owner(1);
    for (int round = 0; round < 4; ++round) {
        at.start_archiver();
        for (int i = 0; i < 200; ++i) {
            writer->append(1 + static_cast<std::size_t>(i) % 3);
        }
        at.database().run(writer->settle());
        if (round == 2) {
            postgres_fixture::server().stop(infra::postgres::stop_mode::immediate);
            postgres_fixture::server().start();
        }
        at.stop_archivers();
    }
    at.start_archiver();
    const auto end = at.database().run(at.log->end(1));
    at.wait_archived(end);
    postgres_fixture& database = at.database();
    infra::postgres::session session(database.url());
    const auto rows = session.query(R"(select count(*), max("offset"), count(distinct "offset"))"
                                    R"( from teamflow.log_records where partition = 1)");
    CHECK(rows.get<std::int64_t>(0, 0) == end + 1);
    CHECK(rows.get<std::int64_t>(0, 1) == end);
    CHECK(rows.get<std::int64_t>(0, 2) == end + 1);
    // Another process starts its fold from the archive and reads on.
    const auto elsewhere = at.open_kafka();
    CHECK(elsewhere->archived(1) == end);
    CHECK(elsewhere->truncated().empty());
    const auto records =
        at.database().run(read_all(elsewhere, at.database().executor(), first_record, 100));
    CHECK(fold_tokens(records) == writer->acknowledged);
}

TEST_CASE("a topic that lacks what the archive has takes nothing more", "[archive]") {
    archived_log at;
    at.start_archiver();
    const auto writer = at.owner(1);
    writer->append(3);
    at.database().run(writer->settle());
    at.wait_archived(3);
    at.stop_archivers();
    auto& session = at.database().session();
    const auto refused = [&](std::string_view why) {
        const auto reopened = at.open_kafka();
        CHECK_THAT(reopened->truncated(), Catch::Contains(std::string(why)));
        const events::writer_id me(events::make_uuid_v7(1, 1, 1));
        CHECK_THROWS_AS(at.database().run(reopened->claim(1, me, "nowhere")), infra::log_truncated);
        // History is still there to be read.
        CHECK(at.database().run(reopened->fetch(1, 0, 10)).size() >= 4);
    };
    SECTION("it ends earlier") {
        session.execute(
            R"(insert into teamflow.log_records select partition, "offset" + 10, 3, epoch_offset,)"
            R"( epoch_writer, sequence, commit_id, commit_index, commit_count, event_id, type,)"
            R"( schema_version, stream, stream_version, organization, actor, time, correlation_id)"
            R"( , causation_id, traceparent, data, null, null, null from teamflow.log_records)"
            R"( where partition = 1;)"
            R"(update teamflow.archive_checkpoints set "offset" = 13 where partition = 1)"
        );
        refused("does not reach up to offset 13");
    }
    SECTION("it is another log") {
        session.execute(
            "update teamflow.log_records set event_id = gen_random_uuid() where partition = 1"
        );
        refused("another record at offset 3");
    }
}

}  // namespace teamflow::tests
