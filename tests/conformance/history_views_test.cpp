// The schema `history` on a real PostgreSQL: every event through its view, and the walls around it.

#include "infra/log/history_views.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "infra/log/analysts.hpp"
#include "tests/support/postgres_fixture.hpp"

namespace teamflow::tests {

namespace {

namespace fs = std::filesystem;

constexpr const char* acme = "01936f3c-7b1a-7000-8000-0000000000a1";
constexpr const char* other = "01936f3c-7b1a-7000-8000-0000000000b2";
constexpr const char* password = "correct horse battery";

events::organization_id organization(const char* text) {
    return events::organization_id(*events::parse_uuid(text));
}

/// A log with views, and an analyst whose name no other test has: roles belong to the server.
struct history_fixture : postgres_fixture {
    history_fixture() {
        infra::update_history_views(url());
        static int count = 0;
        name = fmt::format("analyst_{}", ++count);
    }

    ~history_fixture() {
        analyst_session.reset();
        [[maybe_unused]] const auto dropped = infra::drop_analyst(session(), name);
    }

    history_fixture(const history_fixture&) = delete;
    history_fixture& operator=(const history_fixture&) = delete;

    void insert(
        std::string_view type, int version, const std::string& data, const char* to = acme
    ) {
        session().query(
            "insert into teamflow.log_records (partition, \"offset\", kind, epoch_offset,"
            " epoch_writer, sequence, commit_id, commit_index, commit_count, event_id, type,"
            " schema_version, stream, stream_version, organization, actor, time, correlation_id,"
            " traceparent, data, idempotency_key, answer)"
            " values (0, $1::bigint, 1, 0, gen_random_uuid(), 0, gen_random_uuid(), 0, 1,"
            " gen_random_uuid(), $2, $3::smallint, 'task-' || $1, 1, $4::uuid, 'tester', now(),"
            " gen_random_uuid(), '', $5::json, 'key-' || $1, 'secret answer')",
            {std::to_string(next_offset), std::string(type), std::to_string(version), to, data}
        );
        ++next_offset;
    }

    /// Signed in as an analyst of acme.
    infra::postgres::session& as_analyst() {
        if (!analyst_session) {
            // An organization is one of which the log holds something.
            insert("project.project_restored", 1, "{}");
            const auto made = infra::put_analyst(url(), name, organization(acme), password);
            REQUIRE(made.has_value());
            session().execute(
                "delete from teamflow.log_records where type = 'project.project_restored'"
            );
            analyst_session.emplace(url() + "&user=" + name + "&password=" + "x");
        }
        return *analyst_session;
    }

    std::string refusal(const std::string& sql) {
        try {
            as_analyst().query(sql);
        } catch (const infra::postgres_error& failure) {
            return std::string(failure.sqlstate());
        }
        return "done";
    }

    std::int64_t count(const std::string& from) {
        return as_analyst().query("select count(*) from " + from).get<std::int64_t>(0, 0);
    }

