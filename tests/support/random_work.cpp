#include "tests/support/random_work.hpp"

#include <algorithm>
#include <array>

#include "events/json/described.hpp"

namespace teamflow::tests {

namespace {

constexpr std::array all_statuses{
    events::task_status::todo,
    events::task_status::in_progress,
    events::task_status::in_review,
    events::task_status::done,
    events::task_status::cancelled,
};

events::timestamp after(events::timestamp start, std::int64_t seconds) {
    return start + std::chrono::seconds(seconds);
}

}  // namespace

random_work::random_work(events::partition_id partition, std::uint64_t seed)
    : random_(seed), history_(partition) {
    history_.set_organization(history_.make_id<events::organization_id>());
    found_organization();
}

std::size_t random_work::pick(std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_);
}

events::timestamp random_work::tick() {
    now_ += std::chrono::milliseconds(1 + pick(100'000));
    history_.set_time(now_);
    return now_;
}

void random_work::found_organization() {
    for (int i = 0; i < 4; ++i) {
        users_.push_back(history_.make_id<events::user_id>());
    }
    history_.set_actor(users_.front());
    for (int i = 0; i < 3; ++i) {
        projects_.push_back(history_.make_id<events::project_id>());
        history_.commit({events::project_created{
            .project_id = projects_.back(),
            .name = "Project " + std::to_string(i),
            .key = "P" + std::to_string(i),
            .description = {},
            .colour = {}
        }});
    }
    for (int i = 0; i < 2; ++i) {
        events::template_created made;
        made.template_id = history_.make_id<events::template_id>();
        made.name = "Template " + std::to_string(i);
        made.template_data.title_template = "From {name}";
        usage_[made.template_id] = 0;
        history_.commit({made});
    }
}

void random_work::act(int acts) {
    for (int i = 0; i < acts; ++i) {
        tick();
        switch (pick(12)) {
            case 0:
            case 1:
            case 2:
                create_task();
                break;
            case 3:
                create_task_from_template();
                break;
            case 4:
            case 5:
                change_task();
                break;
            case 6:
                delete_or_restore_task();
                break;
            case 7:
                start_timer();
                break;
            case 8:
                end_timer();
                break;
            case 9:
                add_log();
                break;
            case 10:
                change_log();
                break;
            default:
                if (pick(4) == 0) {
                    history_.unfinished_commit({creation_of({})});
                    history_.claim();
                    history_.ghost(creation_of({}));
                }
        }
    }
}

events::task_created random_work::creation_of(const task& made) const {
    events::task_created event;
    event.task_id = made.id;
    event.project_id = made.project;
    event.title = made.title;
    event.status = made.status;
    event.rank = "m";
    event.tags = {"one", "two \"quoted\""};
    event.checklist = {{.id = {}, .text = "check", .done = true}};
    event.estimated_hours = 1.5;
    event.due_date = events::parse_date("2026-11-30");
    return event;
}

void random_work::create_task() {
    task made;
    made.id = history_.make_id<events::task_id>();
    made.project = projects_[pick(projects_.size())];
    made.title = "Task " + std::to_string(tasks_.size());
    made.status = all_statuses[pick(all_statuses.size())];
    made.version = 1;
    history_.commit({creation_of(made)});
    tasks_.push_back(made);
}

void random_work::create_task_from_template() {
    auto used = std::next(usage_.begin(), static_cast<std::ptrdiff_t>(pick(usage_.size())));
    task made;
    made.id = history_.make_id<events::task_id>();
    made.project = projects_[pick(projects_.size())];
    made.title = "From template";
    made.version = 1;
    history_.commit(
        {creation_of(made),
         events::template_applied{
             .template_id = used->first, .task_id = made.id, .project_id = made.project
         }}
    );
    ++used->second;
    tasks_.push_back(made);
}

events::event random_work::move(task& moved, events::task_status to) {
    const auto from = std::exchange(moved.status, to);
    if (to == events::task_status::done) {
        return events::task_completed{
            .task_id = moved.id,
            .project_id = moved.project,
            .assignee_id = moved.assignee,
            .from = from,
            .to = to,
            .rank = "n"
        };
    }
    return events::task_moved{
        .task_id = moved.id,
        .project_id = moved.project,
        .assignee_id = moved.assignee,
        .from = from,
        .to = to,
        .rank = "n"
    };
}

void random_work::change_task() {
    if (tasks_.empty()) {
        return;
    }
    task& changed = tasks_[pick(tasks_.size())];
    if (changed.deleted) {
        return;
    }
    std::vector<events::event> all;
    events::task_edited edit;
    edit.task_id = changed.id;
    edit.project_id = changed.project;
    changed.title += '\'';
    edit.title.value = changed.title;
    all.emplace_back(edit);
    if (pick(2) == 0) {
        all.push_back(move(changed, all_statuses[pick(all_statuses.size())]));
    }
    if (pick(2) == 0) {
        const auto before = std::exchange(changed.assignee, users_[pick(users_.size())]);
        all.emplace_back(events::task_assigned{
            .task_id = changed.id,
            .project_id = changed.project,
            .status = changed.status,
            .assignee_id = changed.assignee,
            .previous_assignee_id = before
        });
    }
    changed.version += static_cast<std::int64_t>(all.size());
    history_.commit(all);
}

void random_work::delete_or_restore_task() {
    if (tasks_.empty()) {
        return;
    }
    const std::size_t which = pick(tasks_.size());
    task& changed = tasks_[which];
    ++changed.version;
    if (changed.deleted) {
        changed.deleted = false;
        history_.commit({events::task_restored{
            .task_id = changed.id,
            .project_id = changed.project,
            .status = changed.status,
            .assignee_id = changed.assignee
        }});
        return;
    }
    changed.deleted = true;
    std::vector<events::event> all{events::task_deleted{
        .task_id = changed.id,
        .project_id = changed.project,
        .status = changed.status,
        .assignee_id = changed.assignee
    }};
    std::erase_if(logs_, [&](const log& each) {
        const bool discarded = each.task == which && !each.seconds;
        if (discarded) {
            all.emplace_back(events::timer_discarded{
                .time_log_id = each.id,
                .task_id = changed.id,
                .project_id = changed.project,
                .user_id = each.user,
                .start_time = each.start
            });
        }
        return discarded;
    });
    history_.commit(all);
}

void random_work::start_timer() {
    if (tasks_.empty()) {
        return;
    }
    const std::size_t which = pick(tasks_.size());
    if (tasks_[which].deleted) {
        return;
    }
    log made{
        .id = history_.make_id<events::time_log_id>(),
        .task = which,
        .user = users_[pick(users_.size())],
        .start = now_,
        .seconds = {},
        .billable = pick(2) == 0
    };
    history_.commit({events::timer_started{
        .time_log_id = made.id,
        .task_id = tasks_[which].id,
        .project_id = tasks_[which].project,
        .user_id = made.user,
        .start_time = made.start,
        .description = events::personal{.person = made.user, .sealed = "c2VhbGVk"},
        .category = "development",
        .is_billable = made.billable
    }});
    logs_.push_back(made);
}

void random_work::end_timer() {
    const auto running = std::ranges::find_if(logs_, [](const log& each) { return !each.seconds; });
    if (running == logs_.end()) {
        return;
    }
    const task& on = tasks_[running->task];
    if (pick(4) == 0) {
        history_.commit({events::timer_discarded{
            .time_log_id = running->id,
            .task_id = on.id,
            .project_id = on.project,
            .user_id = running->user,
            .start_time = running->start
        }});
        logs_.erase(running);
        return;
    }
    running->seconds =
        std::chrono::duration_cast<std::chrono::seconds>(now_ - running->start).count();
    history_.commit({events::timer_stopped{
        .time_log_id = running->id,
        .task_id = on.id,
        .project_id = on.project,
        .user_id = running->user,
        .start_time = running->start,
        .end_time = now_,
        .duration_seconds = *running->seconds,
        .category = "development",
        .is_billable = running->billable
    }});
}

void random_work::add_log() {
    if (tasks_.empty()) {
        return;
    }
    const std::size_t which = pick(tasks_.size());
    log made{
        .id = history_.make_id<events::time_log_id>(),
        .task = which,
        .user = users_[pick(users_.size())],
        .start = now_ - std::chrono::hours(48),
        .seconds = static_cast<std::int64_t>(pick(7200)),
        .billable = pick(2) == 0
    };
    history_.commit({events::log_added{
        .time_log_id = made.id,
        .task_id = tasks_[which].id,
        .project_id = tasks_[which].project,
        .user_id = made.user,
        .start_time = made.start,
        .end_time = after(made.start, *made.seconds),
        .duration_seconds = *made.seconds,
        .description = {},
        .category = {},
        .is_billable = made.billable
    }});
    logs_.push_back(made);
}

void random_work::change_log() {
    if (logs_.empty()) {
        return;
    }
    const std::size_t which = pick(logs_.size());
    log& changed = logs_[which];
    const task& on = tasks_[changed.task];
    if (changed.seconds && pick(3) == 0) {
        history_.commit({events::log_deleted{
            .time_log_id = changed.id,
            .task_id = on.id,
            .project_id = on.project,
            .user_id = changed.user,
            .previous_start_time = changed.start,
            .previous_end_time = after(changed.start, *changed.seconds),
            .previous_duration_seconds = *changed.seconds,
            .previous_category = {},
            .previous_is_billable = changed.billable
        }});
        logs_.erase(logs_.begin() + static_cast<std::ptrdiff_t>(which));
        return;
    }
    events::log_edited edit;
    edit.time_log_id = changed.id;
    edit.task_id = on.id;
    edit.project_id = on.project;
    edit.user_id = changed.user;
    edit.previous_start_time = changed.start;
    edit.previous_duration_seconds = changed.seconds;
    edit.previous_is_billable = changed.billable;
    if (changed.seconds) {
        edit.previous_end_time = after(changed.start, *changed.seconds);
        changed.seconds = static_cast<std::int64_t>(pick(7200));
    }
    changed.start -= std::chrono::minutes(pick(10));
    changed.billable = !changed.billable;
    edit.start_time = changed.start;
    edit.duration_seconds = changed.seconds;
    if (changed.seconds) {
        edit.end_time = after(changed.start, *changed.seconds);
    }
    edit.is_billable = changed.billable;
    history_.commit({edit});
}

std::map<std::pair<events::project_id, std::string>, std::int64_t> random_work::board() const {
    std::map<std::pair<events::project_id, std::string>, std::int64_t> out;
    for (const auto& each : tasks_) {
        if (!each.deleted) {
            ++out[{each.project, std::string(events::json::enum_name(each.status))}];
        }
    }
    return out;
}

std::int64_t random_work::seconds_of(std::size_t which, bool only_billable) const {
    std::int64_t sum = 0;
    for (const auto& each : logs_) {
        if (each.task == which && (each.billable || !only_billable)) {
            sum += each.seconds.value_or(0);
        }
    }
    return sum;
}

std::int64_t random_work::running_on(std::size_t which) const {
    return std::ranges::count_if(logs_, [&](const log& each) {
        return each.task == which && !each.seconds;
    });
}

}  // namespace teamflow::tests
