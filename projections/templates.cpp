#include "projections/templates.hpp"

#include "projections/patching.hpp"

namespace teamflow::projections {

namespace {

void created(
    unit_of_work& rows, const events::template_created& event, const event_context& context
) {
    rows.put(template_row{
        .id = event.template_id,
        .organization_id = context.head.organization,
        .name = event.name,
        .description = event.description,
        .category = event.category,
        .template_data = event.template_data,
        .usage_count = 0,
        .is_active = true,
        .created_by = context.user(),
        .created_at = context.head.time,
        .updated_at = context.head.time,
        .version = context.head.stream_version
    });
}

template_row& touched(unit_of_work& rows, events::template_id which, const event_context& context) {
    auto& row = rows.existing<template_row>(which);
    row.updated_at = context.head.time;
    row.version = context.head.stream_version;
    return row;
}

void edited(
    unit_of_work& rows, const events::template_edited& event, const event_context& context
) {
    auto& row = touched(rows, event.template_id, context);
    apply(event.name, row.name);
    apply(event.description, row.description);
    apply(event.category, row.category);
    apply(event.template_data, row.template_data);
}

void deactivated(
    unit_of_work& rows, const events::template_deactivated& event, const event_context& context
) {
    touched(rows, event.template_id, context).is_active = false;
}

void reactivated(
    unit_of_work& rows, const events::template_reactivated& event, const event_context& context
) {
    touched(rows, event.template_id, context).is_active = true;
}

/// Lies in the stream of the template's uses: the template's own version stays.
void applied(unit_of_work& rows, const events::template_applied& event, const event_context&) {
    ++rows.existing<template_row>(event.template_id).usage_count;
}

}  // namespace

projection templates() {
    return {
        .name = "templates",
        .version = 1,
        .tables = tables_of<template_row>(),
        .handlers =
            {on<events::template_created>(created),
             on<events::template_edited>(edited),
             on<events::template_deactivated>(deactivated),
             on<events::template_reactivated>(reactivated),
             on<events::template_applied>(applied)},
    };
}

}  // namespace teamflow::projections
