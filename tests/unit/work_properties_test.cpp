// Random commands against a random office: what must hold whatever people do.

#include <map>
#include <set>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "commands/project.hpp"
#include "commands/task.hpp"
#include "commands/template.hpp"
#include "commands/time_log.hpp"
#include "tests/support/work.hpp"

using namespace teamflow;
using namespace teamflow::commands;
using namespace teamflow::tests;
using namespace teamflow::events;

namespace {

/// Four numbers from which one step follows; which ones matter depends on the step.
struct step {
    std::uint8_t kind = 0;
    std::uint8_t who = 0;
    std::uint8_t what = 0;
    std::uint8_t how = 0;
    std::int16_t minutes = 0;
};

template <class T>
const T& pick(const std::vector<T>& from, std::size_t n) {
    return from[n % from.size()];
}

template <class T>
json::patch<T> patch_of(std::uint8_t how, T value) {
    using action = json::patch<T>::action;
    switch (how % 3) {
        case 0:
            return {};
        case 1:
            return {action::clear, {}};
        default:
            return {action::replace, std::move(value)};
    }
}

class playground {
public:
    playground() {
        context_.organization = the_organization;
        context_.now = noon();
        for (const auto user : users_) {
            context_.actor = user;
            add(member_added{the_organization, user, role::member, context_.now, {}});
        }
        add(member_changed{the_organization, ann, role::owner, true, role::member, true});
        add(member_changed{the_organization, adam, role::admin, true, role::member, true});
        add(member_changed{the_organization, vic, role::viewer, true, role::member, true});
        add(project_created{site, "Site", "SITE", {}, {}});
        add(project_created{shop, "Shop", "SHOP", {}, {}});
    }

    void take(const step& step) {
        context_.actor = pick(users_, step.who);
        // The clock may go back, too.
        context_.now += std::chrono::minutes(step.minutes % 600);
        ++context_.seed;
        // Mostly everyday work: a closed project or an inactive user makes for dull days.
        const int kind = step.kind % 20;
        if (kind < 3) {
            create(step);
        } else if (kind < 6) {
            change_task(step);
        } else if (kind < 9) {
            place_task(step);
        } else if (kind < 13) {
            track(step);
        } else if (kind < 16) {
            change_log(step);
        } else if (kind < 19) {
            use_templates(step);
        } else {
            change_office(step);
        }
    }

    void check() {
        check_counts();
        check_timers();
    }

private:
    void add(const event& happened) {
        history_.add(happened, context_.now, context_.actor);
        std::visit(
            [&]<class E>(const E& each) {
                if constexpr (requires { each.task_id; }) {
                    tasks_seen_.insert(each.task_id);
                }
                if constexpr (requires { each.time_log_id; }) {
                    logs_seen_.insert(each.time_log_id);
                }
                if constexpr (requires { each.duration_seconds; }) {
                    RC_ASSERT(std::optional<std::int64_t>(each.duration_seconds).value_or(0) >= 0);
                }
                if constexpr (std::is_same_v<E, template_created>) {
                    templates_.push_back(each.template_id);
                }
            },
            happened
        );
        tasks_.assign(tasks_seen_.begin(), tasks_seen_.end());
        tasks_.push_back(no_task);
        logs_.assign(logs_seen_.begin(), logs_seen_.end());
        logs_.push_back(make_id<time_log_id>(199));
    }

    /// As the writer would: check, decide, append, answer. Nothing may throw.
    template <class Command>
    void run(const Command& command) {
        if (check_access_to<Command>(history_.directory(), context_)) {
            return;
        }
        const auto names = streams(command, history_.directory(), context_);
        RC_ASSERT(std::set(names.begin(), names.end()).size() == names.size());
        const auto decided = decide(command, history_.view_of(names), context_);
        if (!decided) {
            RC_ASSERT(!decided.error().message.empty());
            return;
        }
        for (const auto& [stream, happened] : *decided) {
            RC_ASSERT(std::ranges::find(names, stream) != names.end());
            RC_ASSERT(stream == stream_of(happened));
            RC_ASSERT(encode(*decode(type_of(happened), 1, encode(happened))) == encode(happened));
            add(happened);
        }
        const auto answer = reply(command, history_.view_of(names), context_);
        RC_ASSERT(!json::to_json(answer).empty());
        const auto again = decide(command, history_.view_of(names), context_);
        RC_ASSERT(!repeats_nothing<Command> || (again.has_value() && again->empty()));
    }