    std::string name;
    std::int64_t next_offset = 1;
    std::optional<infra::postgres::session> analyst_session;
};

std::string text_of(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("every golden event of every version is read through its view", "[history_views]") {
    history_fixture log;
    std::size_t read = 0;
    for (const auto& entry : fs::directory_iterator(TEAMFLOW_GOLDEN_DIR)) {
        const std::string stem = entry.path().stem().string();
        const std::string type = stem.substr(0, stem.rfind(".v"));
        const int version = std::stoi(stem.substr(stem.rfind(".v") + 2));
        INFO(stem);
        log.insert(type, version, text_of(entry.path()));
        // Each column beside the payload's member of its name: text, or what it was made of.
        const auto differing = log.session().query(fmt::format(
            "select column_name::text from history.\"{0}\" v, teamflow.log_records r,"
            " lateral jsonb_each(to_jsonb(v)) as c(column_name, value)"
            " where r.event_id = v.event_id and r.\"offset\" = {1}"
            " and r.data::jsonb ? column_name and column_name not in ('time', 'organization_id',"
            " 'commit_id')"
            " and c.value #>> '{{}}' is distinct from"
            "     coalesce(r.data::jsonb->column_name->>'sealed', r.data::jsonb->>column_name)"
            " and not (column_name like '%\\_time' or column_name like '%\\_at')",
            infra::view_name(type),
            log.next_offset - 1
        ));
        for (std::size_t row = 0; row < differing.rows(); ++row) {
            FAIL_CHECK(differing.get<std::string>(row, 0));
        }
        const auto found = log.session().query(
            fmt::format("select count(*) from history.\"{}\"", infra::view_name(type))
        );
        CHECK(found.get<std::int64_t>(0, 0) >= 1);
        ++read;
    }
    CHECK(read >= events::event_types().size());
}

TEST_CASE("a view gives values of their types", "[history_views]") {
    history_fixture log;
    log.insert(
        "time.timer_stopped",
        1,
        R"({"time_log_id":"01936f3c-7b1a-7000-8000-000000000001",)"
        R"("task_id":"01936f3c-7b1a-7000-8000-000000000002",)"
        R"("project_id":"01936f3c-7b1a-7000-8000-000000000003",)"
        R"("user_id":"01936f3c-7b1a-7000-8000-000000000004","start_time":"2026-03-01T08:00:00Z",)"
        R"("end_time":"2026-03-01T09:30:00.250Z","duration_seconds":5400,"category":null,)"
        R"("is_billable":true})"
    );
    const auto row = log.session().query(
        "select duration_seconds / 3600.0 = 1.5 and is_billable and category is null"
        " and end_time - start_time = interval '1 hour 30 minutes 0.25 seconds'"
        " from history.timer_stopped"
    );
    CHECK(row.get<bool>(0, 0));
}

TEST_CASE("views and columns are commented", "[history_views]") {
    history_fixture log;
    const auto row = log.session().query(
        "select obj_description('history.task_created'::regclass)::text,"
        " (select count(*) from pg_views where schemaname = 'history'"
        "   and obj_description(format('history.%I', viewname)::regclass) is null)"
    );
    CHECK(
        row.get<std::string>(0, 0) == "A task was created in a project, by hand or from a template."
    );
    CHECK(row.get<std::int64_t>(0, 1) == 0);
}

TEST_CASE("views are made once, and an older program leaves newer ones alone", "[history_views]") {
    history_fixture log;
    CHECK_FALSE(infra::update_history_views(log.url()));
    log.session().execute(
        "update teamflow.history_views set version = version + 1;"
        "create view history.task_of_tomorrow as select 1 as one"
    );
    CHECK_FALSE(infra::update_history_views(log.url()));
    log.session().execute("update teamflow.history_views set version = 0");
    CHECK(infra::update_history_views(log.url()));
    CHECK(log.session()
              .query("select to_regclass('history.task_of_tomorrow') is null")
              .get<bool>(0, 0));
}

TEST_CASE("views that others depend on stay as they are", "[history_views]") {
    history_fixture log;
    log.session().execute(
        "update teamflow.history_views set version = 0;"
        "create view public.mine as select task_id from history.task_created"
    );
    CHECK_THROWS_AS(infra::update_history_views(log.url()), infra::postgres_error);
    CHECK(log.session().query("select count(*) from mine").get<std::int64_t>(0, 0) == 0);
}

TEST_CASE("an analyst sees one organization", "[history_views]") {
    history_fixture log;
    const std::string data = R"({"project_id":"01936f3c-7b1a-7000-8000-000000000003"})";
    log.insert("project.project_archived", 1, data, acme);
    log.insert("project.project_archived", 1, data, other);
    log.insert("project.project_archived", 1, data, other);
    CHECK(log.count("history.events") == 1);
    CHECK(log.count("history.project_archived") == 1);
    CHECK(log.count(fmt::format("events where organization_id = '{}'", other)) == 0);

    // The program's own view, and whoever owns the tables, see all.
    const auto all = log.session().query("select count(*) from teamflow.events");
    CHECK(all.get<std::int64_t>(0, 0) == 3);
}

TEST_CASE("views made anew are open to analysts who are there", "[history_views]") {
    history_fixture log;
    CHECK(log.count("history.task_created") == 0);
    log.session().execute("update teamflow.history_views set version = 0");
    REQUIRE(infra::update_history_views(log.url()));
    CHECK(log.count("history.task_created") == 0);
}

TEST_CASE("a condition that tells what it sees is told nothing of others", "[history_views]") {
    history_fixture log;
    log.insert("project.project_archived", 1, R"({"project_id":"secret"})", other);
    // Were the condition asked before the wall, the cast would fail and quote the value.
    CHECK(log.refusal("select 1 from events where (data->>'project_id')::uuid is null") == "done");
    CHECK(log.refusal("select 1 from project_archived where project_id is null") == "done");
    CHECK(
        log.refusal("select 1 from events where 1 / (case when data is null then 1 else 0 end) = 1"
        ) == "done"
    );
    const auto statistics =
        log.as_analyst().query("select count(*) from pg_stats where tablename = 'log_records'");
    CHECK(statistics.get<std::int64_t>(0, 0) == 0);
}

TEST_CASE("an analyst reads nothing else", "[history_views]") {
    history_fixture log;
    const std::string denied = "42501";
    for (const char* table :
         {"teamflow.log_records",
          "teamflow.events",
          "teamflow.analysts",
          "teamflow.nodes",
          "teamflow.snapshots",
          "identity_private.person_keys",
          "identity_private.credentials",
          "identity_private.refresh_tokens"}) {
        INFO(table);
        CHECK(log.refusal(fmt::format("select 1 from {}", table)) == denied);
    }
    CHECK(log.refusal("select pg_read_file('/etc/passwd')") == denied);
    CHECK(log.refusal("copy history.events to program 'true'") == denied);
    CHECK(log.refusal("select passwd from pg_shadow") == denied);
    CHECK(log.refusal("set role pg_read_all_data") == denied);
    CHECK(log.refusal("set session authorization pg_read_all_data") == denied);
    CHECK(log.refusal("select teamflow.put_analyst('x', gen_random_uuid(), 'y')") == denied);
}

TEST_CASE("an analyst writes nothing", "[history_views]") {
    history_fixture log;
    CHECK(log.refusal("delete from history.events") == "42501");
    CHECK(log.refusal("create table mine (id int)") == "25006");
    // Who says so may write where there is a right to, and there is none.
    log.as_analyst().execute("set default_transaction_read_only = off");
    CHECK(log.refusal("delete from history.events") == "42501");
    CHECK(log.refusal("update history.events set actor = 'nobody'") == "42501");
    CHECK(log.refusal("insert into teamflow.log_records (partition) values (0)") == "42501");
    CHECK(log.refusal("create table public.mine (id int)") == "42501");
    CHECK(log.refusal("create view history.mine as select 1") == "42501");
    CHECK(log.refusal("create policy mine on history.events using (true)") != "done");
    CHECK(log.refusal("alter role current_user superuser") == "42501");
}

TEST_CASE("an analyst who is dropped sees nothing in an open session", "[history_views]") {
    history_fixture log;
    log.insert("project.project_archived", 1, "{}", acme);
    REQUIRE(log.count("history.events") == 1);
    REQUIRE(infra::drop_analyst(log.session(), log.name).has_value());
    CHECK(infra::list_analysts(log.session()).empty());
    std::int64_t seen = 0;
    try {
        seen = log.count("history.events");
    } catch (const infra::postgres_error&) {
        seen = 0;
    }
    CHECK(seen == 0);
    CHECK_FALSE(infra::drop_analyst(log.session(), log.name).has_value());
}

TEST_CASE("an analyst gets another organization and limits", "[history_views]") {
    history_fixture log;
    log.insert("project.project_archived", 1, "{}", acme);
    log.insert("project.project_archived", 1, "{}", other);
    log.insert("project.project_archived", 1, "{}", other);
    REQUIRE(log.count("history.events") == 1);
    REQUIRE(infra::put_analyst(log.url(), log.name, organization(other), password).has_value());
    CHECK(log.count("history.events") == 2);
    CHECK(log.as_analyst().query("show statement_timeout").get<std::string>(0, 0) == "1min");
    const auto all = infra::list_analysts(log.session());
    REQUIRE(all.size() == 1);
    CHECK(all.front().organization == organization(other));
    CHECK(all.front().connections == 1);
}

TEST_CASE("names, passwords and organizations that do not fit are refused", "[history_views]") {
    history_fixture log;
    const auto refused = infra::put_analyst(log.url(), "Bad Name", organization(other), "short");
    REQUIRE_FALSE(refused.has_value());
    CHECK_THAT(refused.error(), Catch::Contains("Bad Name") && Catch::Contains("12 characters"));
    CHECK_THAT(refused.error(), Catch::Contains(other));

    log.insert("project.project_archived", 1, "{}", other);
    const auto taken =
        infra::put_analyst(log.url(), "teamflow_analysts", organization(other), password);
    CHECK_FALSE(taken.has_value());
}

}  // namespace teamflow::tests
