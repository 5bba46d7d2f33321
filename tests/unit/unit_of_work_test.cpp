#include "projections/unit_of_work.hpp"

#include <cstdint>
#include <map>
#include <optional>

#include <catch2/catch.hpp>

#include <boost/describe.hpp>

namespace {

using namespace teamflow;
using namespace teamflow::projections;

struct counter_row {
    std::int64_t id = 0;
    std::int64_t value = 0;
    std::optional<std::int64_t> next;

    static constexpr std::string_view table = "counter";
    static constexpr auto primary_key = std::tuple(&counter_row::id);
};
BOOST_DESCRIBE_STRUCT(counter_row, (), (id, value, next))

struct undeclared_row {
    std::int64_t id = 0;

    static constexpr std::string_view table = "undeclared";
    static constexpr auto primary_key = std::tuple(&undeclared_row::id);
};
BOOST_DESCRIBE_STRUCT(undeclared_row, (), (id))

/// A table in memory that serves a unit of work as PostgreSQL does.
struct memory_table {
    std::map<std::int64_t, stored_row<counter_row>> rows;
    int loads = 0;

    template <class Handle>
    void run(unit_of_work& unit, Handle handle) {
        for (int pass = 0; pass < 5; ++pass) {
            handle(unit);
            if (unit.missing() == 0) {
                flush(unit);
                return;
            }
            load(unit);
            unit.discard();
        }
        FAIL("rows are still missing after five passes");
    }

    void load(unit_of_work& unit) {
        ++loads;
        auto& table = unit.table<counter_row>();
        for (const auto& [id, stored] : rows) {
            table.supply(stored);
        }
        table.supply_nothing_more();
    }

    void flush(unit_of_work& unit) {
        unit.table<counter_row>().for_each_change(
            [&](const auto& key, const counter_row* row, events::position written) {
                if (row == nullptr) {
                    rows.erase(std::get<0>(key));
                } else {
                    rows[std::get<0>(key)] = {*row, written};
                }
            }
        );
        unit.settle();
    }
};

unit_of_work make_unit(const remembering& how = {.max_rows = 100}) {
    unit_of_work unit(how);
    unit.add_table<counter_row>();
    return unit;
}

void increment(unit_of_work& unit) {
    ++unit.row<counter_row>(7).value;
}

}  // namespace

TEST_CASE("a row that is nowhere comes fresh with its key", "[projections]") {
    memory_table table;
    auto unit = make_unit();
    table.run(unit, increment);
    CHECK(table.rows.at(7).row.id == 7);
    CHECK(table.rows.at(7).row.value == 1);
    CHECK(table.loads == 1);
}

TEST_CASE("a row of the table is loaded once and then remembered", "[projections]") {
    memory_table table;
    table.rows[7] = {{.id = 7, .value = 41, .next = {}}, {0, 3}};
    auto unit = make_unit();
    table.run(unit, increment);
    table.run(unit, increment);
    CHECK(table.rows.at(7).row.value == 43);
    CHECK(table.loads == 1);
}

TEST_CASE("rows that follow from other rows are found in further passes", "[projections]") {
    memory_table table;
    table.rows[1] = {{.id = 1, .value = 0, .next = 2}, {}};
    table.rows[2] = {{.id = 2, .value = 0, .next = 3}, {}};
    auto unit = make_unit();
    table.run(unit, [](unit_of_work& rows) {
        if (const auto* first = rows.find<counter_row>(1); first != nullptr) {
            if (auto* second = rows.edit<counter_row>(*first->next); second != nullptr) {
                rows.row<counter_row>(*second->next).value = 9;
                second->value = 5;
            }
        }
    });
    CHECK(table.rows.at(1).row.value == 0);
    CHECK(table.rows.at(2).row.value == 5);
    CHECK(table.rows.at(3).row.value == 9);
}

TEST_CASE("a put and an erase need no load", "[projections]") {
    memory_table table;
    table.rows[2] = {{.id = 2, .value = 1, .next = {}}, {}};
    auto unit = make_unit();
    table.run(unit, [](unit_of_work& rows) {
        rows.put(counter_row{.id = 1, .value = 5, .next = {}});
        rows.erase<counter_row>(2);
        CHECK(rows.find<counter_row>(2) == nullptr);
        ++rows.row<counter_row>(1).value;
    });
    CHECK(table.loads == 0);
    CHECK(table.rows.at(1).row.value == 6);
    CHECK_FALSE(table.rows.contains(2));
}

TEST_CASE("an erased row is remembered as absent", "[projections]") {
    memory_table table;
    table.rows[7] = {{.id = 7, .value = 1, .next = {}}, {}};
    auto unit = make_unit();
    table.run(unit, [](unit_of_work& rows) { rows.erase<counter_row>(7); });
    table.run(unit, increment);
    CHECK(table.loads == 0);
    CHECK(table.rows.at(7).row.value == 1);
}

