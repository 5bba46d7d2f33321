#include "commands/project.hpp"

#include <catch2/catch.hpp>

#include "events/json/parse.hpp"
#include "events/json/read.hpp"
#include "tests/support/decider_spec.hpp"

using namespace teamflow;
using namespace teamflow::commands;
using tests::given;
using tests::make_id;
using tests::the_organization;

namespace {

const auto ann = make_id<events::user_id>(10);
const auto bob = make_id<events::user_id>(11);
const auto site = make_id<events::project_id>(20);
const auto shop = make_id<events::project_id>(21);

tests::scenario acme() {
    return given(
               events::organization_created{the_organization, "Acme", ann},
               events::member_added{the_organization, ann, role::owner, tests::noon(), {}},
               events::project_created{site, "Site", "SITE", "Old", "#102030"}
    )
        .as(ann);
}

std::string key_of(std::string name) {
    return acme()
        .when(create_project{{std::move(name)}, {}, {}, {}})
        .only<events::project_created>()
        .key;
}

/// Of the site, as read from a body with these members after its id.
edit_project edit(std::string_view members) {
    const auto value = events::json::parse(
        R"({"project_id":")" + to_string(site) + "\"" + std::string(members) + "}"
    );
    REQUIRE(value.has_value());
    const auto command = events::json::read<edit_project>(*value);
    REQUIRE(command.has_value());
    return *command;
}

}  // namespace

TEST_CASE("a project is created with what was given") {
    const create_project command{
        {"Web shop"}, project_key{"SHOP"}, {{"All of it"}}, colour{"#1e90ff"}
    };
    const auto scenario = acme();
    const auto done = scenario.when(command);
    const auto id = scenario.context().make_id<events::project_id>(0);
    done.then(events::project_created{id, "Web shop", "SHOP", "All of it", "#1e90ff"});
    const auto project = done.reply(command);
    CHECK(project.id == id);
    CHECK(project.created_by == ann);
    CHECK(project.created_at == tests::noon());
    CHECK(!project.archived);
    CHECK(project.version == 1);
}

TEST_CASE("a key is made from the name, and made unique") {
    CHECK(key_of("Website") == "WEBS");
    CHECK(key_of("Web site 2") == "WS2");
    CHECK(key_of("Site") == "SITE2");
    CHECK(key_of("42") == "PR");
    CHECK(key_of("Ünïcödé") == "NCD");
    CHECK(key_of("a") == "PR");
}

TEST_CASE("a key is unique among the projects that are not deleted") {
    const create_project again{{"Other"}, project_key{"SITE"}, {}, {}};
    acme().when(again).refused(refusal_code::project_key_taken);
    acme()
        .given(events::project_archived{site})
        .when(again)
        .refused(refusal_code::project_key_taken);
    CHECK(acme().given(events::project_deleted{site}).when(again).events().size() == 1);
}

TEST_CASE("members and viewers do not work on projects") {
    const auto role = GENERATE(role::viewer, role::member);
    auto then = acme().as(bob, role);
    then.when(create_project{{"X"}, {}, {}, {}}).refused(refusal_code::forbidden);
    then.when(edit("")).refused(refusal_code::forbidden);
    then.when(delete_project{site}).refused(refusal_code::forbidden);
}

TEST_CASE("a PATCH changes what it names: absent keeps, null clears") {
    const auto done = acme().when(edit(R"(,"name":"Page","description":null)"));
    events::project_edited expected{site, {"Page"}, {}, {}, {}};
    expected.description.what = events::json::patch<std::string>::action::clear;
    done.then(expected);
    const auto project = done.reply(edit(""));
    CHECK(project.name == "Page");
    CHECK(!project.description);
    CHECK(project.colour == "#102030");
    CHECK(project.version == 2);
}

