#include "commands/writer/partition_writer.hpp"

#include <catch2/catch.hpp>

#include <boost/asio/steady_timer.hpp>

#include "commands/organization.hpp"
#include "commands/project.hpp"
#include "events/stream.hpp"
#include "infra/log/archive.hpp"
#include "infra/log/postgres_log.hpp"
#include "tests/support/postgres_fixture.hpp"

using namespace teamflow;
using namespace std::chrono_literals;

namespace {

constexpr std::int32_t partitions = 2;

/// Knows which streams were looked for.
class watched_archive final : public infra::stream_archive {
public:
    explicit watched_archive(infra::postgres::pool& database) : real_(database) {}

    infra::task<std::vector<events::record_ptr>> stream(
        events::organization_id organization,
        std::string stream,
        std::int64_t after_version,
        std::int32_t limit
    ) override {
        looked_for.push_back(stream);
        co_return co_await real_.stream(organization, std::move(stream), after_version, limit);
    }

    infra::task<std::vector<events::record_ptr>> organization(
        events::organization_id organization, events::offset after, std::int32_t limit
    ) override {
        co_return co_await real_.organization(organization, after, limit);
    }

    infra::task<events::record_ptr> find_once(std::string key) override {
        co_return co_await real_.find_once(std::move(key));
    }

    infra::task<std::optional<infra::snapshot>> find_snapshot(
        events::organization_id organization, std::string stream
    ) override {
        co_return co_await real_.find_snapshot(organization, std::move(stream));
    }

    infra::task<> save_snapshot(infra::snapshot taken) override {
        co_await real_.save_snapshot(std::move(taken));
    }

    std::vector<std::string> looked_for;

private:
    infra::archive real_;
};

/// A writer of partition 0 on a log of its own, and an organization that it owns.
class writing {
public:
    explicit writing(tests::postgres_fixture& database) : database_(database) {
        infra::postgres_log::create(database_.session(), partitions);
        log_ =
            database_.run(infra::postgres_log::open(database_.executor(), {.url = database_.url()})
            );
        pool_.emplace(database_.executor(), database_.url());
        archive_.emplace(*pool_);
        start();
    }

    ~writing() {
        database_.run(writer_->stop(5s));
        log_->stop();
    }

    writing(const writing&) = delete;
    writing& operator=(const writing&) = delete;

    /// Stands for a crash: whatever was in memory is gone, and a new writer claims the partition.
    void restart() {
        database_.run(writer_->stop(5s));
        start();
    }

    template <class Command>
    commands::command_request request(Command command) {
        commands::command_request request;
        request.organization = organization;
        request.actor = owner;
        request.command = std::make_unique<commands::command_of<Command>>(std::move(command));
        return request;
    }

    commands::command_outcome execute(commands::command_request request) {
        return database_.run(writer_->execute(std::move(request)));
    }

    commands::command_reply accepted(commands::command_request request) {
        auto outcome = execute(std::move(request));
        if (const auto* refused = std::get_if<commands::refusal>(&outcome)) {
            FAIL("refused: " + refused->message);
        }
        if (const auto* missing = std::get_if<commands::unavailable>(&outcome)) {
            FAIL("unavailable: " + missing->detail);
        }
        return std::get<commands::command_reply>(outcome);
    }

    void found_organization() {
        auto founding = request(commands::create_organization{
            .organization_id = organization, .name = {"Ink"}, .owner_id = owner
        });
        founding.actor = {};
        founding.actor_name = "system:registration";
        accepted(std::move(founding));
    }

    commands::command_request create_project(std::string name, std::string key) {
        commands::create_project command;
        command.name.value = std::move(name);
        command.key.emplace().value = std::move(key);
        return request(std::move(command));
    }

    /// Another process takes the partition over.
    void claim_as_another() {
        const events::writer_id other{*events::parse_uuid("01936f3c-7b1a-7000-8000-0000000000ff")};
        database_.run(log_->claim(0, other, "127.0.0.1:1"));
    }

    std::int64_t count(const std::string& sql) {
        return database_.session().query(sql).get<std::int64_t>(0, 0);
    }

    commands::partition_writer& writer() { return *writer_; }

    [[nodiscard]] std::vector<std::string>& looked_for() { return archive_->looked_for; }

    events::organization_id organization{*events::parse_uuid("01936f3c-7b1a-7000-8000-000000000001")
    };
    events::user_id owner{*events::parse_uuid("01936f3c-7b1a-7000-8000-000000000002")};

private:
    void start() {
        writer_ = std::make_shared<commands::partition_writer>(
            database_.executor(),
            0,
            commands::partition_writer::parts{
                .log = *log_, .archive = *archive_, .clock = clock_, .random = random_
            },
            "127.0.0.1:0",
            commands::partition_writer::limits{}
        );
        writer_->start();
        writer_->assign(true);
    }

    tests::postgres_fixture& database_;
    infra::system_clock clock_;
    infra::system_random random_;
    std::shared_ptr<infra::postgres_log> log_;
    std::optional<infra::postgres::pool> pool_;
    std::optional<watched_archive> archive_;
    std::shared_ptr<commands::partition_writer> writer_;
};

}  // namespace

TEST_CASE("a command becomes events with dense offsets, and an answer with version and position") {
    tests::postgres_fixture database;
    writing work(database);
    work.found_organization();
    const auto reply = work.accepted(work.create_project("Paper", "PAP"));
    CHECK(reply.version == 1);
    CHECK(reply.at.partition == 0);
    CHECK(
        work.count(
            R"(select count(*) from teamflow.log_records where partition = 0 and "offset" <= )" +
            std::to_string(reply.at.at)
        ) == reply.at.at + 1
    );
    CHECK(reply.body.find(R"("name":"Paper")") != std::string::npos);
}

