#include "projections/users.hpp"

namespace teamflow::projections {

namespace {

void registered(
    unit_of_work& rows, const events::user_registered& event, const event_context& context
) {
    rows.put(account_row{
        .id = event.user_id,
        .email = event.email,
        .email_hmac = event.email_hmac,
        .name = event.name,
        .organization_id = event.organization(),
        .created_at = context.head.time,
        .updated_at = context.head.time,
        .version = context.head.stream_version,
        .erased_at = {}
    });
}

void touch(account_row& row, const event_context& context) {
    row.updated_at = context.head.time;
    row.version = context.head.stream_version;
}

void profile_changed(
    unit_of_work& rows, const events::profile_changed& event, const event_context& context
) {
    auto& row = rows.existing<account_row>(event.user_id);
    row.name = event.name;
    touch(row, context);
}

void password_changed(
    unit_of_work& rows, const events::password_changed& event, const event_context& context
) {
    touch(rows.existing<account_row>(event.user_id), context);
}

void erased(unit_of_work& rows, const events::user_erased& event, const event_context& context) {
    auto& row = rows.existing<account_row>(event.user_id);
    row.email_hmac.clear();
    row.erased_at = context.head.time;
    touch(row, context);
}

}  // namespace

projection users() {
    return {
        .name = "users",
        .version = 2,
        .tables = tables_of<account_row>(),
        .handlers =
            {on<events::user_registered>(registered),
             on<events::profile_changed>(profile_changed),
             on<events::password_changed>(password_changed),
             on<events::user_erased>(erased)},
    };
}

}  // namespace teamflow::projections