TEST_CASE("a PATCH that changes nothing is no event") {
    acme().when(edit(R"(,"name":"Site","key":"SITE","colour":"#102030")")).then_nothing();
    acme().when(edit("")).then_nothing();
    acme().when(edit(R"(,"archived":false)")).then_nothing();
}

TEST_CASE("a project is archived and comes back") {
    acme().when(edit(R"(,"archived":true)")).then(events::project_archived{site});
    auto away = acme().given(events::project_archived{site});
    away.when(edit(R"(,"archived":true)")).then_nothing();
    away.when(edit(R"(,"archived":false)")).then(events::project_restored{site});
}

TEST_CASE("a key can be changed to a free one and frees the old one") {
    auto then = acme().given(events::project_created{shop, "Shop", "SHOP", {}, {}});
    then.when(edit(R"(,"key":"SHOP")")).refused(refusal_code::project_key_taken);
    then.given(events::project_edited{shop, {}, {"STORE"}, {}, {}});
    then.when(edit(R"(,"key":"SHOP")")).then(events::project_edited{site, {}, {"SHOP"}, {}, {}});
}

TEST_CASE("a deleted project and one that never was are not found") {
    auto then = acme().given(events::project_deleted{site});
    then.when(edit("")).refused(refusal_code::not_found);
    then.when(delete_project{site}).refused(refusal_code::not_found);
    then.when(delete_project{shop}).refused(refusal_code::not_found);
}

TEST_CASE("a project with open tasks is not deleted") {
    events::task_created task;
    task.task_id = make_id<events::task_id>(40);
    task.project_id = site;
    auto then = acme().given(task);
    then.when(delete_project{site}).refused(refusal_code::project_not_empty);
    then.given(events::task_completed{
        task.task_id, site, {}, events::task_status::todo, events::task_status::done, "m"
    });
    then.when(delete_project{site}).then(events::project_deleted{site});
}

TEST_CASE("deleting a project discards the timers that run on its finished tasks") {
    const auto log = make_id<events::time_log_id>(42);
    const auto task = make_id<events::task_id>(40);
    acme()
        .given(events::timer_started{log, task, site, bob, tests::noon(), {}, {}, true})
        .when(delete_project{site})
        .then(
            events::timer_discarded{log, task, site, bob, tests::noon()},
            events::project_deleted{site}
        );
}

TEST_CASE("keys, colours and addresses have a form") {
    const auto ok = [](auto format, std::string_view text) {
        return decltype(format)::matches(text);
    };
    for (const auto* good : {"AB", "A1", "ABCDEFGHIJ"}) {
        CHECK(ok(project_key_format{}, good));
    }
    for (const auto* bad : {"", "A", "ab", "1A", "ABCDEFGHIJK", "A-B", "ÄB"}) {
        CHECK(!ok(project_key_format{}, bad));
    }
    CHECK(ok(colour_format{}, "#1e90FF"));
    for (const auto* bad : {"", "1e90ff", "#1e90f", "#1e90fg", "#1e90ff0", "red"}) {
        CHECK(!ok(colour_format{}, bad));
    }
    for (const auto* good : {"a@b", "ann.lee+x@mail.example.com", "ä@x-y.de"}) {
        CHECK(ok(email_format{}, good));
    }
    for (const auto* bad :
         {"", "a", "@b", "a@", "a@b@c", "a b@c", "a@b..c", "a@-b", "a@b-", "a@.b", "a@b c"}) {
        CHECK(!ok(email_format{}, bad));
    }
    CHECK(!ok(email_format{}, std::string(65, 'a') + "@b"));
    CHECK(!ok(email_format{}, "a@" + std::string(64, 'b')));
}

TEST_CASE("a PATCH with bad forms names every field") {
    const auto value = events::json::parse(
        R"({"project_id":")" + to_string(site) +
        R"(","name":null,"key":"x","colour":"red","archived":1,"open":true})"
    );
    const auto command = events::json::read<edit_project>(*value);
    REQUIRE(!command.has_value());
    std::vector<std::string> seen;
    for (const auto& fault : command.error()) {
        seen.push_back(fault.field + ":" + fault.code);
    }
    CHECK(
        seen ==
        std::vector<std::string>{
            "name:required",
            "key:bad_format",
            "colour:bad_format",
            "archived:wrong_type",
            "open:unknown_field"
        }
    );
}
