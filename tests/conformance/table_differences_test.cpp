#include "projections/rebuild/table_differences.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "events/record.hpp"
#include "tests/support/postgres_fixture.hpp"

namespace {

using namespace teamflow;
using namespace teamflow::projections;
using infra::postgres::params;
using infra::postgres::transaction;

/// A row without its key, and the event that wrote it.
struct thing {
    std::optional<std::string> title;
    std::int64_t number = 0;
    events::offset written = 0;
};

using thing_key = std::pair<std::int32_t, std::string>;
using things = std::map<thing_key, thing>;

struct told {
    row_change change{};
    std::string key;
    std::string before;
    std::string after;
    std::string position;

    bool operator==(const told&) const = default;
};

std::string json_of(const thing& row, bool has_title = true, bool has_number = true) {
    boost::json::object made;
    if (has_title) {
        made["title"] = row.title ? boost::json::value(*row.title) : boost::json::value();
    }
    if (has_number) {
        made["number"] = row.number;
    }
    return boost::json::serialize(made);
}

std::string json_of(const thing_key& key) {
    return boost::json::serialize(boost::json::object{{"id", key.first}, {"part", key.second}});
}

/// What differs, found in the plainest way; in the order in which it was written.
std::vector<told> naive_differences(const things& before, const things& after) {
    std::map<events::offset, told> found;
    const auto add = [&](const thing_key& key, told what, events::offset written) {
        what.key = json_of(key);
        what.position = to_string(events::position{0, written});
        found.emplace(written, std::move(what));
    };
    for (const auto& [key, old] : before) {
        const auto now = after.find(key);
        if (now == after.end()) {
            add(key, {row_change::removed, {}, json_of(old), "null", {}}, old.written);
            continue;
        }
        const bool title = old.title != now->second.title;
        const bool number = old.number != now->second.number;
        if (title || number) {
            add(key,
                {row_change::changed,
                 {},
                 json_of(old, title, number),
                 json_of(now->second, title, number),
                 {}},
                now->second.written);
        }
    }
    for (const auto& [key, now] : after) {
        if (!before.contains(key)) {
            add(key, {row_change::added, {}, "null", json_of(now), {}}, now.written);
        }
    }
    std::vector<told> all;
    all.reserve(found.size());
    for (auto& [written, what] : found) {
        all.push_back(std::move(what));
    }
    return all;
}

/// Few keys and values, so that sides agree in much. No two rows were written by one event.
things random_side(events::offset& written) {
    things made;
    const auto rows = *rc::gen::inRange(0, 8);
    for (int i = 0; i < rows; ++i) {
        thing row{
            .title = {}, .number = *rc::gen::inRange<std::int64_t>(0, 2), .written = written++
        };
        if (*rc::gen::arbitrary<bool>()) {
            row.title = *rc::gen::element<std::string>("", "x", "\"y\"");
        }
        const thing_key key{*rc::gen::inRange(0, 4), *rc::gen::element<std::string>("a", "b")};
        made.insert_or_assign(key, std::move(row));
    }
    return made;
}

/// The table `thing` in the schemas `before` and `after`.
struct two_sides : tests::postgres_fixture {
    two_sides() {
        for (const auto* const schema : {"before", "after"}) {
            session().execute(fmt::format(
                "create schema {0}; create table {0}.thing (id integer, part text, title text, "
                "number bigint not null, position_offset bigint not null, "
                "position_partition integer not null, primary key (id, part))",
                schema
            ));
        }
    }

    void fill(std::string_view schema, const things& rows) {
        const auto sql = fmt::format("insert into {}.thing values ($1, $2, $3, $4, $5, 0)", schema);
        for (const auto& [key, row] : rows) {
            session().query(
                sql, params::of(key.first, key.second, row.title, row.number, row.written)
            );
        }
    }

    std::vector<compared_table> tables() {
        return compared_tables(
            session(), tables_in(session(), "before"), tables_in(session(), "after")
        );
    }

    compared_table the_table() {
        auto found = tables();
        REQUIRE(found.size() == 1);
        return std::move(found.front());
    }

    /// Within a transaction.
    std::vector<told> differences(const compared_table& table) {
        std::vector<told> found;
        for_each_change(session(), table, [&](const changed_row& row) {
            CHECK(row.table == "thing");
            found.push_back(
                {row.change, row.key.value, row.before.value, row.after.value, row.position}
            );
            return true;
        });
        return found;
    }
};

std::int64_t count(const std::vector<told>& all, row_change change) {
    return std::ranges::count(all, change, &told::change);
}

}  // namespace

