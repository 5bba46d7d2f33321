#include "commands/writer/ownership.hpp"

#include <catch2/catch.hpp>

using namespace teamflow;
using commands::ownership;

namespace {

const events::writer_id me{events::make_uuid_v7(1, 1, 1)};
const events::writer_id other{events::make_uuid_v7(2, 2, 2)};

events::record_ptr claim_at(events::offset at, events::writer_id writer) {
    events::record claim;
    claim.at = at;
    claim.kind = events::record_kind::claim;
    claim.reign.writer = writer;
    return std::make_shared<events::record>(std::move(claim));
}

events::record_ptr event_at(events::offset at, events::epoch reign, std::int64_t sequence) {
    events::record event;
    event.at = at;
    event.reign = reign;
    event.sequence = sequence;
    return std::make_shared<events::record>(std::move(event));
}

/// Owner by its claim at offset 0, with three commits of one record in flight.
struct owner_with_three_in_flight {
    ownership machine{events::checkpoint{}};
    events::epoch reign{.claimed_at = 0, .writer = me};

    owner_with_three_in_flight() {
        machine.claim(me);
        machine.see(claim_at(0, me));
        for (std::uint64_t token = 1; token <= 3; ++token) {
            machine.append(token, 1);
        }
    }
};

}  // namespace

TEST_CASE("a dense report acknowledges its commits, each with its own offset") {
    owner_with_three_in_flight at;
    const auto settled = at.machine.delivered(at.reign, 0, 2, 3);
    REQUIRE(settled.size() == 3);
    CHECK(settled[1].happened);
    CHECK(settled[1].last == 2);
}

TEST_CASE("a report that adds up over an unanswered batch proves nothing") {
    owner_with_three_in_flight at;
    CHECK(at.machine.delivered(at.reign, 0, 0, std::nullopt).empty());
    CHECK(at.machine.delivered(at.reign, 1, 1, 2).empty());
    CHECK(at.machine.see(event_at(1, at.reign, 0)).size() == 1);
    CHECK(at.machine.delivered(at.reign, 2, 2, 3).empty());
    CHECK(at.machine.see(event_at(2, at.reign, 1)).size() == 1);
    CHECK(at.machine.delivered(at.reign, 2, 2, 3).size() == 1);
}

TEST_CASE("a report of a batch whose first commits were seen already settles the rest") {
    owner_with_three_in_flight at;
    CHECK(at.machine.see(event_at(1, at.reign, 0)).size() == 1);
    CHECK(at.machine.delivered(at.reign, 0, 2, 3).size() == 2);
}

TEST_CASE("an own record behind a hole ends the reign, and the next claim refuses the rest") {
    owner_with_three_in_flight at;
    CHECK(at.machine.see(event_at(1, at.reign, 1)).empty());
    CHECK(at.machine.needs_claim());
    at.machine.claim(other);
    const auto settled = at.machine.see(claim_at(2, other));
    REQUIRE(settled.size() == 3);
    CHECK(!settled[0].happened);
    CHECK(at.machine.now() == ownership::phase::owning);
}

TEST_CASE("a repeated own record is only a ghost") {
    owner_with_three_in_flight at;
    CHECK(at.machine.see(event_at(1, at.reign, 0)).size() == 1);
    CHECK(at.machine.see(event_at(2, at.reign, 0)).empty());
    CHECK(at.machine.now() == ownership::phase::owning);
    CHECK(at.machine.fold().ghosts() == 1);
}

TEST_CASE("what stands before the first claim, or is no event, never counts") {
    events::partition_fold fold;
    CHECK(fold.next(event_at(0, events::epoch{}, 0)) == events::verdict::ghost);
    events::record rubbish;
    rubbish.at = 1;
    rubbish.kind = events::record_kind::ghost;
    CHECK(fold.next(std::make_shared<events::record>(rubbish)) == events::verdict::ghost);
    CHECK(fold.next(claim_at(2, me)) == events::verdict::claim);
    CHECK(fold.next(event_at(3, {.claimed_at = 2, .writer = me}, 0)) == events::verdict::event);
}
