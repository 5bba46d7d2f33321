#include "commands/membership.hpp"

#include <chrono>

#include <catch2/catch.hpp>

#include "tests/support/decider_spec.hpp"

using namespace teamflow;
using namespace teamflow::commands;
using namespace std::chrono_literals;
using tests::given;
using tests::make_id;
using tests::the_organization;

namespace {

const auto ann = make_id<events::user_id>(10);
const auto bob = make_id<events::user_id>(11);
const auto cid = make_id<events::user_id>(12);
const auto first = make_id<events::invitation_id>(30);
const auto second = make_id<events::invitation_id>(31);
const auto address = events::personal{make_id<events::user_id>(30), "sealed-address"};

events::member_added added(events::user_id user, role role) {
    return {the_organization, user, role, tests::noon(), {}};
}

tests::scenario acme() {
    return given(
        events::organization_created{the_organization, "Acme", ann}, added(ann, role::owner)
    );
}

create_invitation inviting(events::invitation_id id, role role) {
    return {id, address, "hash", role, "token-hash", tests::noon() + 72h};
}

events::invitation_created invited(events::invitation_id id, role role) {
    return {the_organization, id, address, "hash", role, "token-hash", tests::noon() + 72h};
}

change_member to_role(events::user_id user, role role) {
    return {user, {role}, {}};
}

change_member to_active(events::user_id user, bool active) {
    return {user, {}, {active}};
}

}  // namespace

TEST_CASE("an admin invites members and viewers") {
    const auto role = GENERATE(role::viewer, role::member);
    const auto done = acme().as(bob, role::admin).when(inviting(first, role));
    done.then(invited(first, role));
    const auto invitation = done.reply(inviting(first, role));
    CHECK(invitation.created_by == bob);
    CHECK(invitation.status == invitation_status::pending);
    CHECK(invitation.expires_at == tests::noon() + 72h);
}

TEST_CASE("only an owner invites admins and owners") {
    const auto role = GENERATE(role::admin, role::owner);
    acme().as(bob, role::admin).when(inviting(first, role)).refused(refusal_code::forbidden);
    acme().as(ann).when(inviting(first, role)).then(invited(first, role));
}

TEST_CASE("members and viewers do not invite") {
    const auto role = GENERATE(role::viewer, role::member);
    acme().as(bob, role).when(inviting(first, role::viewer)).refused(refusal_code::forbidden);
}

TEST_CASE("a second invitation of an address revokes the first") {
    acme()
        .given(invited(first, role::member))
        .as(ann)
        .when(inviting(second, role::viewer))
        .then(
            events::invitation_revoked{the_organization, first, "hash"},
            invited(second, role::viewer)
        );
}

TEST_CASE("who holds the token of an invitation becomes a member") {
    const accept_invitation accepting{first, "token-hash", bob};
    const auto done = acme().given(invited(first, role::member)).as(bob).when(accepting);
    done.then(
        events::invitation_accepted{the_organization, first, "hash", bob},
        events::member_added{the_organization, bob, role::member, tests::noon(), first}
    );
    const auto reply = done.reply(accepting);
    CHECK(reply.organization.name == "Acme");
    CHECK(reply.member.role == role::member);
    CHECK(reply.member.id == bob);
}

TEST_CASE("an unknown invitation, a wrong token and a revoked one look the same") {
    auto then = acme().given(invited(first, role::member)).as(bob);
    then.when(accept_invitation{first, "guess", bob}).refused(refusal_code::not_found);
    then.when(accept_invitation{second, "token-hash", bob}).refused(refusal_code::not_found);
    then.given(events::invitation_revoked{the_organization, first, "hash"});
    then.when(accept_invitation{first, "token-hash", bob}).refused(refusal_code::not_found);
}

TEST_CASE("an invitation is good once") {
    acme()
        .given(
            invited(first, role::member),
            events::invitation_accepted{the_organization, first, "hash", bob}
        )
        .as(cid)
        .when(accept_invitation{first, "token-hash", cid})
        .refused(refusal_code::invitation_used);
}

TEST_CASE("an invitation is good until it expires") {
    const accept_invitation accepting{first, "token-hash", bob};
    auto then = acme().given(invited(first, role::member)).as(bob);
    CHECK(then.at(tests::noon() + 72h - 1ms).when(accepting).events().size() == 2);
    then.at(tests::noon() + 72h).when(accepting).refused(refusal_code::invitation_expired);
}

TEST_CASE("a member is not added twice, but comes back after deactivation") {
    const accept_invitation accepting{first, "token-hash", bob};
    auto then = acme().given(invited(first, role::viewer), added(bob, role::member)).as(bob);
    then.when(accepting).refused(refusal_code::already_member);
    then.given(
        events::member_changed{the_organization, bob, role::member, false, role::member, true}
    );
    then.when(accepting).then(
        events::invitation_accepted{the_organization, first, "hash", bob},
        events::member_changed{the_organization, bob, role::viewer, true, role::member, false}
    );
}

