#include "commands/task.hpp"

#include "gateway/routes/families.hpp"

namespace teamflow::gateway {

routes task_routes() {
    using namespace commands;
    const path_members by_id{{"id", "task_id"}};
    return {
        command<create_task>(
            method::post, "/tasks", "Create a task", {.status = 201, .location = "/tasks"}
        ),
        command<edit_task>(method::patch, "/tasks/{id}", "Edit a task", {}, by_id),
        command<delete_task>(method::del, "/tasks/{id}", "Delete a task", {}, by_id),
        command<restore_task>(
            method::post, "/tasks/{id}/restore", "Bring a deleted task back", {}, by_id
        ),
    };
}

}  // namespace teamflow::gateway
