#include "commands/template.hpp"

#include <catch2/catch.hpp>

#include "tests/support/work.hpp"

using namespace teamflow;
using namespace teamflow::commands;
using namespace teamflow::tests;
using namespace teamflow::events;

namespace {

const auto release = make_id<template_id>(60);
const auto no_template = make_id<template_id>(69);

template_data release_data() {
    return {
        "Release {version}",
        "For {who}: {{draft}}",
        2.5,
        task_priority::high,
        {"release"},
        {"tag {version}", "tell {who}"},
        assignee_criteria{role::member}
    };
}

template_created release_created() {
    return {release, "Release", "How we release", "ops", release_data()};
}

tests::scenario library() {
    return desk().given(release_created());
}

create_template create(const std::string& data, const std::string& more = {}) {
    return command<create_template>(
        "{'name':'Release','template_data':{" + data + "}" + more + "}"
    );
}

edit_template edit(const std::string& members) {
    return command_on<edit_template>("template_id", release, members);
}

template <class Command>
Command use(
    const std::string& variables, project_id project = site, events::template_id source = release
) {
    return command_on<Command>(
        "template_id",
        source,
        "'project_id':'" + to_string(project) + "','template_variables':{" + variables + "}"
    );
}

apply_template apply_it(
    const std::string& variables = "'version':'1.0','who':'{all}'",
    project_id project = site,
    events::template_id source = release
) {
    return use<apply_template>(variables, project, source);
}

}  // namespace

TEST_CASE("a template is created with what was given") {
    const auto before = office().as(adam);
    const auto request = create(
        "'title_template':'Release {version}','description_template':'For {who}: {{draft}}',"
        "'estimated_hours':2.5,'priority':'high','tags':['release',' release '],"
        "'checklist':['tag {version}','tell {who}'],'assignee_criteria':{'role':'member'}",
        ",'description':'How we release','category':'ops'"
    );
    const auto done = before.when(request);
    auto expected = release_created();
    expected.template_id = before.context().make_id<events::template_id>(0);
    done.then(expected);
    const auto made = done.reply(request);
    CHECK(made.usage_count == 0);
    CHECK(made.created_by == adam);
    CHECK(made.is_active);
    CHECK(made.template_data == release_data());
}

TEST_CASE("a template needs a name and a title only") {
    const auto before = office().as(adam);
    const auto done = before.when(create("'title_template':'Plan'"));
    CHECK(done.only<template_created>().template_data.title_template == "Plan");
    CHECK(
        faults_of<create_template>(
            "{'name':'','template_data':{'estimated_hours':'2','priority':'top','tags':['a',1],"
            "'checklist':[''],'assignee_criteria':{'role':'boss'},'due':1},'is_active':true}"
        ) ==
        std::vector<std::string>{
            "name:empty",
            "template_data.title_template:required",
            "template_data.estimated_hours:wrong_type",
            "template_data.priority:not_allowed",
            "template_data.tags.1:wrong_type",
            "template_data.checklist.0:empty",
            "template_data.assignee_criteria.role:not_allowed",
            "template_data.due:unknown_field",
            "is_active:unknown_field"
        }
    );
}

TEST_CASE("a template whose braces do not pair is refused, each text named") {
    const auto done = office().as(adam).when(
        create("'title_template':'Release {version','description_template':'{two words}',"
               "'checklist':['fine {x}','not } fine']")
    );
    done.refused_field("template_data.title_template", "bad_placeholder");
    done.refused_field("template_data.description_template", "bad_placeholder");
    done.refused_field("template_data.checklist.1", "bad_placeholder");
    library()
        .as(adam)
        .when(edit("'template_data':{'title_template':'{}'}"))
        .refused_field("template_data.title_template", "bad_placeholder");
}

TEST_CASE("templates are the business of admins, applying them of members") {
    library().when(create("'title_template':'Plan'")).refused(refusal_code::forbidden);
    library().when(edit("'name':'Plan'")).refused(refusal_code::forbidden);
    library().when(deactivate_template{release}).refused(refusal_code::forbidden);
    library().as(vic).when(apply_it()).refused(refusal_code::forbidden);
    CHECK(library().as(bob).when(apply_it()).events().size() == 2);
}

TEST_CASE("an edited template says only what changed") {
    auto before = library().as(adam);
    template_edited expected;
    expected.template_id = release;
    expected.name.value = "Ship";
    expected.category.what = json::patch<std::string>::action::clear;
    const auto request = edit("'name':'Ship','description':'How we release','category':null");
    const auto done = before.when(request);
    done.then(expected);
    CHECK(done.reply(request).name == "Ship");
    before.when(edit("'name':'Release','is_active':true")).then_nothing();
}

TEST_CASE("template_data is replaced whole") {
    auto before = library().as(adam);
    template_edited expected;
    expected.template_id = release;
    expected.template_data.value.emplace().title_template = "Ship {what}";
    before.when(edit("'template_data':{'title_template':'Ship {what}'}")).then(expected);
}

TEST_CASE("a template is deactivated and reactivated") {
    auto before = library().as(adam);
    before.when(deactivate_template{release}).then(template_deactivated{release});
    before.when(edit("'is_active':false")).then(template_deactivated{release});
    before.given(template_deactivated{release});
    before.when(deactivate_template{release}).then_nothing();
    before.when(apply_it()).refused(refusal_code::template_inactive);
    before.when(use<preview_template>("")).refused(refusal_code::template_inactive);
    const auto request = edit("'is_active':true");
    const auto done = before.when(request);
    done.then(template_reactivated{release});
    CHECK(done.reply(request).is_active);
    before.given(template_reactivated{release});
    CHECK(before.when(apply_it()).events().size() == 2);
}

