#include "query/cluster.hpp"

#include <catch2/catch.hpp>

#include "query/projection_status.hpp"

using namespace teamflow;
using namespace std::chrono_literals;

namespace {

constexpr events::timestamp now{1'795'000'000'000ms};

query::epoch_view claim(events::offset at, std::string address) {
    query::epoch_view made;
    made.offset = at;
    made.address = std::move(address);
    made.claimed_at = now + std::chrono::milliseconds(at);
    return made;
}

/// Of a partition whose archive ends behind a claim at 7.
query::partition_view archived_view() {
    query::partition_view view;
    view.owner = "first";
    view.claims = 1;
    view.epochs = {claim(7, "first")};
    return view;
}

query::projection_place place(events::partition_id partition, events::offset at) {
    query::projection_place made;
    made.name = "tasks";
    made.status = "live";
    made.partition = partition;
    made.at = at;
    made.now = now;
    return made;
}

events::record_ptr record(events::offset at, std::chrono::seconds age) {
    auto made = std::make_shared<events::record>();
    made->at = at;
    made->head.time = now - age;
    return made;
}

}  // namespace

TEST_CASE("claims that the archive lacks are told", "[cluster]") {
    auto view = archived_view();
    query::add_newer_claims(view, {claim(7, "first"), claim(9, "second"), claim(12, "third")});
    CHECK(view.owner == "third");
    CHECK(view.owned_since == now + 12ms);
    CHECK(view.claims == 3);
    REQUIRE(view.epochs.size() == 3);
    CHECK(view.epochs[0].address == "third");
    CHECK_FALSE(view.epochs[0].ended_at);
    CHECK(view.epochs[1].ended_at == now + 12ms);
    CHECK(view.epochs[2].ended_at == now + 9ms);
}

TEST_CASE("claims that the archive has are told once", "[cluster]") {
    auto view = archived_view();
    query::add_newer_claims(view, {claim(3, "before"), claim(7, "first")});
    CHECK(view.owner == "first");
    CHECK(view.claims == 1);
    CHECK(view.epochs.size() == 1);
}

TEST_CASE("of many claims the newest ten are told", "[cluster]") {
    auto view = archived_view();
    std::vector<query::epoch_view> many;
    for (events::offset at = 10; at < 20; ++at) {
        many.push_back(claim(at, "other"));
    }
    query::add_newer_claims(view, many);
    CHECK(view.claims == 11);
    REQUIRE(view.epochs.size() == 10);
    CHECK(view.epochs.back().offset == 10);
}

TEST_CASE("a read model's lag is not known while an end is not", "[cluster]") {
    infra::log_tail tail(2, 1U << 20U);
    tail.extend(0, 10);
    const std::vector places{place(0, 7), place(1, 5)};
    const auto unknown = query::view_of(places, tail);
    CHECK_FALSE(unknown.lag_events);
    CHECK_FALSE(unknown.lag_seconds);
    CHECK(unknown.records_read == 14);
    tail.extend(1, 5);
    CHECK(query::view_of(places, tail).lag_events == 3);
}

TEST_CASE("what is not archived yet is as old as it is", "[cluster]") {
    infra::log_tail tail(1, 1U << 20U);
    tail.push(0, std::vector{record(8, 90s), record(9, 30s)});
    CHECK(query::view_of(std::vector{place(0, 7)}, tail).lag_seconds == 90);
    CHECK(query::view_of(std::vector{place(0, 8)}, tail).lag_seconds == 30);
    CHECK(query::view_of(std::vector{place(0, 9)}, tail).lag_seconds == 0);
    CHECK(query::view_of(std::vector{place(0, 9)}, tail).lag_events == 0);
    // Neither here nor in the archive.
    const auto older = query::view_of(std::vector{place(0, 5)}, tail);
    CHECK(older.lag_events == 4);
    CHECK_FALSE(older.lag_seconds);
    auto archived = place(0, 5);
    archived.unread_since = now - 200s;
    CHECK(query::view_of(std::vector{archived}, tail).lag_seconds == 200);
}