TEST_CASE("an invitation can be revoked until it is used") {
    const events::invitation_revoked revoked{the_organization, first, "hash"};
    auto then = acme().given(invited(first, role::admin)).as(bob, role::admin);
    then.when(revoke_invitation{first}).refused(refusal_code::forbidden);
    then.as(ann).when(revoke_invitation{first}).then(revoked);
    then.when(revoke_invitation{second}).refused(refusal_code::not_found);
    then.given(events::invitation_accepted{the_organization, first, "hash", bob});
    then.when(revoke_invitation{first}).refused(refusal_code::invitation_used);
}

TEST_CASE("an owner changes any role; the event keeps the one before") {
    const auto done =
        acme().given(added(bob, role::member)).as(ann).when(to_role(bob, role::owner));
    done.then(events::member_changed{the_organization, bob, role::owner, true, role::member, true});
    const auto reply = done.reply(to_role(bob, role::owner));
    CHECK(reply.role == role::owner);
    CHECK(reply.version == 2);
}

TEST_CASE("an admin changes members and viewers only, and not into admins") {
    auto then = acme().given(added(cid, role::member)).as(bob, role::admin);
    then.when(to_role(cid, role::viewer))
        .then(events::member_changed{the_organization, cid, role::viewer, true, role::member, true}
        );
    then.when(to_role(cid, role::admin)).refused(refusal_code::forbidden);
    then.when(to_role(ann, role::member)).refused(refusal_code::forbidden);
    then.when(to_active(ann, false)).refused(refusal_code::forbidden);
    then.when(to_role(bob, role::member)).refused(refusal_code::forbidden);
}

TEST_CASE("members do not change members") {
    acme().as(bob, role::member).when(to_role(bob, role::admin)).refused(refusal_code::forbidden);
}

TEST_CASE("the last owner stays owner and active") {
    auto then = acme().as(ann);
    then.when(to_role(ann, role::admin)).refused(refusal_code::last_owner);
    then.when(to_active(ann, false)).refused(refusal_code::last_owner);
    then.given(added(bob, role::owner));
    CHECK(then.when(to_role(ann, role::admin)).events().size() == 1);
    then.given(events::member_changed{the_organization, bob, role::owner, false, role::owner, true}
    );
    then.when(to_role(ann, role::admin)).refused(refusal_code::last_owner);
}

TEST_CASE("a member who is so already is not changed") {
    auto then = acme().given(added(bob, role::member)).as(ann);
    then.when(to_role(bob, role::member)).then_nothing();
    then.when(to_active(bob, true)).then_nothing();
    then.when(change_member{bob, {}, {}}).then_nothing();
    then.when(to_role(cid, role::member)).refused(refusal_code::not_found);
}

TEST_CASE("deactivation discards the running timers in the same commit") {
    const auto task = make_id<events::task_id>(40);
    const auto project = make_id<events::project_id>(41);
    const auto log = make_id<events::time_log_id>(42);
    const auto start = tests::noon() - 1h;
    acme()
        .given(
            added(bob, role::member),
            events::timer_started{log, task, project, bob, start, {}, {}, true}
        )
        .as(ann)
        .when(to_active(bob, false))
        .then(
            events::member_changed{the_organization, bob, role::member, false, role::member, true},
            events::timer_discarded{log, task, project, bob, start}
        );
}

TEST_CASE("who was erased is a member no longer, the last owner included") {
    const auto timer = make_id<events::time_log_id>(40);
    const auto task = make_id<events::task_id>(41);
    const auto site = make_id<events::project_id>(42);
    auto office = acme().given(
        added(bob, role::member),
        events::timer_started{timer, task, site, bob, tests::noon(), {}, {}, true}
    );
    office.as_system();
    office.when(remove_erased_member{ann})
        .then(events::member_changed{the_organization, ann, role::owner, false, role::owner, true});
    const auto left = office.when(remove_erased_member{bob});
    CHECK(left.only<events::member_changed>().active == false);
    CHECK(left.only<events::timer_discarded>().time_log_id == timer);
    office.when(remove_erased_member{cid}).refused(refusal_code::not_found);
    office.given(
        events::member_changed{the_organization, bob, role::member, false, role::member, true}
    );
    office.when(remove_erased_member{bob}).then_nothing();
}

TEST_CASE("members below owners end nobody's membership that way") {
    const auto role = GENERATE(role::viewer, role::member, role::admin);
    acme().as(bob, role).when(remove_erased_member{ann}).refused(refusal_code::forbidden);
    acme()
        .given(invited(first, role::member))
        .as(bob, role)
        .when(erase_invitation{first})
        .refused(refusal_code::forbidden);
}

TEST_CASE("an erased invitation is withdrawn if it was not used, and says so once") {
    const events::invitation_revoked revoked{the_organization, first, "hash"};
    const events::invitation_erased erased{the_organization, first};
    auto open = acme().given(invited(first, role::member)).as_system();
    open.when(erase_invitation{first}).then(revoked, erased);
    open.given(revoked, erased);
    open.when(erase_invitation{first}).then_nothing();
    open.when(erase_invitation{second}).refused(refusal_code::not_found);

    auto used = acme().given(
        invited(first, role::member),
        events::invitation_accepted{the_organization, first, "hash", bob}
    );
    used.as_system().when(erase_invitation{first}).then(erased);
}
