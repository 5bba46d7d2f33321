#include "projections/projects.hpp"

#include "projections/patching.hpp"

namespace teamflow::projections {

namespace {

void created(
    unit_of_work& rows, const events::project_created& event, const event_context& context
) {
    rows.put(project_row{
        .id = event.project_id,
        .organization_id = context.head.organization,
        .name = event.name,
        .key = event.key,
        .description = event.description,
        .colour = event.colour,
        .archived = false,
        .created_by = context.user(),
        .created_at = context.head.time,
        .updated_at = context.head.time,
        .version = context.head.stream_version
    });
}

project_row& touched(unit_of_work& rows, events::project_id project, const event_context& context) {
    auto& row = rows.existing<project_row>(project);
    row.updated_at = context.head.time;
    row.version = context.head.stream_version;
    return row;
}

void edited(unit_of_work& rows, const events::project_edited& event, const event_context& context) {
    auto& row = touched(rows, event.project_id, context);
    apply(event.name, row.name);
    apply(event.key, row.key);
    apply(event.description, row.description);
    apply(event.colour, row.colour);
}

void archived(
    unit_of_work& rows, const events::project_archived& event, const event_context& context
) {
    touched(rows, event.project_id, context).archived = true;
}

void restored(
    unit_of_work& rows, const events::project_restored& event, const event_context& context
) {
    touched(rows, event.project_id, context).archived = false;
}

void deleted(unit_of_work& rows, const events::project_deleted& event, const event_context&) {
    rows.erase<project_row>(event.project_id);
}

}  // namespace

projection projects() {
    return {
        .name = "projects",
        .version = 1,
        .tables = tables_of<project_row>(),
        .handlers =
            {on<events::project_created>(created),
             on<events::project_edited>(edited),
             on<events::project_archived>(archived),
             on<events::project_restored>(restored),
             on<events::project_deleted>(deleted)},
    };
}

}  // namespace teamflow::projections
