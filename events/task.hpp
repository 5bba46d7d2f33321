#pragma once
// The events of tasks; stream `task-<id>`.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <boost/mp11/list.hpp>

#include "events/ids.hpp"
#include "events/json/types.hpp"
#include "events/stream.hpp"
#include "events/time.hpp"

namespace teamflow::events {

/// In the order of the board's columns.
enum class task_status { todo, in_progress, in_review, done, cancelled };
BOOST_DESCRIBE_ENUM(task_status, todo, in_progress, in_review, done, cancelled)

enum class task_priority { low, medium, high, urgent };
BOOST_DESCRIBE_ENUM(task_priority, low, medium, high, urgent)

/// Whether a task of this status counts as work still to do.
constexpr bool is_open(task_status status) {
    return status != task_status::done && status != task_status::cancelled;
}

struct checklist_item {
    checklist_item_id id;
    std::string text;
    bool done = false;

    friend bool operator==(const checklist_item&, const checklist_item&) = default;
};
BOOST_DESCRIBE_STRUCT(checklist_item, (), (id, text, done))

struct task_created {
    static constexpr std::string_view type = "task.task_created";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary =
        "A task was created in a project, by hand or from a template.";

    events::task_id task_id;
    events::project_id project_id;
    std::string title;
    std::optional<std::string> description;
    task_status status = task_status::todo;
    task_priority priority = task_priority::medium;
    std::optional<user_id> assignee_id;
    std::vector<std::string> tags;
    std::optional<date> due_date;
    std::vector<checklist_item> checklist;
    std::optional<double> estimated_hours;
    std::optional<events::task_id> parent_task_id;
    /// Place in the board column: ranks compare as bytes, ties by task id.
    std::string rank;
    /// The template that it was made from.
    std::optional<events::template_id> template_id;

    [[nodiscard]] std::string stream() const { return stream_of(task_id); }

    friend bool operator==(const task_created&, const task_created&) = default;
};
BOOST_DESCRIBE_STRUCT(
    task_created,
    (),
    (task_id,
     project_id,
     title,
     description,
     status,
     priority,
     assignee_id,
     tags,
     due_date,
     checklist,
     estimated_hours,
     parent_task_id,
     rank,
     template_id)
)

/// Holds only the fields that changed; a field is null where it was cleared.
struct task_edited {
    static constexpr std::string_view type = "task.task_edited";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary =
        "Fields of a task were changed; only the changed ones are here, null where cleared.";

    events::task_id task_id;
    events::project_id project_id;
    json::replace<std::string> title;
    json::patch<std::string> description;
    json::replace<task_priority> priority;
    json::replace<std::vector<std::string>> tags;
    json::patch<date> due_date;
    json::replace<std::vector<checklist_item>> checklist;
    json::patch<double> estimated_hours;
    json::patch<events::task_id> parent_task_id;

    [[nodiscard]] std::string stream() const { return stream_of(task_id); }

    friend bool operator==(const task_edited&, const task_edited&) = default;
};
BOOST_DESCRIBE_STRUCT(
    task_edited,
    (),
    (task_id,
     project_id,
     title,
     description,
     priority,
     tags,
     due_date,
     checklist,
     estimated_hours,
     parent_task_id)
)

struct task_assigned {
    static constexpr std::string_view type = "task.task_assigned";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary =
        "A task was given to somebody, or to nobody when assignee_id is null.";

    events::task_id task_id;
    events::project_id project_id;
    task_status status = task_status::todo;
    std::optional<user_id> assignee_id;
    std::optional<user_id> previous_assignee_id;

    [[nodiscard]] std::string stream() const { return stream_of(task_id); }

    friend bool operator==(const task_assigned&, const task_assigned&) = default;
};
BOOST_DESCRIBE_STRUCT(
    task_assigned, (), (task_id, project_id, status, assignee_id, previous_assignee_id)
)

/// A change of column, of place within it (from equals to), or of both.
struct task_moved {
    static constexpr std::string_view type = "task.task_moved";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary =
        "A task went to another place on the board without being finished or taken up again.";

    events::task_id task_id;
    events::project_id project_id;
    std::optional<user_id> assignee_id;
    task_status from = task_status::todo;
    task_status to = task_status::todo;
    std::string rank;

    [[nodiscard]] std::string stream() const { return stream_of(task_id); }

    friend bool operator==(const task_moved&, const task_moved&) = default;
};
BOOST_DESCRIBE_STRUCT(task_moved, (), (task_id, project_id, assignee_id, from, to, rank))

struct task_completed {
    static constexpr std::string_view type = "task.task_completed";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary = "A task is done.";

    events::task_id task_id;
    events::project_id project_id;
    std::optional<user_id> assignee_id;
    task_status from = task_status::todo;
    task_status to = task_status::done;
    std::string rank;

    [[nodiscard]] std::string stream() const { return stream_of(task_id); }

    friend bool operator==(const task_completed&, const task_completed&) = default;
};
BOOST_DESCRIBE_STRUCT(task_completed, (), (task_id, project_id, assignee_id, from, to, rank))

struct task_reopened {
    static constexpr std::string_view type = "task.task_reopened";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary = "A task that was done is open again.";

    events::task_id task_id;
    events::project_id project_id;
    std::optional<user_id> assignee_id;
    task_status from = task_status::done;
    task_status to = task_status::todo;
    std::string rank;

    [[nodiscard]] std::string stream() const { return stream_of(task_id); }

    friend bool operator==(const task_reopened&, const task_reopened&) = default;
};
BOOST_DESCRIBE_STRUCT(task_reopened, (), (task_id, project_id, assignee_id, from, to, rank))

struct task_deleted {
    static constexpr std::string_view type = "task.task_deleted";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary =
        "A task was deleted; its running timers were discarded in the same commit.";

    events::task_id task_id;
    events::project_id project_id;
    task_status status = task_status::todo;
    std::optional<user_id> assignee_id;

    [[nodiscard]] std::string stream() const { return stream_of(task_id); }

    friend bool operator==(const task_deleted&, const task_deleted&) = default;
};
BOOST_DESCRIBE_STRUCT(task_deleted, (), (task_id, project_id, status, assignee_id))

struct task_restored {
    static constexpr std::string_view type = "task.task_restored";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary = "A deleted task is back as it was.";

    events::task_id task_id;
    events::project_id project_id;
    task_status status = task_status::todo;
    std::optional<user_id> assignee_id;

    [[nodiscard]] std::string stream() const { return stream_of(task_id); }

    friend bool operator==(const task_restored&, const task_restored&) = default;
};
BOOST_DESCRIBE_STRUCT(task_restored, (), (task_id, project_id, status, assignee_id))

using task_events = boost::mp11::mp_list<
    task_created,
    task_edited,
    task_assigned,
    task_moved,
    task_completed,
    task_reopened,
    task_deleted,
    task_restored>;

}  // namespace teamflow::events
