#pragma once
// Every command of the program, in one list: what may be sent to another process by its name.

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

namespace teamflow::commands {

struct register_user;
struct change_profile;
struct record_password_change;
struct erase_user;
struct create_organization;
struct edit_organization;
struct change_member;
struct create_invitation;
struct accept_invitation;
struct revoke_invitation;
struct remove_erased_member;
struct erase_invitation;
struct create_project;
struct edit_project;
struct delete_project;
struct create_task;
struct edit_task;
struct move_task;
struct delete_task;
struct restore_task;
struct bulk_edit_tasks;
struct create_template;
struct edit_template;
struct deactivate_template;
struct apply_template;
struct preview_template;
struct start_timer;
struct stop_timer;
struct discard_timer;
struct flag_timer;
struct add_time_log;
struct edit_time_log;
struct delete_time_log;
struct record_admin_act;

using command_types = boost::mp11::mp_list<
    register_user,
    change_profile,
    record_password_change,
    erase_user,
    create_organization,
    edit_organization,
    change_member,
    create_invitation,
    accept_invitation,
    revoke_invitation,
    remove_erased_member,
    erase_invitation,
    create_project,
    edit_project,
    delete_project,
    create_task,
    edit_task,
    move_task,
    delete_task,
    restore_task,
    bulk_edit_tasks,
    create_template,
    edit_template,
    deactivate_template,
    apply_template,
    preview_template,
    start_timer,
    stop_timer,
    discard_timer,
    flag_timer,
    add_time_log,
    edit_time_log,
    delete_time_log,
    record_admin_act>;

/// Whether a type stands in the list; a command that does not cannot be issued.
template <class Command>
concept listed_command = boost::mp11::mp_contains<command_types, Command>::value;

}  // namespace teamflow::commands
