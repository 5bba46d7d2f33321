#include "commands/directory.hpp"

#include <algorithm>
#include <utility>

namespace teamflow::commands {

namespace {

template <class Map, class Key>
auto* find_in(Map& map, const Key& key) {
    const auto found = map.find(key);
    return found == map.end() ? nullptr : &found->second;
}

const running_timer* find_timer(const std::vector<running_timer>& timers, events::user_id user) {
    const auto found = std::ranges::find(timers, user, &running_timer::user_id);
    return found == timers.end() ? nullptr : &*found;
}

}  // namespace

events::timer_discarded discarded(const running_timer& timer) {
    return {timer.time_log_id, timer.task_id, timer.project_id, timer.user_id, timer.start_time};
}

const directory_member* directory::member(events::user_id id) const {
    return find_in(members_, id);
}

const directory_member* directory::active_member(events::user_id id) const {
    const auto* found = member(id);
    return found != nullptr && found->active ? found : nullptr;
}

std::int64_t directory::active_owners() const {
    return std::ranges::count_if(members_, [](const auto& entry) {
        return entry.second.active && entry.second.role == role::owner;
    });
}

const directory_project* directory::project(events::project_id id) const {
    return find_in(projects_, id);
}

std::optional<events::project_id> directory::project_by_key(std::string_view key) const {
    const auto* found = find_in(project_keys_, std::string(key));
    return found == nullptr ? std::nullopt : std::optional(*found);
}

const running_timer* directory::timer(events::task_id task, events::user_id user) const {
    const auto* on_task = find_in(timers_, task);
    return on_task == nullptr ? nullptr : find_timer(*on_task, user);
}

std::vector<running_timer> directory::timers_of(events::task_id task) const {
    const auto* on_task = find_in(timers_, task);
    return on_task == nullptr ? std::vector<running_timer>{} : *on_task;
}

std::vector<running_timer> directory::timers_of(events::user_id user) const {
    std::vector<running_timer> found;
    if (const auto* tasks = find_in(timed_tasks_, user)) {
        for (const auto task : *tasks) {
            if (const auto* running = timer(task, user)) {
                found.push_back(*running);
            }
        }
    }
    return found;
}

std::vector<running_timer> directory::timers_of(events::project_id project) const {
    auto found = timers();
    std::erase_if(found, [&](const auto& each) { return each.project_id != project; });
    std::ranges::sort(found, {}, &running_timer::time_log_id);
    return found;
}

std::vector<running_timer> directory::timers() const {
    std::vector<running_timer> all;
    for (const auto& [task, on_task] : timers_) {
        all.insert(all.end(), on_task.begin(), on_task.end());
    }
    return all;
}

std::optional<events::invitation_id> directory::pending_invitation(std::string_view email_hmac
) const {
    const auto* found = find_in(invitations_, std::string(email_hmac));
    return found == nullptr ? std::nullopt : std::optional(*found);
}

void directory::change(const events::organization_settings_changed& event) {
    name_ = event.name.value_or(name_);
    merge(settings_, event);
}

void directory::put(events::user_id id, const directory_member& member) {
    const auto [entry, added] = members_.try_emplace(id, member);
    if (!added) {
        // Open tasks may have been counted before: they stay.
        entry->second.role = member.role;
        entry->second.active = member.active;
        entry->second.joined_at = member.joined_at;
    }
}

void directory::change(events::user_id id, role role, bool active) {
    if (auto* found = find_in(members_, id)) {
        found->role = role;
        found->active = active;
    }
}

void directory::put(events::project_id id, directory_project project) {
    if (!project.deleted) {
        project_keys_.insert_or_assign(project.key, id);
    }
    projects_.insert_or_assign(id, std::move(project));
}

void directory::rekey(events::project_id id, std::string key) {
    if (auto* found = find_in(projects_, id)) {
        free_key(found->key, id);
        if (!found->deleted) {
            project_keys_.insert_or_assign(key, id);
        }
        found->key = std::move(key);
    }
}

void directory::free_key(const std::string& key, events::project_id id) {
    const auto found = project_keys_.find(key);
    if (found != project_keys_.end() && found->second == id) {
        project_keys_.erase(found);
    }
}

void directory::archive(events::project_id id, bool archived) {
    if (auto* found = find_in(projects_, id)) {
        found->archived = archived;
    }
}

void directory::remove(events::project_id id) {
    if (auto* found = find_in(projects_, id)) {
        found->deleted = true;
        free_key(found->key, id);
    }
}

void directory::count_open_tasks(
    events::project_id project, const std::optional<events::user_id>& assignee, std::int64_t by
) {
    if (auto* found = find_in(projects_, project)) {
        found->open_tasks += by;
    }
    if (auto* found = assignee ? find_in(members_, *assignee) : nullptr) {
        found->open_tasks += by;
    }
}

void directory::start(const running_timer& timer) {
    stop(timer.task_id, timer.user_id);
    timers_[timer.task_id].push_back(timer);
    timed_tasks_[timer.user_id].push_back(timer.task_id);
}

void directory::flag(events::task_id task, events::user_id user) {
    if (auto* on_task = find_in(timers_, task)) {
        const auto found = std::ranges::find(*on_task, user, &running_timer::user_id);
        if (found != on_task->end()) {
            found->flagged = true;
        }
    }
}

void directory::restart(events::task_id task, events::user_id user, events::timestamp start_time) {
    if (auto* on_task = find_in(timers_, task)) {
        const auto found = std::ranges::find(*on_task, user, &running_timer::user_id);
        if (found != on_task->end()) {
            found->flagged = found->flagged && start_time <= found->start_time;
            found->start_time = start_time;
        }
    }
}

void directory::stop(events::task_id task, events::user_id user) {
    if (auto* on_task = find_in(timers_, task)) {
        std::erase_if(*on_task, [&](const auto& each) { return each.user_id == user; });
        if (on_task->empty()) {
            timers_.erase(task);
        }
    }
    if (auto* tasks = find_in(timed_tasks_, user)) {
        std::erase(*tasks, task);
        if (tasks->empty()) {
            timed_tasks_.erase(user);
        }
    }
}

void directory::invite(std::string email_hmac, events::invitation_id id) {
    invitations_.insert_or_assign(std::move(email_hmac), id);
}

void directory::close_invitation(const std::string& email_hmac, events::invitation_id id) {
    const auto found = invitations_.find(email_hmac);
    if (found != invitations_.end() && found->second == id) {
        invitations_.erase(found);
    }
}

}  // namespace teamflow::commands