TEST_CASE("a template that is not there is not found, before its variables are looked at") {
    auto before = library().as(adam);
    before.when(apply_it("'x':'y'", ruin, no_template)).refused(refusal_code::not_found);
    before.when(use<preview_template>("'x':'y'", ruin, no_template))
        .refused(refusal_code::not_found);
    before.when(deactivate_template{no_template}).refused(refusal_code::not_found);
    before.when(command_on<edit_template>("template_id", no_template))
        .refused(refusal_code::not_found);
}

TEST_CASE("applying a template makes a task and counts the use, in one commit") {
    auto before = library();
    const auto request = apply_it();
    const auto done = before.when(request);
    const auto& context = before.context();
    const auto id = context.make_id<task_id>(0);
    done.then(
        task_created{
            id,
            site,
            "Release 1.0",
            "For {all}: {draft}",
            task_status::todo,
            task_priority::high,
            bob,
            {"release"},
            {},
            {{context.make_id<checklist_item_id>(1), "tag 1.0", false},
             {context.make_id<checklist_item_id>(2), "tell {all}", false}},
            2.5,
            {},
            done.only<task_created>().rank,
            release
        },
        template_applied{release, id, site}
    );
    const auto answer = done.reply(request);
    CHECK(answer.message == "Template applied");
    CHECK(answer.task_id == id);
    CHECK(answer.title == "Release 1.0");
    CHECK(answer.template_name == "Release");
    CHECK(answer.task.created_by == bob);
    CHECK(answer.task.version == 1);
}

TEST_CASE("a use counts without a new version of the template") {
    auto before = library();
    before.given(template_applied{release, page, site}, template_applied{release, menu, site});
    before.as(adam);
    const auto request = edit("'name':'Ship'");
    const auto done = before.when(request);
    CHECK(done.reply(request).usage_count == 2);
    CHECK(done.events().front().stream == stream_of(release));
}

TEST_CASE("a task is made from a template only in a project that takes new work") {
    library().when(apply_it("", make_id<project_id>(99))).refused_field("project_id", "not_found");
    library().when(apply_it("", ruin)).refused_field("project_id", "not_found");
    library().when(apply_it("", attic)).refused(refusal_code::task_closed);
}

TEST_CASE("missing and unknown variables are named all at once") {
    const auto done = library().when(apply_it("'who':'all','whom':'none','zero':'0'"));
    done.refused_field("template_variables.version", "missing_variable");
    done.refused_field("template_variables.whom", "unknown_variable");
    done.refused_field("template_variables.zero", "unknown_variable");
    const auto bare = command_on<apply_template>(
        "template_id", release, "'project_id':'" + to_string(site) + "'"
    );
    library().when(bare).refused_field("template_variables.who", "missing_variable");
}

TEST_CASE("values that make a task impossible are refused") {
    const auto who = [](const std::string& value) {
        return apply_it("'who':'x','version':'" + value + "'");
    };
    library()
        .when(who(std::string(1001, 'v')))
        .refused_field("template_variables.version", "too_long");
    library().when(who(std::string(250, 'v'))).refused_field("title", "too_long");
    library().when(who("\\u0007")).refused_field("template_variables.version", "control_character");
    auto blank = release_created();
    blank.template_data = {"{who}", {}, {}, {}, {}, {}, {}};
    desk().given(blank).when(apply_it("'who':' '")).refused_field("title", "empty");
}

TEST_CASE("the task goes to the active member of the role with the fewest open tasks") {
    const assignee_criteria member{role::member};
    auto before = office();
    CHECK(assignee_of(member, before.directory()) == bob);
    auto busy = task_in(page);
    busy.assignee_id = bob;
    before.given(busy);
    CHECK(assignee_of(member, before.directory()) == bea);
    auto busier = task_in(menu);
    busier.assignee_id = bea;
    before.given(busier);
    CHECK(assignee_of(member, before.directory()) == bob);
    before.given(member_changed{the_organization, bob, role::member, false, role::member, true});
    CHECK(assignee_of(member, before.directory()) == bea);
    CHECK(!assignee_of(std::nullopt, before.directory()));
}

TEST_CASE("among equals the longest membership decides") {
    const auto old_hand = make_id<user_id>(99);
    auto before = office();
    before.given(
        member_added{the_organization, old_hand, role::member, noon() - std::chrono::hours(1), {}}
    );
    CHECK(assignee_of(assignee_criteria{role::member}, before.directory()) == old_hand);
}

TEST_CASE("when nobody has the role the task stays unassigned, and the answer says so") {
    auto before = library();
    before.given(
        member_changed{the_organization, bob, role::admin, true, role::member, true},
        member_changed{the_organization, bea, role::admin, true, role::member, true}
    );
    const auto done = before.when(apply_it());
    CHECK(!done.only<task_created>().assignee_id);
    CHECK(
        done.reply(apply_it()).message ==
        "Template applied; nobody active has the role member, so the task is unassigned"
    );
}

TEST_CASE("a preview shows the task and makes nothing") {
    const auto request = use<preview_template>("'version':'1.0','who':'us'");
    const auto done = library().when(request);
    done.then_nothing();
    CHECK(
        json::to_json(done.reply(request)) ==
        R"({"message":"Nothing was created","title":"Release 1.0","template_name":"Release",)"
        R"("task":{"project_id":")" +
            to_string(site) +
            R"(","title":"Release 1.0","description":"For us: {draft}","status":"todo",)"
            R"("priority":"high","assignee_id":")" +
            to_string(bob) +
            R"(","tags":["release"],"checklist":[{"text":"tag 1.0","done":false},)"
            R"({"text":"tell us","done":false}],"estimated_hours":2.5}})"
    );
    library()
        .when(use<preview_template>("'version':'1.0'"))
        .refused_field("template_variables.who", "missing_variable");
}