    /// Commands that say how something is to be: the second one finds it so.
    template <class Command>
    static constexpr bool repeats_nothing =
        std::is_same_v<Command, edit_task> || std::is_same_v<Command, bulk_edit_tasks> ||
        std::is_same_v<Command, restore_task> || std::is_same_v<Command, edit_time_log> ||
        std::is_same_v<Command, edit_template> || std::is_same_v<Command, deactivate_template> ||
        std::is_same_v<Command, flag_timer>;

    task_id task(const step& step) const { return pick(tasks_, step.what); }

    static task_status status(std::uint8_t n) { return static_cast<task_status>(n % 5); }

    void create(const step& step) {
        create_task command;
        command.project_id = pick<project_id>({site, shop, ruin}, step.how);
        command.title.value = "Task";
        command.status.value = status(step.what);
        if (step.how % 2 == 0) {
            command.assignee_id = pick(users_, step.how);
        }
        if (step.how % 5 == 0) {
            command.parent_task_id = task(step);
        }
        run(command);
    }

    void change_task(const step& step) {
        if (step.how % 4 == 0) {
            bulk_edit_tasks command;
            command.task_ids.values = {task(step), pick(tasks_, step.how)};
            command.changes.status.value = status(step.how);
            command.changes.assignee_id = patch_of(step.who, pick(users_, step.how));
            run(command);
            return;
        }
        edit_task command;
        command.task_id = task(step);
        command.assignee_id = patch_of(step.how, pick(users_, step.how));
        command.parent_task_id = patch_of(step.who, pick(tasks_, step.how));
        if (step.how % 2 == 0) {
            command.status.value = status(step.how);
            // Without ids these would be new items each time.
            command.checklist.value.emplace();
        }
        run(command);
    }

    void place_task(const step& step) {
        switch (step.how % 6) {
            case 0:
                run(delete_task{task(step)});
                break;
            case 1:
                run(restore_task{task(step)});
                break;
            default:
                move_task command;
                command.task_id = task(step);
                command.status = status(step.who);
                if (step.how % 2 == 0) {
                    command.after_id = pick(tasks_, step.how);
                }
                if (step.how % 3 == 0) {
                    command.before_id = pick(tasks_, step.who);
                }
                run(command);
        }
    }

    void track(const step& step) {
        switch (step.how % 6) {
            case 0:
                run(discard_timer{task(step)});
                break;
            case 1:
            case 2:
                run(stop_timer{task(step)});
                break;
            default:
                start_timer command;
                command.task_id = task(step);
                run(command);
        }
    }

    void change_log(const step& step) {
        const auto log = pick(logs_, step.what);
        switch (step.how % 5) {
            case 0: {
                add_time_log command;
                command.task_id = task(step);
                command.start_time = context_.now - std::chrono::minutes(step.how);
                command.end_time = context_.now + std::chrono::minutes(step.minutes % 10);
                command.user_id = pick(users_, step.how);
                run(command);
                break;
            }
            case 1:
                run(delete_time_log{log});
                break;
            case 2:
                context_.actor = {};
                run(flag_timer{log});
                break;
            default:
                edit_time_log command;
                command.time_log_id = log;
                if (step.how % 2 == 0) {
                    command.start_time.value = context_.now - std::chrono::minutes(step.how * 10);
                }
                if (step.how % 3 == 0) {
                    command.end_time.value = context_.now - std::chrono::minutes(step.how);
                }
                command.is_billable.value = step.who % 2 == 0;
                run(command);
        }
    }