TEST_CASE("differences of two schemas are those of a comparison in memory", "[differences]") {
    two_sides world;
    const auto table = world.the_table();
    CHECK(rc::check("differences", [&] {
        events::offset written = 0;
        const auto before = random_side(written);
        const auto after = random_side(written);
        // Nothing of it stays.
        const transaction whole(world.session());
        world.fill("before", before);
        world.fill("after", after);
        const auto expected = naive_differences(before, after);
        RC_ASSERT(world.differences(table) == expected);
        const auto counts = count_changes(world.session(), table);
        RC_ASSERT(counts.added == count(expected, row_change::added));
        RC_ASSERT(counts.removed == count(expected, row_change::removed));
        RC_ASSERT(counts.changed == count(expected, row_change::changed));
    }));
}

TEST_CASE("rows that came, went and changed are told with what wrote them", "[differences]") {
    two_sides world;
    world.fill(
        "before",
        {{{1, "a"}, {"old", 1, 10}}, {{2, "a"}, {"gone", 2, 11}}, {{3, "a"}, {"same", 3, 12}}}
    );
    world.fill(
        "after",
        {{{1, "a"}, {"new", 1, 20}}, {{3, "a"}, {"same", 3, 22}}, {{4, "a"}, {std::nullopt, 4, 21}}}
    );
    const transaction whole(world.session());
    const std::vector<told> expected{
        {row_change::removed,
         R"({"id":2,"part":"a"})",
         R"({"title":"gone","number":2})",
         "null",
         "0@11"},
        {row_change::changed,
         R"({"id":1,"part":"a"})",
         R"({"title":"old"})",
         R"({"title":"new"})",
         "0@20"},
        {row_change::added, R"({"id":4,"part":"a"})", "null", R"({"title":null,"number":4})", "0@21"
        },
    };
    CHECK(world.differences(world.the_table()) == expected);
}

TEST_CASE("columns and tables of one side alone are named, not compared", "[differences]") {
    two_sides world;
    world.session().execute(
        "alter table after.thing add column extra int; alter table before.thing add column gone "
        "int;"
        "create table after.more (id integer primary key); create schema empty"
    );
    const auto table = world.the_table();
    CHECK(table.name == "thing");
    CHECK(table.key == std::vector<std::string>{"id", "part"});
    CHECK(table.columns == std::vector<std::string>{"title", "number"});
    CHECK(table.left_out == std::vector<std::string>{"extra", "gone"});
    world.fill("before", {{{1, "a"}, {"same", 1, 1}}});
    world.fill("after", {{{1, "a"}, {"same", 1, 2}}});
    world.session().execute("update after.thing set extra = 1");
    const transaction whole(world.session());
    CHECK(world.differences(table).empty());
    const auto none = tables_in(world.session(), "empty");
    CHECK(compared_tables(world.session(), tables_in(world.session(), "after"), none).empty());
}

TEST_CASE("only the columns that are asked for count", "[differences]") {
    two_sides world;
    world.fill("before", {{{1, "a"}, {"old", 1, 1}}, {{2, "a"}, {"gone", 2, 2}}});
    world.fill("after", {{{1, "a"}, {"new", 1, 3}}});
    auto table = world.the_table();
    const transaction whole(world.session());
    table.columns = {"number"};
    CHECK(count_changes(world.session(), table).changed == 0);
    table.columns.clear();
    const auto counts = count_changes(world.session(), table);
    CHECK((counts.added == 0 && counts.removed == 1 && counts.changed == 0));
}

TEST_CASE("more rows than a page are told one by one, until it is enough", "[differences]") {
    two_sides world;
    constexpr std::int64_t rows = 1200;
    world.session().execute(fmt::format(
        "insert into after.thing select i, 'a', 'x', 0, i, 0 from generate_series(1, {}) as i", rows
    ));
    const auto table = world.the_table();
    const transaction whole(world.session());
    CHECK(count_changes(world.session(), table).added == rows);
    for (const std::int64_t enough : {rows, std::int64_t{1}, std::int64_t{500}}) {
        std::int64_t seen = 0;
        for_each_change(world.session(), table, [&](const changed_row& row) {
            ++seen;
            CHECK(row.position == fmt::format("0@{}", seen));
            return seen < enough;
        });
        CHECK(seen == enough);
    }
}
