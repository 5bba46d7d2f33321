#include "commands/identity.hpp"

#include <catch2/catch.hpp>

#include "tests/support/decider_spec.hpp"

using namespace teamflow;
using namespace teamflow::commands;
using tests::given;
using tests::make_id;

namespace {

const auto ann = make_id<events::user_id>(10);
const auto bob = make_id<events::user_id>(11);
const auto acme = make_id<events::organization_id>(2);

register_user registration(events::user_id user) {
    return {user, {user, "sealed-email"}, "hash", {user, "sealed-name"}, acme, "Acme", {}};
}

events::user_registered registered(events::user_id user) {
    return {user, {user, "sealed-email"}, "hash", {user, "sealed-name"}, acme, "Acme", {}, {}};
}

tests::scenario accounts() {
    return given(registered(ann), events::email_reserved{"hash", ann}).in(events::nil_organization);
}

}  // namespace

TEST_CASE("registering reserves the address and fixes the ids") {
    auto nobody = given().in(events::nil_organization).as(ann);
    const auto done = nobody.when(registration(ann));
    done.then(registered(ann), events::email_reserved{"hash", ann});
    const auto user = done.reply(registration(ann));
    CHECK(user.id == ann);
    CHECK(user.email.sealed == "sealed-email");
    CHECK(user.version == 1);
    CHECK(user.created_at == tests::noon());
}

TEST_CASE("an address belongs to one account") {
    accounts().as(bob).when(registration(bob)).refused(refusal_code::email_taken);
}

TEST_CASE("registering the same user again changes nothing") {
    accounts().as(ann).when(registration(ann)).then_nothing();
}

TEST_CASE("a user changes the own name, and nobody else's") {
    const change_profile change{ann, {events::personal{ann, "sealed-new-name"}}};
    const auto done = accounts().as(ann).when(change);
    done.then(events::profile_changed{ann, {ann, "sealed-new-name"}});
    CHECK(done.reply(change).version == 2);
    accounts().as(bob).when(change).refused(refusal_code::not_found);
}

TEST_CASE("the same name again and an empty change are no events") {
    const change_profile same{ann, {events::personal{ann, "sealed-name"}}};
    accounts().as(ann).when(same).then_nothing();
    accounts().as(ann).when(change_profile{ann, {}}).then_nothing();
}

TEST_CASE("history says that a password changed") {
    accounts().as(ann).when(record_password_change{ann}).then(events::password_changed{ann});
    accounts().as(bob).when(record_password_change{ann}).refused(refusal_code::not_found);
    accounts().as(bob).when(record_password_change{bob}).refused(refusal_code::not_found);
}

TEST_CASE("an erased account ends and gives its address back") {
    const auto sent = make_id<events::invitation_id>(30);
    const erase_user erasing{ann, "hash", {sent}};
    const events::user_erased erased{ann, {sent}};
    const events::email_released released{"hash", ann};
    accounts().as(bob).when(erasing).then(erased, released);

    auto later = accounts().given(erased, released);
    later.as(bob).when(erasing).then_nothing();
    const change_profile change{ann, {events::personal{ann, "sealed-new-name"}}};
    later.as(ann).when(change).refused(refusal_code::not_found);
    later.as(ann).when(record_password_change{ann}).refused(refusal_code::not_found);
    later.as(ann).when(registration(ann)).refused(refusal_code::not_found);
    // The address is as good as new, and goes from hand to hand.
    later.as(bob)
        .when(registration(bob))
        .then(registered(bob), events::email_reserved{"hash", bob});
    later.given(registered(bob), events::email_reserved{"hash", bob});
    later.as(bob).when(registration(bob)).then_nothing();
    later.as(bob).when(erasing).then_nothing();
}

TEST_CASE("an erasure gives back no address of somebody else, and nobody who never was") {
    accounts().as(bob).when(erase_user{ann, "of another", {}}).then(events::user_erased{ann, {}});
    accounts().as(bob).when(erase_user{bob, "hash", {}}).refused(refusal_code::not_found);
}
