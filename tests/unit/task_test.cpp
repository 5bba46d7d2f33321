#include "commands/task.hpp"

#include <catch2/catch.hpp>

#include "tests/support/work.hpp"

using namespace teamflow;
using namespace teamflow::commands;
using namespace teamflow::tests;
using namespace teamflow::events;

namespace {

edit_task edit(const std::string& members) {
    return command_on<edit_task>("task_id", page, members);
}

create_task create(const std::string& members) {
    return command_on<create_task>("project_id", site, members);
}

std::string quoted(const auto& id) {
    return "'" + to_string(id) + "'";
}

task_edited page_edit() {
    task_edited edited;
    edited.task_id = page;
    edited.project_id = site;
    return edited;
}

}  // namespace

TEST_CASE("a task is created with all that was given, and comes back as it is") {
    const auto before = desk();
    const auto all = create(
        "'title':'Draw','description':'A picture','status':'in_review','priority':'urgent',"
        "'assignee_id':" +
        quoted(bea) +
        ",'tags':[' ui ','art','ui'],'due_date':'2026-12-24',"
        "'checklist':[{'text':'one'},{'text':'two','done':true}],'estimated_hours':1.5,"
        "'parent_task_id':" +
        quoted(page)
    );
    const auto done = before.when(all);
    const auto& context = before.context();
    const auto id = context.make_id<task_id>(0);
    const auto& created = done.only<task_created>();
    done.then(task_created{
        id,
        site,
        "Draw",
        "A picture",
        task_status::in_review,
        task_priority::urgent,
        bea,
        {"ui", "art"},
        date{std::chrono::year{2026}, std::chrono::December, std::chrono::day{24}},
        {{context.make_id<checklist_item_id>(1), "one", false},
         {context.make_id<checklist_item_id>(2), "two", true}},
        1.5,
        page,
        created.rank,
        std::nullopt
    });
    CHECK(!created.rank.empty());
    CHECK(
        json::to_json(done.reply(all)) ==
        R"({"id":")" + to_string(id) + R"(","project_id":")" + to_string(site) +
            R"(","title":"Draw","description":"A picture","status":"in_review",)"
            R"("priority":"urgent","assignee_id":")" +
            to_string(bea) +
            R"(","tags":["ui","art"],"due_date":"2026-12-24","checklist":[{"id":")" +
            to_string(context.make_id<checklist_item_id>(1)) +
            R"(","text":"one","done":false},{"id":")" +
            to_string(context.make_id<checklist_item_id>(2)) +
            R"(","text":"two","done":true}],"estimated_hours":1.5,"actual_hours":0,)"
            R"("total_logged_time":0,"is_over_estimate":false,"parent_task_id":")" +
            to_string(page) + R"(","created_by":")" + to_string(bob) +
            R"(","created_at":"2026-11-20T12:00:00.000Z",)"
            R"("updated_at":"2026-11-20T12:00:00.000Z","version":1})"
    );
}

TEST_CASE("a task needs a project and a title only") {
    const auto done = desk().when(create("'title':'Draw'"));
    const auto& created = done.only<task_created>();
    CHECK(created.status == task_status::todo);
    CHECK(created.priority == task_priority::medium);
    CHECK(!created.assignee_id);
}

TEST_CASE("all bad fields of a new task are named at once") {
    CHECK(
        faults_of<create_task>(
            "{'project_id':'x','title':' ','status':'open','priority':'top','tags':[''],"
            "'due_date':'2026-02-30','checklist':[{'text':'a','done':'no'}],"
            "'estimated_hours':-1,'id':1}"
        ) ==
        std::vector<std::string>{
            "project_id:not_a_uuid",
            "title:empty",
            "status:not_allowed",
            "priority:not_allowed",
            "tags.0:empty",
            "due_date:not_a_date",
            "checklist.0.done:wrong_type",
            "estimated_hours:out_of_range",
            "id:unknown_field"
        }
    );
}

TEST_CASE("a task is created only in a project that takes new work") {
    const auto in = [](project_id project) {
        return command_on<create_task>("project_id", project, "'title':'Draw'");
    };
    desk().when(in(make_id<project_id>(99))).refused_field("project_id", "not_found");
    desk().when(in(ruin)).refused_field("project_id", "not_found");
    desk().when(in(attic)).refused(refusal_code::task_closed);
}

TEST_CASE("viewers and strangers do not touch tasks") {
    desk().as(vic).when(create("'title':'Draw'")).refused(refusal_code::forbidden);
    desk().as(stranger).when(edit("'title':'Draw'")).refused(refusal_code::forbidden);
    desk().as(gone).when(delete_task{page}).refused(refusal_code::forbidden);
}

TEST_CASE("an assignee is an active member") {
    for (const auto user : {gone, stranger}) {
        desk()
            .when(create("'title':'Draw','assignee_id':" + quoted(user)))
            .refused_field("assignee_id", "not_a_member");
        desk()
            .when(edit("'assignee_id':" + quoted(user)))
            .refused_field("assignee_id", "not_a_member");
        desk()
            .when(command<bulk_edit_tasks>(
                "{'task_ids':[" + quoted(page) + "],'changes':{'assignee_id':" + quoted(user) + "}}"
            ))
            .refused_field("changes.assignee_id", "not_a_member");
    }
    CHECK(
        desk().when(edit("'assignee_id':" + quoted(vic))).only<task_assigned>().assignee_id == vic
    );
}

