// Snapshots in the database: the newest one of each stream, or none.

#include "infra/log/archive.hpp"

#include <catch2/catch.hpp>

#include "events/time.hpp"
#include "infra/crypto/random.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/postgres_fixture.hpp"

namespace teamflow::tests {

namespace {

using namespace std::chrono_literals;
using infra::snapshot;

struct snapshots {
    postgres_fixture fixture;
    manual_clock time{events::timestamp{1'800'000'000s}};
    infra::system_random random;
    infra::uuid_v7_source ids{time, random};
    infra::postgres::pool database{fixture.executor(), fixture.url()};
    infra::archive history{database};

    const events::organization_id home = ids.next<events::organization_id>();
    const events::organization_id other = ids.next<events::organization_id>();

    void save(snapshot taken) { fixture.run(history.save_snapshot(std::move(taken))); }

    std::optional<snapshot> find(events::organization_id organization, std::string stream) {
        return fixture.run(history.find_snapshot(organization, std::move(stream)));
    }
};

bool is_same(const std::optional<snapshot>& found, const snapshot& wanted) {
    return found && found->organization == wanted.organization && found->stream == wanted.stream &&
           found->version == wanted.version && found->at == wanted.at &&
           found->format == wanted.format && found->state == wanted.state;
}

}  // namespace

TEST_CASE("a snapshot is found as it was saved, by organization and stream", "[snapshot]") {
    snapshots all;
    const snapshot task{all.home, "task-1", 7, 41, 3, R"({"title":"Straße","tags":["a","b"]})"};
    const snapshot directory{all.home, "directory", 0, 1'234'567'890'123, 3, "{}"};
    CHECK_FALSE(all.find(all.home, "task-1"));
    all.save(task);
    all.save(directory);
    CHECK(is_same(all.find(all.home, "task-1"), task));
    CHECK(is_same(all.find(all.home, "directory"), directory));
    CHECK_FALSE(all.find(all.other, "task-1"));
    CHECK_FALSE(all.find(all.home, "task-2"));
}

TEST_CASE("a newer snapshot replaces an older one and not the other way round", "[snapshot]") {
    snapshots all;
    const snapshot first{all.home, "task-1", 7, 41, 3, R"({"n":1})"};
    const snapshot second{all.home, "task-1", 9, 60, 3, R"({"n":2})"};
    const snapshot foreign{all.other, "task-1", 1, 5, 3, R"({"n":3})"};
    all.save(first);
    all.save(foreign);
    all.save(second);
    CHECK(is_same(all.find(all.home, "task-1"), second));
    all.save(first);
    CHECK(is_same(all.find(all.home, "task-1"), second));
    CHECK(is_same(all.find(all.other, "task-1"), foreign));
}

TEST_CASE("a snapshot of another format is replaced wherever it lies", "[snapshot]") {
    snapshots all;
    const snapshot old{all.home, "task-1", 9, 60, 2, R"({"n":1})"};
    const snapshot fresh{all.home, "task-1", 9, 60, 3, R"({"n":2})"};
    all.save(old);
    all.save(fresh);
    CHECK(is_same(all.find(all.home, "task-1"), fresh));
}

}  // namespace teamflow::tests
