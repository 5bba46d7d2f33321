// A log gets another number of partitions: the same events, at new places.

#include "infra/log/repartition.hpp"

#include <map>
#include <random>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "events/fold.hpp"
#include "infra/log/postgres_log.hpp"
#include "infra/log/record_rows.hpp"
#include "infra/postgres/pool.hpp"
#include "tests/support/partition_history.hpp"
#include "tests/support/postgres_fixture.hpp"

namespace teamflow::tests {

namespace {

using events::record_kind;

constexpr std::int32_t partitions_before = 4;

/// Records with the kinds that the fold gives them.
std::vector<std::pair<events::record_ptr, record_kind>> judged(const partition_history& history) {
    std::vector<std::pair<events::record_ptr, record_kind>> all;
    events::partition_fold fold;
    for (const auto& record : history.records()) {
        const auto found = fold.next(record);
        const bool is_ghost = found == events::verdict::ghost;
        all.emplace_back(record, is_ghost ? record_kind::ghost : record->kind);
        for (const auto& lost : fold.discarded()) {
            all.at(static_cast<std::size_t>(lost->at)).second = record_kind::incomplete;
        }
    }
    return all;
}

/// A database that holds a log on PostgreSQL with that history.
struct stored_log {
    postgres_fixture fixture;
    infra::postgres::pool database{
        fixture.executor(), fixture.url(), {.connection = {}, .size = 1}
    };

    explicit stored_log(const std::vector<partition_history>& all) {
        infra::postgres_log::create(fixture.session(), partitions_before);
        infra::record_arrays rows;
        for (const auto& history : all) {
            for (const auto& [record, kind] : judged(history)) {
                rows.push(*record, record->at, kind);
            }
        }
        const auto sql = fmt::format(
            "insert into teamflow.log_records ({}) select * from unnest($1, $2, $3, $4, $5, $6, $7,"
            " $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)",
            infra::record_columns
        );
        infra::postgres::params with;
        rows.move_to(with);
        fixture.run(database.query({"test", sql}, std::move(with)));
    }

    std::vector<events::offset> repartition(std::int32_t partitions) {
        auto& session = fixture.session();
        session.execute("begin");
        auto ends = infra::repartition(session, partitions, "a test");
        session.execute("commit");
        return ends;
    }

    std::vector<events::record_ptr> records(events::partition_id partition) {
        return infra::read_records(fixture.session().query(
            fmt::format(
                "select {} from teamflow.log_records where partition = $1 order by \"offset\"",
                infra::record_columns
            ),
            {std::to_string(partition)}
        ));
    }
};

/// All of an event that no place changes.
std::string text_of(const events::record& event) {
    const auto& head = event.head;
    return fmt::format(
        "{} {}/{} {} {} v{} {} {} {} {} {}",
        to_string(event.commit.id),
        event.commit.index,
        event.commit.count,
        to_string(head.id),
        head.type,
        head.schema_version,
        head.stream,
        head.stream_version,
        head.actor,
        head.time.time_since_epoch().count(),
        event.data
    );
}

using valid_events = std::map<std::string, std::vector<std::string>>;

/// What the fold lets count, by organization and in order; the moments of commits, too.
struct folded {
    valid_events events;
    std::vector<events::timestamp> moments;
    events::checkpoint end;
    std::int64_t ghosts = 0;
};

void fold_into(folded& all, const std::vector<events::record_ptr>& records) {
    events::partition_fold fold;
    all.moments.clear();
    for (const auto& record : records) {
        fold.next(record);
        for (const auto& event : fold.commit()) {
            all.events[to_string(event->head.organization)].push_back(text_of(*event));
        }
        if (!fold.commit().empty()) {
            all.moments.push_back(fold.commit().front()->head.time);
        }
    }
    all.end = fold.boundary();
    all.ghosts += fold.ghosts();
}

/// Four partitions at work: commits of many organizations, ghosts, commits that nobody ended,
/// claims, and clocks that go back now and then.
class random_logs {
public:
    explicit random_logs(std::uint32_t seed) : random_(seed) {
        for (events::partition_id partition = 0; partition < partitions_before; ++partition) {
            all_.emplace_back(partition);
        }
        const auto count = pick(1, 40);
        for (int i = 0; i < count; ++i) {
            organizations_.emplace_back(events::make_uuid_v7(1, random_(), random_()));
        }
    }

    std::vector<partition_history> make(bool clocks_go_back) {
        for (int i = 0; i < 300; ++i) {
            act(clocks_go_back);
        }
        for (auto& history : all_) {
            history.claim();
        }
        return std::move(all_);
    }

private:
    int pick(int from, int to) { return std::uniform_int_distribution(from, to)(random_); }

