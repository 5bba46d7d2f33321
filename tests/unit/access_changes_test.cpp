#include "gateway/api/access_changes.hpp"

#include <catch2/catch.hpp>

#include "gateway/http/trace_context.hpp"

namespace teamflow::tests {

namespace {

using namespace std::chrono_literals;
using events::role;
using gateway::access_changes;
using gateway::principal;

constexpr std::chrono::seconds life = 900s;
const events::timestamp noon{std::chrono::sys_days{std::chrono::year(2026) / 11 / 21} + 12h};

events::uuid some_uuid(std::uint8_t number) {
    events::uuid made{};
    made.data[0] = number;
    return made;
}

principal member(role has) {
    principal who;
    who.user = events::user_id{some_uuid(1)};
    who.organization = events::organization_id{some_uuid(2)};
    who.role = has;
    who.family = some_uuid(3);
    return who;
}

events::member_changed change(role to, bool active = true) {
    events::member_changed event;
    event.user_id = events::user_id{some_uuid(1)};
    event.organization_id = events::organization_id{some_uuid(2)};
    event.role = to;
    event.active = active;
    return event;
}

role role_now(const access_changes& changes, principal who) {
    changes.bring_up_to_date(who);
    return who.role;
}

bool is_member_now(const access_changes& changes, principal who) {
    changes.bring_up_to_date(who);
    return who.is_member;
}

}  // namespace

TEST_CASE("access that did not change stays as the token says") {
    access_changes changes(life);
    const auto who = member(role::member);
    CHECK(changes.still_holds(who));
    changes.member_changed(change(role::viewer), noon);
    auto other = who;
    other.organization = events::organization_id{some_uuid(9)};
    CHECK(changes.still_holds(other));
    CHECK(role_now(changes, other) == role::member);
    auto working = who;
    working.is_operator = true;
    CHECK(role_now(changes, working) == role::member);
}

TEST_CASE("the newest change of a member counts, in whatever order it is heard of") {
    access_changes changes(life);
    const auto who = member(role::member);
    changes.member_changed(change(role::admin), noon + 1s);
    changes.member_changed(change(role::viewer), noon);
    CHECK(role_now(changes, who) == role::admin);
    CHECK(changes.still_holds(who));
    changes.member_changed(change(role::viewer), noon + 2s);
    CHECK(role_now(changes, who) == role::viewer);
    CHECK_FALSE(changes.still_holds(who));
    changes.member_changed(change(role::member, false), noon + 3s);
    CHECK_FALSE(is_member_now(changes, who));
    CHECK_FALSE(changes.still_holds(who));
    changes.member_changed(change(role::member), noon + 4s);
    CHECK(is_member_now(changes, who));
    CHECK(changes.still_holds(who));
}

TEST_CASE("an ended sign-in is over for its tokens alone") {
    access_changes changes(life);
    const auto who = member(role::member);
    changes.sign_in_ended(who.family, noon);
    CHECK(changes.has_ended(who));
    CHECK_FALSE(changes.still_holds(who));
    auto other = who;
    other.family = some_uuid(8);
    CHECK_FALSE(changes.has_ended(other));
    other.family = {};
    CHECK_FALSE(changes.has_ended(other));
}

TEST_CASE("what is older than a token can live is forgotten") {
    access_changes changes(life);
    const auto who = member(role::member);
    changes.sign_in_ended(who.family, noon);
    changes.member_changed(change(role::viewer), noon);
    changes.sign_in_ended(some_uuid(7), noon + life + 1s);
    CHECK(changes.still_holds(who));
}

TEST_CASE("a traceparent names its trace only when it is well-formed") {
    constexpr std::string_view good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    CHECK(gateway::trace_id_of(good) == "4bf92f3577b34da6a3ce929d0e0e4736");
    for (std::string_view bad :
         {"",
          "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
          "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
          "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
          "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
          "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
          "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01"}) {
        CHECK(gateway::trace_id_of(bad).empty());
    }
}

}  // namespace teamflow::tests
