#include "commands/organization.hpp"

#include <catch2/catch.hpp>

#include "tests/support/decider_spec.hpp"

using namespace teamflow;
using namespace teamflow::commands;
using tests::given;
using tests::make_id;
using tests::the_organization;

namespace {

const auto ann = make_id<events::user_id>(10);
const auto bob = make_id<events::user_id>(11);

edit_organization edit_of(events::organization_id id) {
    edit_organization edit;
    edit.organization_id = id;
    return edit;
}

tests::scenario acme() {
    return given(
        events::organization_created{the_organization, "Acme", ann},
        events::member_added{the_organization, ann, role::owner, tests::noon(), {}}
    );
}

}  // namespace

TEST_CASE("an organization is founded with its owner, once") {
    const create_organization founding{the_organization, {"Acme"}, ann};
    const auto done = given().as_system().when(founding);
    done.then(
        events::organization_created{the_organization, "Acme", ann},
        events::member_added{the_organization, ann, role::owner, tests::noon(), {}}
    );
    CHECK(done.reply(founding).settings == organization_settings{});
    acme().as_system().when(founding).then_nothing();
}

TEST_CASE("nobody but the registration founds an organization") {
    given()
        .as(ann)
        .when(create_organization{the_organization, {"Acme"}, ann})
        .refused(refusal_code::forbidden);
}

TEST_CASE("an owner changes name and settings; the event says what changed") {
    auto edit = edit_of(the_organization);
    edit.name.value = {"Acme Ltd"};
    edit.single_running_timer.value = true;
    edit.time_zone.value = {"UTC"};
    const auto done = acme().as(ann).when(edit);
    done.then(events::organization_settings_changed{the_organization, "Acme Ltd", true, {}, {}});
    const auto after = done.reply(edit);
    CHECK(after.name == "Acme Ltd");
    CHECK(after.settings == organization_settings{true, "UTC", 5});
    CHECK(after.version == 2);
}

TEST_CASE("settings may stand in an object of their own, and beside it win") {
    auto edit = edit_of(the_organization);
    edit.settings.value.emplace();
    edit.settings.value->time_zone.value = {"Europe/Berlin"};
    edit.settings.value->max_concurrent_generations.value = {7};
    edit.max_concurrent_generations.value = {9};
    acme().as(ann).when(edit).then(
        events::organization_settings_changed{the_organization, {}, {}, "Europe/Berlin", 9}
    );
}

TEST_CASE("settings that are so already are no event") {
    auto edit = edit_of(the_organization);
    edit.name.value = {"Acme"};
    edit.single_running_timer.value = false;
    acme().as(ann).when(edit).then_nothing();
    acme().as(ann).when(edit_of(the_organization)).then_nothing();
}

TEST_CASE("only owners change settings") {
    const auto role = GENERATE(role::viewer, role::member, role::admin);
    acme().as(bob, role).when(edit_of(the_organization)).refused(refusal_code::forbidden);
}

TEST_CASE("another organization is not there") {
    const auto other = make_id<events::organization_id>(99);
    acme().as(ann).when(edit_of(other)).refused(refusal_code::not_found);
}

TEST_CASE("who is no active member may do nothing") {
    acme().as(bob).when(edit_of(the_organization)).refused(refusal_code::forbidden);
    auto gone = acme().as(bob, role::owner);
    gone.given(events::member_changed{the_organization, bob, role::owner, false, role::owner, true}
    );
    gone.when(edit_of(the_organization)).refused(refusal_code::forbidden);
}