TEST_CASE("a stream that the decision makes is not looked for") {
    tests::postgres_fixture database;
    writing work(database);
    work.found_organization();
    work.looked_for().clear();
    const auto made = work.accepted(work.create_project("Paper", "PAP"));
    CHECK(work.looked_for().empty());
    work.restart();
    commands::edit_project command;
    command.project_id = events::project_id{*events::id_of(made.stream)};
    command.name.value.emplace().value = "Card";
    const auto edited = work.accepted(work.request(std::move(command)));
    CHECK(edited.version == 2);
    CHECK(work.looked_for() == std::vector<std::string>{made.stream});
}

TEST_CASE("state survives the writer: rules still hold after a restart") {
    tests::postgres_fixture database;
    writing work(database);
    work.found_organization();
    work.accepted(work.create_project("Paper", "PAP"));
    work.restart();
    const auto outcome = work.execute(work.create_project("Other", "PAP"));
    REQUIRE(std::holds_alternative<commands::refusal>(outcome));
    CHECK(std::get<commands::refusal>(outcome).code == commands::refusal_code::project_key_taken);
}

TEST_CASE("an idempotency key works once, over restarts, and refuses another body") {
    tests::postgres_fixture database;
    writing work(database);
    work.found_organization();
    const auto send = [&](std::string fingerprint) {
        auto request = work.create_project("Paper", "PAP");
        request.once = commands::request_key{.key = "o/u/k", .fingerprint = std::move(fingerprint)};
        return work.execute(std::move(request));
    };
    const auto first = std::get<commands::command_reply>(send("a"));
    CHECK(!first.replayed);
    for (int round = 0; round < 2; ++round) {
        const auto again = std::get<commands::command_reply>(send("a"));
        CHECK(again.replayed);
        CHECK(again.body == first.body);
        CHECK(again.at == first.at);
        CHECK(again.version == first.version);
        CHECK(
            std::get<commands::refusal>(send("b")).code ==
            commands::refusal_code::idempotency_key_reused
        );
        work.restart();
    }
    CHECK(
        work.count("select count(*) from teamflow.events where type = 'project.project_created'") ==
        1
    );
}

TEST_CASE("equal requests at once: one does the work, the others get its answer") {
    tests::postgres_fixture database;
    writing work(database);
    work.found_organization();
    int replayed = 0;
    int answered = 0;
    constexpr int requests = 20;
    for (int i = 0; i < requests; ++i) {
        auto request = work.create_project("Paper", "PAP");
        request.once = commands::request_key{.key = "o/u/k", .fingerprint = "a"};
        boost::asio::co_spawn(
            database.executor(),
            work.writer().execute(std::move(request)),
            [&](const std::exception_ptr& error, const commands::command_outcome& outcome) {
                REQUIRE(!error);
                ++answered;
                replayed += std::get<commands::command_reply>(outcome).replayed ? 1 : 0;
            }
        );
    }
    while (answered < requests) {
        database.io().run_one();
    }
    CHECK(replayed == requests - 1);
}

TEST_CASE("a log without room says so, and takes commands again when there is some") {
    tests::postgres_fixture database;
    writing work(database);
    work.found_organization();
    database.session().execute(
        "create function no_room() returns trigger language plpgsql as"
        " $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$;"
        " create trigger no_room before insert on teamflow.log_records"
        " for each statement execute function no_room()"
    );
    const auto is_full = [&](const char* key) {
        const auto outcome = work.execute(work.create_project("Paper", key));
        const auto* missing = std::get_if<commands::unavailable>(&outcome);
        return missing != nullptr && missing->code == "storage_full";
    };
    CHECK(is_full("PAP"));
    // Nobody owns the partition now, for a claim finds no room either.
    CHECK(is_full("PAQ"));
    database.session().execute("drop trigger no_room on teamflow.log_records");
    work.accepted(work.create_project("Paper", "PAP"));
    CHECK(
        work.count("select count(*) from teamflow.events where type = 'project.project_created'") ==
        1
    );
}

TEST_CASE("a burst of commands is appended in groups, in one order, without a hole") {
    tests::postgres_fixture database;
    writing work(database);
    work.found_organization();
    constexpr int commands_sent = 500;
    int answered = 0;
    for (int i = 0; i < commands_sent; ++i) {
        boost::asio::co_spawn(
            database.executor(),
            work.writer().execute(
                work.create_project("Paper " + std::to_string(i), "P" + std::to_string(i + 10))
            ),
            [&](const std::exception_ptr& error, const commands::command_outcome& outcome) {
                REQUIRE(!error);
                CHECK(std::holds_alternative<commands::command_reply>(outcome));
                ++answered;
            }
        );
    }
    while (answered < commands_sent) {
        database.io().run_one();
    }
    CHECK(
        work.count("select count(*) from teamflow.events where type = 'project.project_created'") ==
        commands_sent
    );
    CHECK(
        work.count(
            R"(select max("offset") + 1 - count(*) from teamflow.log_records where partition = 0)"
        ) == 0
    );
    CHECK(work.writer().counters().commits < commands_sent);
}

TEST_CASE("a stale writer is fenced: what it decides never happened") {
    tests::postgres_fixture database;
    writing work(database);
    work.found_organization();
    work.claim_as_another();
    const auto outcome = work.execute(work.create_project("Paper", "PAP"));
    CHECK(std::holds_alternative<commands::unavailable>(outcome));
    CHECK(
        work.count("select count(*) from teamflow.events where type = 'project.project_created'") ==
        0
    );
}
