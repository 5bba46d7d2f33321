#include "infra/log/log_check.hpp"

#include <functional>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "tests/support/decider_spec.hpp"
#include "tests/support/partition_history.hpp"

namespace teamflow::tests {

namespace {

using infra::log_anchor;
using infra::partition_check;

constexpr events::partition_id partition = 0;
const events::uuid log_id = make_id<events::user_id>(99).value;

using records = std::vector<events::record_ptr>;

/// As the archiver keeps it: each record with the fold's verdict.
records archived(const records& sent) {
    records kept;
    events::partition_fold fold;
    const auto set_kind = [&](const events::record& record, events::record_kind kind) {
        auto judged = std::make_shared<events::record>(record);
        judged->kind = kind;
        kept.at(static_cast<std::size_t>(record.at)) = std::move(judged);
    };
    for (const auto& record : sent) {
        kept.push_back(record);
        switch (fold.next(record)) {
            case events::verdict::claim:
                for (const auto& each : fold.discarded()) {
                    set_kind(*each, events::record_kind::incomplete);
                }
                break;
            case events::verdict::ghost:
                set_kind(*record, events::record_kind::ghost);
                break;
            default:
                break;
        }
    }
    return kept;
}

/// Two reigns with commits of one and of several events, a ghost, and a commit that was cut short.
partition_history some_history() {
    partition_history history(partition, the_organization);
    const auto user = make_id<events::user_id>(1);
    for (std::uint8_t i = 0; i < 5; ++i) {
        history.commit({events::password_changed{user}});
    }
    history.commit({events::password_changed{user}, events::password_changed{user}});
    history.unfinished_commit({events::password_changed{user}, events::password_changed{user}});
    history.claim();
    history.ghost(events::password_changed{user});
    history.commit({events::password_changed{user}});
    return history;
}

events::checkpoint end_of(const records& all) {
    events::partition_fold fold;
    for (const auto& record : all) {
        auto sent = std::make_shared<events::record>(*record);
        if (sent->kind != events::record_kind::claim) {
            sent->kind = events::record_kind::event;
        }
        static_cast<void>(fold.next(sent));
    }
    return fold.boundary();
}

partition_check check(
    const records& found, const events::checkpoint& end, std::deque<log_anchor> anchors = {}
) {
    partition_check judge(log_id, partition, 1, std::move(anchors));
    for (const auto& record : found) {
        if (!judge.take(record)) {
            return judge;
        }
    }
    judge.end(end);
    return judge;
}

/// The history with one record changed.
records with(records all, std::size_t at, const std::function<void(events::record&)>& change) {
    auto changed = std::make_shared<events::record>(*all.at(at));
    change(*changed);
    all[at] = std::move(changed);
    return all;
}

std::deque<log_anchor> anchors_of(const records& all) {
    return {check(all, end_of(all)).anchor(noon())};
}

}  // namespace

TEST_CASE("a whole log has no fault, and counts its records by kind", "[log_check]") {
    const auto all = archived(some_history().records());
    const auto judge = check(all, end_of(all), anchors_of(all));
    CHECK(judge.fault_count() == 0);
    CHECK(judge.anchors_checked() == 1);
    CHECK(judge.counts().claims == 2);
    CHECK(judge.counts().events == 8);
    CHECK(judge.counts().ghosts == 1);
    CHECK(judge.counts().incomplete == 2);
    CHECK(judge.counts().all() == static_cast<std::int64_t>(all.size()));
}

TEST_CASE("whatever changes of an event, its anchor notices", "[log_check]") {
    const auto all = archived(some_history().records());
    const std::vector<std::function<void(events::record&)>> changes{
        [](auto& record) { record.data[3] ^= 1; },
        [](auto& record) { record.data += ' '; },
        [](auto& record) { record.head.actor = "system:somebody"; },
        [](auto& record) { record.head.time += std::chrono::milliseconds(1); },
        [](auto& record) { record.head.type = "identity.profile_changed"; },
        [](auto& record) { record.head.schema_version = 2; },
        [](auto& record) { record.head.stream += '0'; },
        [](auto& record) { ++record.head.stream_version; },
        [](auto& record) { record.head.id.value.data[5] ^= 1; },
        [](auto& record) { record.head.organization.value.data[5] ^= 1; },
        [](auto& record) { record.head.correlation_id.data[5] ^= 1; },
        [](auto& record) { record.head.causation_id = events::uuid{}; },
        [](auto& record) { record.head.traceparent = "00-0-0-0"; },
        [](auto& record) { record.commit.id.value.data[5] ^= 1; },
        [](auto& record) { record.once = events::idempotency{}; },
    };
    const auto at = GENERATE(1U, 5U);
    for (std::size_t i = 0; i < changes.size(); ++i) {
        INFO("change " << i);
        const auto judge = check(with(all, at, changes[i]), end_of(all), anchors_of(all));
        REQUIRE(judge.fault_count() >= 1);
        const auto& last = judge.faults().back();
        CHECK(last.at == end_of(all).at);
        CHECK_THAT(last.what, Catch::Contains("not what it was"));
    }
}

TEST_CASE("the first anchor that does not fit says where the change lies", "[log_check]") {
    const auto all = archived(some_history().records());
    std::deque<log_anchor> anchors;
    for (const std::size_t length : {3U, 6U, 13U}) {
        const records part(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(length));
        anchors.push_back(anchors_of(part).front());
    }
    const auto changed = with(all, 4, [](auto& record) { record.head.actor = "system:other"; });
    const auto judge = check(changed, end_of(all), anchors);
    REQUIRE(judge.fault_count() == 1);
    CHECK(judge.faults().front().at == 5);
    CHECK_THAT(judge.faults().front().what, Catch::Contains("something changed behind offset 2"));
}

TEST_CASE("a kind that the fold does not give is named", "[log_check]") {
    const auto all = archived(some_history().records());
    const auto at = GENERATE(1U, 8U, 11U);
    const auto kept = all.at(at)->kind;
    const auto other = kept == events::record_kind::event ? events::record_kind::ghost
                                                          : events::record_kind::event;
    const auto judge =
        check(with(all, at, [&](auto& record) { record.kind = other; }), end_of(all));
    REQUIRE(judge.fault_count() == 1);
    CHECK(judge.faults().front().at == static_cast<events::offset>(at));
    CHECK_THAT(judge.faults().front().what, Catch::Contains("the fold says"));
}

TEST_CASE("missing, added and swapped records are found", "[log_check]") {
    const auto all = archived(some_history().records());
    const auto end = end_of(all);
    SECTION("one is missing in the middle") {
        auto found = all;
        found.erase(found.begin() + 4);
        const auto judge = check(found, end);
        REQUIRE(judge.fault_count() == 1);
        CHECK(judge.faults().front().at == 4);
    }
    SECTION("one is missing at the end") {
        auto found = all;
        found.pop_back();
        const auto judge = check(found, end);
        REQUIRE(judge.fault_count() == 1);
        CHECK(judge.faults().front().at == end.at);
    }
    SECTION("one is there twice") {
        auto found = with(all, 3, [](auto&) {});
        found.push_back(std::make_shared<events::record>(*all[5]));
        const auto place = static_cast<events::offset>(all.size());
        found = with(found, all.size(), [&](auto& record) { record.at = place; });
        CHECK(check(found, end).fault_count() >= 1);
    }
    SECTION("two have changed places, their numbers with them or not") {
        const bool renumbered = GENERATE(false, true);
        auto found = with(all, 2, [&](auto& record) {
            record = *all[3];
            record.at = 2;
            record.sequence = renumbered ? all[2]->sequence : record.sequence;
        });
        found = with(found, 3, [&](auto& record) {
            record = *all[2];
            record.at = 3;
            record.sequence = renumbered ? all[3]->sequence : record.sequence;
        });
        CHECK(check(found, end, anchors_of(all)).fault_count() >= 1);
    }
}

TEST_CASE(
    "an event in a foreign partition, and a fold that stands elsewhere, are told", "[log_check]"
) {
    const auto all = archived(some_history().records());
    auto end = end_of(all);
    ++end.next_sequence;
    CHECK(check(all, end).fault_count() == 1);
    const auto home = events::partition_of(the_organization, 7);
    partition_check judge(log_id, (home + 1) % 7, 7, {});
    for (const auto& record : all) {
        REQUIRE(judge.take(record));
    }
    CHECK(judge.fault_count() == 8);
}

TEST_CASE("no two different events have one canonical form", "[log_chain]") {
    CHECK(rc::check("canonical", [] {
        const auto text = [] { return *rc::gen::string<std::string>(); };
        const auto make = [&] {
            events::record made;
            made.head.type = text();
            made.head.stream = text();
            made.head.actor = text();
            made.data = text();
            made.head.traceparent = text();
            if (*rc::gen::arbitrary<bool>()) {
                made.once = events::idempotency{text(), text(), text()};
            }
            return made;
        };
        const auto left = make();
        const auto right = make();
        const bool same =
            left.head.type == right.head.type && left.head.stream == right.head.stream &&
            left.head.actor == right.head.actor && left.data == right.data &&
            left.head.traceparent == right.head.traceparent && left.once == right.once;
        std::string first;
        std::string second;
        infra::append_canonical(first, left);
        infra::append_canonical(second, right);
        RC_ASSERT((first == second) == same);
    }));
}

}  // namespace teamflow::tests
