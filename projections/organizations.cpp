#include "projections/organizations.hpp"

namespace teamflow::projections {

namespace {

void created(
    unit_of_work& rows, const events::organization_created& event, const event_context& context
) {
    organization_row row;
    row.id = event.organization_id;
    row.name = event.name;
    row.created_at = context.head.time;
    row.updated_at = context.head.time;
    row.version = context.head.stream_version;
    rows.put(std::move(row));
}

void settings_changed(
    unit_of_work& rows,
    const events::organization_settings_changed& event,
    const event_context& context
) {
    auto& row = rows.existing<organization_row>(event.organization_id);
    row.name = event.name.value_or(row.name);
    row.single_running_timer = event.single_running_timer.value_or(row.single_running_timer);
    row.time_zone = event.time_zone.value_or(row.time_zone);
    row.max_concurrent_generations =
        event.max_concurrent_generations.value_or(row.max_concurrent_generations);
    row.updated_at = context.head.time;
    row.version = context.head.stream_version;
}

void member_added(
    unit_of_work& rows, const events::member_added& event, const event_context& context
) {
    rows.put(member_row{
        .organization_id = event.organization_id,
        .user_id = event.user_id,
        .role = event.role,
        .active = true,
        .joined_at = event.joined_at,
        .updated_at = context.head.time,
        .version = context.head.stream_version
    });
}

void member_changed(
    unit_of_work& rows, const events::member_changed& event, const event_context& context
) {
    auto& row = rows.existing<member_row>(event.organization_id, event.user_id);
    row.role = event.role;
    row.active = event.active;
    row.updated_at = context.head.time;
    row.version = context.head.stream_version;
}

void invitation_created(
    unit_of_work& rows, const events::invitation_created& event, const event_context& context
) {
    rows.put(invitation_row{
        .id = event.invitation_id,
        .organization_id = event.organization_id,
        .email = event.email,
        .email_hmac = event.email_hmac,
        .role = event.role,
        .token_hash = event.token_hash,
        .status = invitation_status::open,
        .expires_at = event.expires_at,
        .created_by = context.user(),
        .created_at = context.head.time,
        .accepted_by = {},
        .version = context.head.stream_version
    });
}

void invitation_accepted(
    unit_of_work& rows, const events::invitation_accepted& event, const event_context& context
) {
    auto& row = rows.existing<invitation_row>(event.invitation_id);
    row.status = invitation_status::accepted;
    row.accepted_by = event.user_id;
    row.version = context.head.stream_version;
}

void invitation_revoked(
    unit_of_work& rows, const events::invitation_revoked& event, const event_context& context
) {
    auto& row = rows.existing<invitation_row>(event.invitation_id);
    row.status = invitation_status::revoked;
    row.version = context.head.stream_version;
}

void invitation_erased(
    unit_of_work& rows, const events::invitation_erased& event, const event_context& context
) {
    auto& row = rows.existing<invitation_row>(event.invitation_id);
    row.email_hmac.clear();
    row.version = context.head.stream_version;
}

}  // namespace

projection organizations() {
    return {
        .name = "organizations",
        .version = 2,
        .tables = tables_of<organization_row, member_row, invitation_row>(),
        .handlers =
            {on<events::organization_created>(created),
             on<events::organization_settings_changed>(settings_changed),
             on<events::member_added>(member_added),
             on<events::member_changed>(member_changed),
             on<events::invitation_created>(invitation_created),
             on<events::invitation_accepted>(invitation_accepted),
             on<events::invitation_revoked>(invitation_revoked),
             on<events::invitation_erased>(invitation_erased)},
    };
}

}  // namespace teamflow::projections
