#include <algorithm>
#include <tuple>

#include "commands/directory.hpp"

namespace teamflow::commands {

directory_snapshot to_snapshot(const directory& directory) {
    directory_snapshot snapshot;
    snapshot.name = directory.name();
    snapshot.settings = directory.settings();
    for (const auto& [id, member] : directory.members()) {
        snapshot.members.push_back({id, member});
    }
    for (const auto& [id, project] : directory.projects()) {
        snapshot.projects.push_back({id, project});
    }
    snapshot.timers = directory.timers();
    for (const auto& [email_hmac, id] : directory.invitations()) {
        snapshot.invitations.push_back({email_hmac, id});
    }
    std::ranges::sort(snapshot.members, {}, &directory_snapshot::member_entry::user_id);
    std::ranges::sort(snapshot.projects, {}, &directory_snapshot::project_entry::project_id);
    std::ranges::sort(snapshot.timers, {}, [](const running_timer& each) {
        return std::tuple(each.time_log_id, each.task_id, each.user_id);
    });
    std::ranges::sort(snapshot.invitations, {}, &directory_snapshot::invitation_entry::email_hmac);
    return snapshot;
}

directory from_snapshot(const directory_snapshot& snapshot) {
    directory directory(snapshot.name, snapshot.settings);
    for (const auto& [id, member] : snapshot.members) {
        directory.put(id, member);
    }
    for (const auto& [id, project] : snapshot.projects) {
        directory.put(id, project);
    }
    for (const auto& timer : snapshot.timers) {
        directory.start(timer);
    }
    for (const auto& [email_hmac, id] : snapshot.invitations) {
        directory.invite(email_hmac, id);
    }
    return directory;
}

}  // namespace teamflow::commands
