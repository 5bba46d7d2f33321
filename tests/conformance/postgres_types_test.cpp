// How values travel between C++ and a real PostgreSQL.

#include <cmath>
#include <limits>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "tests/support/postgres_connected.hpp"

namespace teamflow::tests {

namespace {

namespace pg = infra::postgres;
using events::date;
using events::timestamp;

events::uuid some_uuid(std::uint8_t last) {
    events::uuid value{};
    value.data[0] = 0xAB;
    value.data[15] = last;
    return value;
}

}  // namespace

TEST_CASE("values of every type come back as they went", "[postgres]") {
    connected at;
    using limits64 = std::numeric_limits<std::int64_t>;
    CHECK(at.echo<bool>("bool", true));
    CHECK_FALSE(at.echo<bool>("bool", false));
    for (const int value : {INT16_MIN, -1, 0, INT16_MAX}) {
        CHECK(at.echo("smallint", static_cast<std::int16_t>(value)) == value);
    }
    for (const std::int32_t value : {INT32_MIN, -1, 0, INT32_MAX}) {
        CHECK(at.echo<std::int32_t>("int", value) == value);
    }
    for (const std::int64_t value : {limits64::min(), std::int64_t{-1}, limits64::max()}) {
        CHECK(at.echo<std::int64_t>("bigint", value) == value);
    }
    using limits = std::numeric_limits<double>;
    for (const double value :
         {0.0, -1.5, limits::max(), limits::denorm_min(), limits::infinity()}) {
        CHECK(at.echo<double>("float8", value) == value);
    }
    CHECK(std::isnan(at.echo<double>("float8", limits::quiet_NaN())));
    const std::string large(3'000'000, 'x');
    for (const std::string& value :
         {std::string(), std::string("gr\u00fc\u00df' \\ \"\n"), large}) {
        CHECK(at.echo<std::string>("text", value) == value);
    }
    CHECK(at.echo("uuid", some_uuid(7)) == some_uuid(7));
    CHECK(at.echo("uuid", events::task_id(some_uuid(9))) == events::task_id(some_uuid(9)));
}

TEST_CASE("instants and days come back as they went", "[postgres]") {
    connected at;
    using namespace std::chrono;
    const auto instants = {
        timestamp::min(),
        timestamp::max(),
        timestamp(milliseconds(0)),
        timestamp(milliseconds(-1)),
        timestamp(sys_days(year(9999) / 12 / 31) + 23h + 59min + 59s + 999ms),
        timestamp(sys_days(year(1) / 1 / 1))
    };
    for (const timestamp value : instants) {
        CHECK(at.echo("timestamptz", value) == value);
    }
    const auto text = at.query(
        "select $1::timestamptz = '2026-11-21T09:30:00.125Z'::timestamptz",
        pg::params::of(*events::parse_timestamp("2026-11-21T09:30:00.125Z"))
    );
    CHECK(text.get<bool>(0, 0));
    const auto before_2000 = at.query("select '1999-12-31T23:59:59.999999Z'::timestamptz");
    CHECK(events::to_string(before_2000.get<timestamp>(0, 0)) == "1999-12-31T23:59:59.999Z");
    for (const date value : {year(1) / 1 / 1, year(1999) / 12 / 31, year(9999) / 12 / 31}) {
        CHECK(at.echo("date", value) == value);
    }
    CHECK(at.query("select date '2024-02-29'").get<date>(0, 0) == date(year(2024) / 2 / 29));
    CHECK_THROWS_AS(at.query("select 'infinity'::date").get<date>(0, 0), infra::column_error);
    CHECK_THROWS_AS(pg::params::of(timestamp(milliseconds(INT64_MAX / 2))), std::out_of_range);
    CHECK_THROWS_AS(pg::params::of(date(year(2023) / 2 / 29)), std::out_of_range);
}

TEST_CASE("json and bytes are views into the result", "[postgres]") {
    connected at;
    const auto rows = at.query(
        "select $1::json, $2::jsonb, $3::bytea, $2::jsonb ->> 'b'",
        pg::params::of(
            pg::json_text{R"({"a":  1})"},
            pg::jsonb_text{R"({"b": "two"})"},
            pg::bytea{std::string_view("\0\xff\1", 3)}
        )
    );
    CHECK(rows.get<std::string_view>(0, 0) == R"({"a":  1})");
    CHECK(rows.get<pg::json_text>(0, 0).text == R"({"a":  1})");
    CHECK(rows.get<std::string_view>(0, 1) == R"({"b": "two"})");
    CHECK(rows.get<pg::jsonb_text>(0, 1).text == R"({"b": "two"})");
    CHECK(rows.get<pg::bytea>(0, 2).bytes == std::string_view("\0\xff\1", 3));
    CHECK(rows.get<std::string>(0, 3) == "two");
    CHECK(at.refusal("select $1::text", pg::params::of(std::string_view("\0", 1))) == "22021");
    CHECK(at.refusal("select $1::text", pg::params::of("\xff")) == "22021");
    CHECK(at.refusal("select $1::jsonb", pg::params::of(pg::jsonb_text{"{"})) == "22P02");
}

TEST_CASE("nulls are optional, and refused where they are not", "[postgres]") {
    connected at;
    const auto rows = at.query(
        "select $1::uuid, $2::text, $3::int, null::date",
        pg::params::of(
            std::optional<events::uuid>(),
            std::optional<std::string>("here"),
            std::optional<std::int32_t>()
        )
    );
    CHECK(rows.get<std::optional<events::uuid>>(0, 0) == std::nullopt);
    CHECK(rows.get<std::optional<std::string>>(0, 1) == "here");
    CHECK(rows.get<std::optional<std::int32_t>>(0, 2) == std::nullopt);
    CHECK(rows.is_null(0, 3));
    CHECK_THROWS_AS(rows.get<std::int32_t>(0, 2), infra::column_error);
    CHECK_THROWS_AS(rows.get<std::int32_t>(0, 1), infra::column_error);
    CHECK_THROWS_AS(rows.get<std::int32_t>(0, 4), infra::column_error);
    CHECK_THROWS_AS(rows.get<std::int32_t>(1, 0), infra::column_error);
    CHECK_THROWS_AS(rows.column("absent"), infra::column_error);
    pg::params untyped;
    untyped.add_null();
    const auto answer = at.query("select $1::date is null", std::move(untyped));
    CHECK(answer.get<bool>(0, 0));
}

TEST_CASE("integers read narrower columns, never wider ones", "[postgres]") {
    connected at;
    const auto rows = at.query("select 1::smallint, 2::int, 3::bigint, 4::float4");
    CHECK(rows.get<std::int64_t>(0, 0) == 1);
    CHECK(rows.get<std::int64_t>(0, 1) == 2);
    CHECK(rows.get<double>(0, 1) == 2.0);
    CHECK(rows.get<double>(0, 3) == 4.0);
    CHECK_THROWS_AS(rows.get<std::int32_t>(0, 2), infra::column_error);
    CHECK_THROWS_AS(rows.get<std::int16_t>(0, 1), infra::column_error);
}

TEST_CASE("whole columns travel as arrays", "[postgres]") {
    connected at;
    at.session().execute(
        "create table item (id uuid primary key, name text, hours float8, made timestamptz, "
        "day date, done bool, count bigint, extra jsonb, raw bytea)"
    );
    constexpr std::size_t count = 5000;
    auto ids = pg::array_param::of<events::uuid>();
    auto names = pg::array_param::of<std::string_view>();
    auto hours = pg::array_param::of<double>();
    auto made = pg::array_param::of<timestamp>();
    auto days = pg::array_param::of<date>();
    auto done = pg::array_param::of<bool>();
    auto counts = pg::array_param::of<std::int64_t>();
    auto extras = pg::array_param::of<pg::jsonb_text>();
    auto raws = pg::array_param::of<pg::bytea>();
    for (std::size_t i = 0; i < count; ++i) {
        auto id = some_uuid(static_cast<std::uint8_t>(i));
        id.data[1] = static_cast<std::uint8_t>(i >> 8U);
        ids.push(id);
        i % 3 == 0 ? names.push_null() : names.push(fmt::format("name {}", i));
        hours.push(static_cast<double>(i) / 4);
        made.push(timestamp(std::chrono::milliseconds(i)));
        days.push(date(std::chrono::sys_days(std::chrono::days(i))));
        done.push(i % 2 == 0);
        counts.push(i == 0 ? std::optional<std::int64_t>() : std::optional<std::int64_t>(i));
        extras.push(pg::jsonb_text{R"({"k":1})"});
        raws.push(pg::bytea{"ab"});
    }
    pg::params with;
    for (auto* column : {&ids, &names, &hours, &made, &days, &done, &counts, &extras, &raws}) {
        with.add(std::move(*column));
        CHECK(column->size() == 0);
    }
    const auto inserted = at.query(
        "insert into item select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)", std::move(with)
    );
    CHECK(inserted.affected() == count);
    const auto sums = at.query(
        "select count(*), count(name), sum(hours), max(made), max(day), count(*) filter (where "
        "done), sum(count)::bigint from item"
    );
    CHECK(sums.get<std::int64_t>(0, 0) == count);
    CHECK(sums.get<std::int64_t>(0, 1) == 3333);
    CHECK(sums.get<double>(0, 2) == 4999.0 * 5000 / 8);
    CHECK(sums.get<timestamp>(0, 3) == timestamp(std::chrono::milliseconds(4999)));
    CHECK(sums.get<date>(0, 4) == date(std::chrono::sys_days(std::chrono::days(4999))));
    CHECK(sums.get<std::int64_t>(0, 5) == 2500);
    CHECK(sums.get<std::int64_t>(0, 6) == 4999 * 5000 / 2);
}

TEST_CASE("arrays are read as vectors", "[postgres]") {
    connected at;
    const std::vector<std::string> labels{"a", "", "b,c"};
    const auto rows = at.query(
        "select $1::text[], array[1, null, 3], '{}'::text[], $2::uuid[], array[[1],[2]]",
        pg::params::of(labels, std::vector<events::uuid>{})
    );
    CHECK(rows.get<std::vector<std::string>>(0, 0) == labels);
    using maybe = std::optional<std::int32_t>;
    CHECK(rows.get<std::vector<maybe>>(0, 1) == std::vector<maybe>{1, std::nullopt, 3});
    CHECK(rows.get<std::vector<std::string>>(0, 2).empty());
    CHECK(rows.get<std::vector<events::uuid>>(0, 3).empty());
    CHECK_THROWS_AS(rows.get<std::vector<std::int32_t>>(0, 1), infra::column_error);
    CHECK_THROWS_AS(rows.get<std::vector<bool>>(0, 0), infra::column_error);
    CHECK_THROWS_AS(rows.get<std::vector<std::int32_t>>(0, 4), infra::column_error);
    auto mixed = pg::array_param::of<std::int32_t>();
    CHECK_THROWS_AS(mixed.push("text"), std::logic_error);
}

}  // namespace teamflow::tests