    void use_templates(const step& step) {
        const auto source = pick(templates_, step.what);
        switch (step.how % 5) {
            case 0: {
                create_template command;
                command.name.value = "Plan";
                command.template_data.title_template.value = step.what % 4 == 0 ? "{" : "Plan {x}";
                command.template_data.assignee_criteria =
                    assignee_criteria{static_cast<role>(step.what % 4)};
                run(command);
                break;
            }
            case 1: {
                edit_template command;
                command.template_id = source;
                command.is_active.value = step.who % 2 == 0;
                run(command);
                break;
            }
            case 2:
                run(deactivate_template{source});
                break;
            default:
                const template_variables variables{{step.who % 5 == 0 ? "y" : "x", "1"}};
                run(apply_template{source, site, variables});
                run(preview_template{source, shop, variables});
        }
    }

    void change_office(const step& step) {
        const auto user = pick(users_, step.what);
        switch (step.how % 8) {
            case 0:
            case 3:
            case 4: {
                organization_settings_changed change;
                change.organization_id = the_organization;
                change.single_running_timer = step.who % 2 == 0;
                add(change);
                break;
            }
            case 1: {
                edit_project command;
                command.project_id = site;
                command.archived.value = step.who % 4 == 0;
                run(command);
                break;
            }
            case 2:
                run(delete_project{pick<project_id>({site, shop}, step.what)});
                break;
            default:
                const auto& member = *history_.directory().member(user);
                add(member_changed{
                    the_organization,
                    user,
                    member.role,
                    step.who % 4 != 0,
                    member.role,
                    member.active
                });
        }
    }

    template <class State, class Id>
    const State* state_of(const Id& id) {
        return history_.view_of({stream_of(id)}).template find<State>(stream_of(id));
    }

    void check_counts() {
        std::map<user_id, std::int64_t> by_user;
        std::map<project_id, std::int64_t> by_project;
        for (const auto id : tasks_seen_) {
            const auto* const task = state_of<task_state>(id);
            if (task != nullptr && !task->deleted && is_open(task->status)) {
                ++by_project[task->project_id];
                if (task->assignee_id) {
                    ++by_user[*task->assignee_id];
                }
            }
        }
        for (const auto& [id, member] : history_.directory().members()) {
            RC_ASSERT(member.open_tasks == by_user[id]);
        }
        for (const auto& [id, project] : history_.directory().projects()) {
            RC_ASSERT(project.open_tasks == by_project[id]);
            RC_ASSERT(!project.deleted || project.open_tasks == 0);
        }
    }

    void check_timers() {
        std::map<std::pair<task_id, user_id>, running_timer> running;
        for (const auto id : logs_seen_) {
            const auto* const log = state_of<time_log_state>(id);
            if (log != nullptr && log->running()) {
                const auto [entry, added] = running.try_emplace(
                    {log->task_id, log->user_id},
                    log->id,
                    log->task_id,
                    log->project_id,
                    log->user_id,
                    log->start_time,
                    log->flagged
                );
                RC_ASSERT(added);
                RC_ASSERT(!state_of<task_state>(log->task_id)->deleted);
            }
        }
        const auto known = history_.directory().timers();
        RC_ASSERT(known.size() == running.size());
        for (const auto& timer : known) {
            RC_ASSERT(running.at({timer.task_id, timer.user_id}) == timer);
        }
    }

    history history_;
    context context_;
    std::vector<user_id> users_{ann, adam, bob, bea, vic};
    std::set<task_id> tasks_seen_;
    std::set<time_log_id> logs_seen_;
    std::vector<task_id> tasks_{no_task};
    std::vector<time_log_id> logs_{make_id<time_log_id>(199)};
    std::vector<template_id> templates_{make_id<template_id>(198)};
};

rc::Gen<step> any_step() {
    return rc::gen::build<step>(
        rc::gen::set(&step::kind),
        rc::gen::set(&step::who),
        rc::gen::set(&step::what),
        rc::gen::set(&step::how),
        rc::gen::set(&step::minutes)
    );
}

}  // namespace

TEST_CASE("whatever people do, the directory counts what the streams say, and nothing throws") {
    CHECK(rc::check([] {
        const auto steps = *rc::gen::resize(300, rc::gen::container<std::vector<step>>(any_step()));
        playground office;
        for (const auto& step : steps) {
            office.take(step);
        }
        office.check();
    }));
}