TEST_CASE("reading changes nothing", "[projections]") {
    memory_table table;
    table.rows[7] = {{.id = 7, .value = 1, .next = {}}, {0, 3}};
    auto unit = make_unit();
    unit.begin_event({0, 9});
    table.run(unit, [](unit_of_work& rows) { rows.find<counter_row>(7); });
    CHECK(table.rows.at(7).written.at == 3);
}

TEST_CASE("a changed row carries the position of the event that changed it", "[projections]") {
    memory_table table;
    auto unit = make_unit();
    table.run(unit, [](unit_of_work& rows) {
        rows.begin_event({2, 11});
        increment(rows);
        rows.begin_event({2, 12});
        increment(rows);
    });
    CHECK(table.rows.at(7).written == events::position{2, 12});
}

TEST_CASE("discarded changes leave memory as it was", "[projections]") {
    memory_table table;
    auto unit = make_unit();
    table.run(unit, increment);
    increment(unit);
    unit.discard();
    CHECK(unit.find<counter_row>(7)->value == 1);
}

TEST_CASE("memory is bounded and keeps what is in use", "[projections]") {
    memory_table table;
    auto unit = make_unit({.max_rows = 10});
    table.run(unit, increment);
    for (std::int64_t id = 100; id < 200; ++id) {
        table.run(unit, [id](unit_of_work& rows) {
            rows.put(counter_row{.id = id, .value = 0, .next = {}});
        });
        table.run(unit, increment);
        CHECK(unit.table<counter_row>().remembered() <= 12);
    }
    CHECK(table.loads == 1);
    CHECK(table.rows.at(7).row.value == 101);
}

TEST_CASE("what was never written to a table that began empty is not loaded", "[projections]") {
    memory_table table;
    auto unit = make_unit({.max_rows = 2, .key_bytes = 1024});
    for (std::int64_t id = 0; id < 10; ++id) {
        table.run(unit, [id](unit_of_work& rows) { rows.row<counter_row>(id).value = id; });
    }
    CHECK(table.loads == 0);
    table.run(unit, [](unit_of_work& rows) { rows.erase<counter_row>(std::int64_t{4}); });
    table.run(unit, [](unit_of_work& rows) {
        CHECK(rows.find<counter_row>(std::int64_t{11}) == nullptr);
    });
    CHECK(table.loads == 0);
    unit.forget();
    table.run(unit, increment);
    CHECK(table.rows.at(7).row.value == 8);
    CHECK(table.loads == 1);
    unit.forget();
    unit.distrust();
    table.run(unit, [](unit_of_work& rows) { ++rows.row<counter_row>(std::int64_t{50}).value; });
    CHECK(table.loads == 2);
}

TEST_CASE("rows that a table cannot hold yet are apart from those it may", "[projections]") {
    auto unit = make_unit({.max_rows = 100, .key_bytes = 1024});
    const auto& rows = unit.table<counter_row>();
    unit.row<counter_row>(std::int64_t{1}).value = 1;
    unit.erase<counter_row>(std::int64_t{2});
    const auto first = rows.changes();
    CHECK(first.fresh.rows() == 1);
    CHECK(first.upserted == 0);
    CHECK(first.erased == 0);
    unit.settle();
    unit.row<counter_row>(std::int64_t{1}).value = 2;
    unit.row<counter_row>(std::int64_t{3}).value = 3;
    const auto second = rows.changes();
    CHECK(second.fresh.rows() == 1);
    CHECK(second.upserted == 1);
    unit.settle();
    unit.erase<counter_row>(std::int64_t{1});
    CHECK(rows.changes().erased == 1);
}

TEST_CASE("a handler may use only the tables of its projection", "[projections]") {
    auto unit = make_unit();
    CHECK_THROWS_AS(unit.row<undeclared_row>(1), std::logic_error);
}

TEST_CASE("a row belongs to the partition whose events made it", "[projections]") {
    unit_of_work unit({.max_rows = 10, .key_bytes = 1024});
    unit.add_table<counter_row>();
    unit.begin_event({1, 5});
    ++unit.row<counter_row>(std::int64_t{7}).value;
    unit.begin_event({1, 6});
    ++unit.existing<counter_row>(std::int64_t{7}).value;
    unit.settle();
    unit.begin_event({2, 9});
    CHECK(unit.find<counter_row>(std::int64_t{7})->value == 2);
    CHECK_THROWS_AS(unit.row<counter_row>(std::int64_t{7}), row_of_another_partition);
    CHECK_THROWS_AS(unit.edit<counter_row>(std::int64_t{7}), row_of_another_partition);
    ++unit.row<counter_row>(std::int64_t{8}).value;
    unit.begin_event({1, 7});
    CHECK_THROWS_AS(unit.row<counter_row>(std::int64_t{8}), row_of_another_partition);
    ++unit.row<counter_row>(std::int64_t{7}).value;
}
