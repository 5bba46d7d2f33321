#include "commands/task.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "commands/patching.hpp"
#include "commands/task_rules.hpp"

namespace teamflow::commands {

namespace json = events::json;

namespace {

/// Names `parent_task_id` unless the parent can have this task as a subtask. Subtasks have none of
/// their own; since every link leads to a task without a parent, links never close a circle.
void check_parent(
    json::problems& problems,
    events::task_id id,
    events::project_id project,
    events::task_id parent_id,
    const view& view
) {
    constexpr const char* field = "parent_task_id";
    if (parent_id == id) {
        problems.push_back({field, "cycle", "a task cannot be its own parent"});
        return;
    }
    const auto parent = present_task(parent_id, view);
    if (!parent || (*parent)->project_id != project) {
        problems.push_back({field, "not_found", "there is no such task in this project"});
    } else if ((*parent)->parent_task_id) {
        problems.push_back({field, "is_subtask", "a subtask cannot have subtasks"});
    }
}

std::vector<events::checklist_item> new_checklist(
    const create_task& command, const context& context
) {
    std::vector<events::checklist_item> items;
    if (command.checklist) {
        for (const auto& [text, done] : command.checklist->values) {
            // Number 0 is the task.
            const auto id = context.make_id<events::checklist_item_id>(items.size() + 1);
            items.push_back({id, text.value, done.value});
        }
    }
    return items;
}

/// The checklist as it is to be: items keep their ids, new ones get one.
std::vector<events::checklist_item> edited_checklist(
    json::problems& problems,
    const task_state& task,
    const std::vector<edited_checklist_item>& requested,
    const context& context
) {
    std::vector<events::checklist_item> items;
    std::set<events::checklist_item_id> seen;
    for (const auto& [id, text, done] : requested) {
        const std::string field = "checklist." + std::to_string(items.size()) + ".id";
        if (id && std::ranges::find(task.checklist, *id, &events::checklist_item::id) ==
                      task.checklist.end()) {
            problems.push_back({field, "not_found", "the task has no such item"});
        } else if (id && !seen.insert(*id).second) {
            problems.push_back({field, "duplicate", "is there twice"});
        }
        const auto fresh = context.make_id<events::checklist_item_id>(items.size() + 1);
        items.push_back({id.value_or(fresh), text.value, done.value});
    }
    return items;
}

json::replace<std::vector<std::string>> changed_tags(
    const task_state& task, const json::replace<task_tags>& request
) {
    json::replace<std::vector<std::string>> clean;
    if (request.value) {
        clean.value = clean_tags(*request.value);
    }
    return changed(task.tags, clean);
}

json::replace<std::vector<events::checklist_item>> changed_checklist(
    json::problems& problems,
    const task_state& task,
    const edit_task& command,
    const context& context
) {
    json::replace<std::vector<events::checklist_item>> items;
    if (command.checklist.value) {
        items.value = edited_checklist(problems, task, command.checklist.value->values, context);
    }
    return changed(task.checklist, items);
}

intended_task intended(const task_state& task, const task_changes& changes) {
    events::task_edited edited;
    edited.task_id = task.id;
    edited.project_id = task.project_id;
    edited.priority = changed(task.priority, changes.priority);
    edited.tags = changed_tags(task, changes.tags);
    edited.due_date = changed(task.due_date, changes.due_date);
    edited.estimated_hours = changed(task.estimated_hours, changes.estimated_hours);
    return {
        std::move(edited),
        patched(task.assignee_id, changes.assignee_id),
        changes.status.value.value_or(task.status)
    };
}

}  // namespace

std::vector<std::string> streams(
    const create_task& command, const directory&, const context& context
) {
    std::vector<std::string> names{stream_of(context.make_id<events::task_id>(0))};
    if (command.parent_task_id) {
        names.push_back(stream_of(*command.parent_task_id));
    }
    return names;
}

decision decide(const create_task& command, const view& view, const context& context) {
    if (auto closed = check_open_project(command.project_id, view.organization())) {
        return std::unexpected(*std::move(closed));
    }
    const auto id = context.make_id<events::task_id>(0);
    json::problems problems;
    check_assignee(problems, "assignee_id", {}, command.assignee_id, view.organization());
    if (command.parent_task_id) {
        check_parent(problems, id, command.project_id, *command.parent_task_id, view);
    }
    if (!problems.empty()) {
        return std::unexpected(invalid(std::move(problems)));
    }
    return emit(events::task_created{
        .task_id = id,
        .project_id = command.project_id,
        .title = command.title.value,
        .description = plain_or_null(command.description),
        .status = command.status.value,
        .priority = command.priority.value,
        .assignee_id = command.assignee_id,
        .tags = clean_tags(command.tags.value_or(task_tags{})),
        .due_date = command.due_date,
        .checklist = new_checklist(command, context),
        .estimated_hours = plain_or_null(command.estimated_hours),
        .parent_task_id = command.parent_task_id,
        .rank = rank_at_end(context, 0),
        .template_id = std::nullopt
    });
}

task_resource reply(const create_task&, const view& view, const context& context) {
    return task_resource_of(context.make_id<events::task_id>(0), view);
}

std::vector<std::string> streams(const edit_task& command, const directory&, const context&) {
    std::vector<std::string> names{stream_of(command.task_id)};
    const auto& parent = command.parent_task_id;
    if (parent.replaces() && parent.value != command.task_id) {
        names.push_back(stream_of(parent.value));
    }
    return names;
}

decision decide(const edit_task& command, const view& view, const context& context) {
    const auto present = present_task(command.task_id, view);
    if (!present) {
        return std::unexpected(present.error());
    }
    const task_state& task = **present;
    json::problems problems;
    if (command.project_id.value.value_or(task.project_id) != task.project_id) {
        problems.push_back({"project_id", "not_allowed", "a task stays in its project"});
    }
    auto wanted = intended(
        task,
        {command.status,
         command.priority,
         command.assignee_id,
         command.tags,
         command.due_date,
         command.estimated_hours}
    );
    wanted.edited.title = changed(task.title, command.title);
    wanted.edited.description = changed(task.description, command.description);
    wanted.edited.checklist = changed_checklist(problems, task, command, context);
    wanted.edited.parent_task_id = changed(task.parent_task_id, command.parent_task_id);
    check_assignee(
        problems, "assignee_id", task.assignee_id, wanted.assignee_id, view.organization()
    );
    if (const auto& parent = wanted.edited.parent_task_id; parent.replaces()) {
        check_parent(problems, task.id, task.project_id, parent.value, view);
    }
    if (!problems.empty()) {
        return std::unexpected(invalid(std::move(problems)));
    }
    pending_events all;
    append_changes(all, task, wanted, context, 0);
    return all;
}

task_resource reply(const edit_task& command, const view& view, const context&) {
    return task_resource_of(command.task_id, view);
}

std::vector<std::string> streams(
    const bulk_edit_tasks& command, const directory&, const context& context
) {
    if (command.task_ids.values.empty()) {
        // It is refused; the organization stands for the tasks that it does not name.
        return {stream_of(context.organization)};
    }
    std::vector<std::string> names;
    std::set<events::task_id> seen;
    for (const auto id : command.task_ids.values) {
        if (seen.insert(id).second) {
            names.push_back(stream_of(id));
        }
    }
    return names;
}

decision decide(const bulk_edit_tasks& command, const view& view, const context& context) {
    json::problems problems;
    pending_events all;
    std::set<events::task_id> seen;
    if (command.task_ids.values.empty()) {
        problems.push_back({"task_ids", "empty", "must name at least one task"});
    }
    for (std::size_t i = 0; i < command.task_ids.values.size(); ++i) {
        const auto id = command.task_ids.values[i];
        const std::string field = "task_ids." + std::to_string(i);
        const auto present = present_task(id, view);
        if (!present) {
            problems.push_back({field, "not_found", "there is no such task"});
        } else if (!seen.insert(id).second) {
            problems.push_back({field, "duplicate", "is there twice"});
        } else {
            append_changes(all, **present, intended(**present, command.changes), context, i);
        }
    }
    if (command.changes.assignee_id.replaces()) {
        check_assignee(
            problems,
            "changes.assignee_id",
            {},
            command.changes.assignee_id.value,
            view.organization()
        );
    }
    if (!problems.empty()) {
        return std::unexpected(invalid(std::move(problems)));
    }
    return all;
}

changed_tasks reply(const bulk_edit_tasks& command, const view& view, const context&) {
    changed_tasks answer;
    for (const auto id : command.task_ids.values) {
        answer.tasks.push_back(task_resource_of(id, view));
    }
    return answer;
}

}  // namespace teamflow::commands