TEST_CASE("who left keeps the tasks that they have") {
    auto before = office();
    auto theirs = task_in(page);
    theirs.assignee_id = gone;
    before.given(theirs);
    auto edited = page_edit();
    edited.title.value = "Read";
    before.when(edit("'title':'Read','assignee_id':" + quoted(gone))).then(edited);
}

TEST_CASE("a parent is a task of the same project and no subtask") {
    auto before = desk();
    auto child = task_in(form);
    child.parent_task_id = page;
    before.given(child);
    const auto refused = [&](task_id parent, const char* code) {
        before.when(create("'title':'Draw','parent_task_id':" + quoted(parent)))
            .refused_field("parent_task_id", code);
        before.when(command_on<edit_task>("task_id", menu, "'parent_task_id':" + quoted(parent)))
            .refused_field("parent_task_id", code);
    };
    refused(no_task, "not_found");
    refused(form, "is_subtask");
    const auto elsewhere = make_id<task_id>(33);
    before.given(task_in(elsewhere, shop));
    refused(elsewhere, "not_found");
    before.given(task_deleted{page, site, task_status::todo, {}});
    refused(page, "not_found");
}

TEST_CASE("a task is not its own parent, directly or through others") {
    desk().when(edit("'parent_task_id':" + quoted(page))).refused_field("parent_task_id", "cycle");
    auto before = desk();
    auto link = page_edit();
    link.parent_task_id = {json::patch<task_id>::action::replace, menu};
    before.given(link);
    before.when(command_on<edit_task>("task_id", menu, "'parent_task_id':" + quoted(page)))
        .refused_field("parent_task_id", "is_subtask");
}

TEST_CASE("a parent can be taken away") {
    auto before = desk();
    auto link = page_edit();
    link.parent_task_id = {json::patch<task_id>::action::replace, menu};
    before.given(link);
    auto cleared = page_edit();
    cleared.parent_task_id = {json::patch<task_id>::action::clear, {}};
    before.when(edit("'parent_task_id':null")).then(cleared);
}

TEST_CASE("an edit says only what changed") {
    auto edited = page_edit();
    edited.title.value = "Read it";
    edited.due_date = {
        json::patch<date>::action::replace,
        date{std::chrono::year{2027}, std::chrono::January, std::chrono::day{1}}
    };
    const auto request = edit("'title':'Read it','priority':'medium','due_date':'2027-01-01'");
    const auto done = desk().when(request);
    done.then(edited);
    const auto task = done.reply(request);
    CHECK(task.title == "Read it");
    CHECK(task.version == 2);
    CHECK(to_string(*task.due_date) == "2027-01-01");
}

TEST_CASE("an edit that changes nothing is no event") {
    desk()
        .when(edit(
            "'title':'Write it','description':null,'status':'todo','assignee_id':null,'tags':[],"
            "'due_date':null,'checklist':[],'estimated_hours':null,'parent_task_id':null,"
            "'project_id':" +
            quoted(site)
        ))
        .then_nothing();
    desk().when(edit("")).then_nothing();
}

TEST_CASE("one edit of several facts is one event for each") {
    auto edited = page_edit();
    edited.description = {json::patch<std::string>::action::replace, "More"};
    const auto done =
        desk().when(edit("'description':'More','status':'done','assignee_id':" + quoted(bea)));
    done.then(
        edited,
        task_assigned{page, site, task_status::todo, bea, {}},
        task_completed{
            page, site, bea, task_status::todo, task_status::done, done.only<task_completed>().rank
        }
    );
}

TEST_CASE("fields that a task must have cannot be cleared") {
    CHECK(
        faults_of<edit_task>(
            "{'task_id':'" + to_string(page) +
            "','title':null,'status':null,'priority':null,'tags':null,'checklist':null}"
        ) ==
        std::vector<std::string>{
            "title:required",
            "status:required",
            "priority:required",
            "tags:required",
            "checklist:required"
        }
    );
}

TEST_CASE("a task stays in its project") {
    desk().when(edit("'project_id':" + quoted(shop))).refused_field("project_id", "not_allowed");
}

TEST_CASE("all faults that only the state can tell are named at once") {
    const auto done = desk().when(edit(
        "'project_id':" + quoted(shop) + ",'assignee_id':" + quoted(gone) +
        ",'checklist':[{'id':" + quoted(page) + ",'text':'x'}],'parent_task_id':" + quoted(no_task)
    ));
    done.refused_field("project_id", "not_allowed");
    done.refused_field("assignee_id", "not_a_member");
    done.refused_field("checklist.0.id", "not_found");
    done.refused_field("parent_task_id", "not_found");
}