    void act(bool clocks_go_back) {
        const auto organization = organizations_.at(
            static_cast<std::size_t>(pick(0, static_cast<int>(organizations_.size()) - 1))
        );
        const auto partition = events::partition_of(organization, partitions_before);
        auto& history = all_.at(static_cast<std::size_t>(partition));
        history.set_organization(organization);
        now_ += std::chrono::milliseconds(pick(clocks_go_back ? -500 : 0, 900));
        history.set_time(now_);
        std::vector<events::event> commit;
        for (int i = pick(1, 4); i > 0; --i) {
            commit.emplace_back(events::project_archived{history.make_id<events::project_id>()});
        }
        switch (pick(0, 12)) {
            case 0:
                history.unfinished_commit(commit);
                history.claim();
                break;
            case 1:
                history.claim();
                break;
            case 2:
                history.ghost(commit.front());
                break;
            default:
                history.commit(commit);
        }
    }

    std::mt19937 random_;
    std::vector<partition_history> all_;
    std::vector<events::organization_id> organizations_;
    events::timestamp now_{std::chrono::milliseconds(1'795'000'000'000)};
};

}  // namespace

TEST_CASE("another number of partitions changes no event, order or commit", "[repartition]") {
    const auto seed = GENERATE(range(1U, 9U));
    const auto partitions = GENERATE(1, 3, 32);
    CAPTURE(seed, partitions);
    const bool clocks_go_back = seed % 2 == 0;
    const auto histories = random_logs(seed).make(clocks_go_back);
    folded before;
    for (const auto& history : histories) {
        fold_into(before, history.records());
    }
    stored_log log(histories);

    const auto ends = log.repartition(partitions);

    REQUIRE(ends.size() == static_cast<std::size_t>(partitions));
    folded after;
    for (events::partition_id partition = 0; partition < partitions; ++partition) {
        const auto records = log.records(partition);
        REQUIRE(!records.empty());
        CHECK(records.front()->kind == record_kind::claim);
        fold_into(after, records);
        CHECK(after.end.at == ends[static_cast<std::size_t>(partition)]);
        CHECK(after.end.next_sequence == after.end.at);
        CHECK((clocks_go_back || std::ranges::is_sorted(after.moments)));
        for (const auto& record : records) {
            const auto due = record->kind == record_kind::claim
                                 ? partition
                                 : events::partition_of(record->head.organization, partitions);
            CHECK(due == partition);
        }
    }
    CHECK(after.events == before.events);
    CHECK(after.ghosts == 0);
}

TEST_CASE("writers go on behind the new places, and nothing names an old one", "[repartition]") {
    const auto backend = GENERATE(as<std::string>(), "postgres", "kafka");
    stored_log log(random_logs(3).make(false));
    auto& session = log.fixture.session();
    session.query("update teamflow.log_info set backend = $1", {backend});
    session.execute(R"(
        insert into teamflow.snapshots
        values (gen_random_uuid(), 'task-1', 3, 17, 1, '{}');
        insert into teamflow.projections (name, version, fingerprint, build, status)
        values ('tasks', 1, '', 1, 'live');
        insert into teamflow.projection_checkpoints
        values ('tasks', 1, 0, 17, 0, gen_random_uuid(), 5);)");
    const auto id = [&] { return session.query("select log_id from teamflow.log_info"); };
    const auto old_id = id().get<events::uuid>(0, 0);

    const auto ends = log.repartition(7);

    const auto* const places =
        backend == "postgres" ? "select next_offset - 1, epoch_offset, epoch_writer, next_sequence"
                                " from teamflow.log_partitions order by partition"
                              : R"(select "offset", epoch_offset, epoch_writer, next_sequence)"
                                " from teamflow.archive_checkpoints order by partition";
    const auto rows = session.query(places);
    REQUIRE(rows.rows() == 7);
    for (events::partition_id partition = 0; partition < 7; ++partition) {
        const auto row = static_cast<std::size_t>(partition);
        folded one;
        fold_into(one, log.records(partition));
        CHECK(rows.get<events::offset>(row, 0) == ends[row]);
        CHECK(rows.get<events::offset>(row, 1) == one.end.reign.claimed_at);
        CHECK(rows.get<events::writer_id>(row, 2) == one.end.reign.writer);
        CHECK(rows.get<std::int64_t>(row, 3) == one.end.next_sequence);
    }
    CHECK(id().get<events::uuid>(0, 0) != old_id);
    const auto left = session.query(
        "select (select count(*) from teamflow.snapshots) +"
        " (select count(*) from teamflow.projection_checkpoints) +"
        " (select count(*) from teamflow.log_partitions) +"
        " (select count(*) from teamflow.archive_checkpoints)"
    );
    CHECK(left.get<std::int64_t>(0, 0) == 7);
}

}  // namespace teamflow::tests