TEST_CASE("checklist items keep their ids, new ones get one") {
    const auto one = make_id<checklist_item_id>(40);
    const auto two = make_id<checklist_item_id>(41);
    auto with_items = task_in(form);
    with_items.checklist = {{one, "one", false}, {two, "two", false}};
    auto before = office();
    before.given(with_items);
    const auto list = [&](const std::string& items) {
        return command_on<edit_task>("task_id", form, "'checklist':[" + items + "]");
    };
    const auto done =
        before.when(list("{'text':'new'},{'id':" + quoted(two) + ",'text':'two','done':true}"));
    CHECK(
        *done.only<task_edited>().checklist.value ==
        std::vector<checklist_item>{
            {before.context().make_id<checklist_item_id>(1), "new", false}, {two, "two", true}
        }
    );
    before.when(list("{'id':" + quoted(one) + ",'text':'a'},{'id':" + quoted(one) + ",'text':'b'}"))
        .refused_field("checklist.1.id", "duplicate");
    before
        .when(
            list("{'id':" + quoted(one) + ",'text':'one'},{'id':" + quoted(two) + ",'text':'two'}")
        )
        .then_nothing();
}

TEST_CASE("what was deleted or never was cannot be changed") {
    auto before = desk();
    before.given(task_deleted{page, site, task_status::todo, {}});
    before.when(edit("'title':'Read'")).refused(refusal_code::not_found);
    before.when(delete_task{page}).refused(refusal_code::not_found);
    before.when(command_on<move_task>("task_id", page)).refused(refusal_code::not_found);
    before.when(command_on<edit_task>("task_id", no_task)).refused(refusal_code::not_found);
    before.when(restore_task{no_task}).refused(refusal_code::not_found);
}

TEST_CASE("tasks go with their project") {
    auto before = office();
    before.given(task_in(page, ruin));
    before.when(edit("'status':'in_review'")).refused(refusal_code::not_found);
    before.when(restore_task{page}).refused(refusal_code::not_found);
    before.given(task_deleted{page, ruin, task_status::todo, {}});
    before.when(restore_task{page}).refused(refusal_code::task_closed);
}

TEST_CASE("several tasks change together, in one commit") {
    const auto request = command<bulk_edit_tasks>(
        "{'task_ids':[" + quoted(menu) + "," + quoted(page) +
        "],'changes':{'status':'in_progress','assignee_id':" + quoted(bea) + "}}"
    );
    const auto done = desk().when(request);
    REQUIRE(done.events().size() == 4);
    const auto& first = std::get<task_moved>(done.events()[1].event);
    const auto& second = std::get<task_moved>(done.events()[3].event);
    done.then(
        task_assigned{menu, site, task_status::todo, bea, {}},
        task_moved{menu, site, bea, task_status::todo, task_status::in_progress, first.rank},
        task_assigned{page, site, task_status::todo, bea, {}},
        task_moved{page, site, bea, task_status::todo, task_status::in_progress, second.rank}
    );
    CHECK(first.rank < second.rank);
    const auto answer = done.reply(request);
    REQUIRE(answer.tasks.size() == 2);
    CHECK(answer.tasks[0].id == menu);
    CHECK(answer.tasks[1].status == task_status::in_progress);
}

TEST_CASE("of several tasks all change or none, and every bad id is named") {
    const auto done = desk().when(command<bulk_edit_tasks>(
        "{'task_ids':[" + quoted(page) + "," + quoted(no_task) + "," + quoted(page) + "," +
        quoted(form) + "],'changes':{'priority':'low'}}"
    ));
    done.refused_field("task_ids.1", "not_found");
    done.refused_field("task_ids.2", "duplicate");
    done.refused_field("task_ids.3", "not_found");
    desk()
        .when(command<bulk_edit_tasks>("{'task_ids':[],'changes':{}}"))
        .refused_field("task_ids", "empty");
}

TEST_CASE("several tasks that are so already do not change") {
    desk()
        .when(command<bulk_edit_tasks>(
            "{'task_ids':[" + quoted(page) + "," + quoted(menu) + "],'changes':{'status':'todo'}}"
        ))
        .then_nothing();
}

TEST_CASE("open tasks are counted for projects and assignees") {
    auto before = office();
    auto assigned = task_in(page);
    assigned.assignee_id = bea;
    before.given(assigned, task_in(menu));
    const auto open = [&](user_id user) { return before.directory().member(user)->open_tasks; };
    const auto in_site = [&] { return before.directory().project(site)->open_tasks; };
    CHECK(open(bea) == 1);
    CHECK(in_site() == 2);
    before.given(task_assigned{page, site, task_status::todo, bob, bea});
    CHECK(open(bea) == 0);
    CHECK(open(bob) == 1);
    CHECK(in_site() == 2);
    before.given(task_completed{page, site, bob, task_status::todo, task_status::done, "a"});
    CHECK(open(bob) == 0);
    CHECK(in_site() == 1);
    before.given(task_reopened{page, site, bob, task_status::done, task_status::todo, "a"});
    before.given(task_deleted{page, site, task_status::todo, bob});
    CHECK(open(bob) == 0);
    CHECK(in_site() == 1);
    before.given(task_restored{page, site, task_status::todo, bob});
    CHECK(open(bob) == 1);
    CHECK(in_site() == 2);
}
