#pragma once
// The compact aggregate of one organization, folded from all its events: what rules over many
// streams need to know, so that no decision ever asks a read model.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/describe/class.hpp>

#include "commands/organization_state.hpp"
#include "events/registry.hpp"

namespace teamflow::commands {

using events::role;

struct directory_member {
    events::role role = events::role::viewer;
    bool active = true;
    /// Open tasks that are assigned to this member.
    std::int64_t open_tasks = 0;
    events::timestamp joined_at;

    friend bool operator==(const directory_member&, const directory_member&) = default;
};
BOOST_DESCRIBE_STRUCT(directory_member, (), (role, active, open_tasks, joined_at))

struct directory_project {
    std::string key;
    bool archived = false;
    bool deleted = false;
    std::int64_t open_tasks = 0;

    friend bool operator==(const directory_project&, const directory_project&) = default;
};
BOOST_DESCRIBE_STRUCT(directory_project, (), (key, archived, deleted, open_tasks))

struct running_timer {
    events::time_log_id time_log_id;
    events::task_id task_id;
    events::project_id project_id;
    events::user_id user_id;
    events::timestamp start_time;
    /// A timer is flagged once, after a day.
    bool flagged = false;

    friend bool operator==(const running_timer&, const running_timer&) = default;
};
BOOST_DESCRIBE_STRUCT(
    running_timer, (), (time_log_id, task_id, project_id, user_id, start_time, flagged)
)

/// That the timer was thrown away.
events::timer_discarded discarded(const running_timer& timer);

/// Look-ups are hashed. Copies are deep; the writer keeps one for each organization in memory.
class directory {
public:
    directory() = default;

    directory(std::string name, organization_settings settings)
        : name_(std::move(name)), settings_(std::move(settings)) {}

    [[nodiscard]] const std::string& name() const { return name_; }

    [[nodiscard]] const organization_settings& settings() const { return settings_; }

    /// nullptr for users who never joined.
    [[nodiscard]] const directory_member* member(events::user_id id) const;

    /// nullptr unless the user is a member and active.
    [[nodiscard]] const directory_member* active_member(events::user_id id) const;

    [[nodiscard]] const std::unordered_map<events::user_id, directory_member>& members() const {
        return members_;
    }

    [[nodiscard]] std::int64_t active_owners() const;

    /// nullptr for projects that never were; deleted ones say so.
    [[nodiscard]] const directory_project* project(events::project_id id) const;

    [[nodiscard]] const std::unordered_map<events::project_id, directory_project>& projects(
    ) const {
        return projects_;
    }

    /// The undeleted project that has this key.
    [[nodiscard]] std::optional<events::project_id> project_by_key(std::string_view key) const;

    /// The running timer of a user on a task, or nullptr.
    [[nodiscard]] const running_timer* timer(events::task_id task, events::user_id user) const;
    [[nodiscard]] std::vector<running_timer> timers_of(events::task_id task) const;
    [[nodiscard]] std::vector<running_timer> timers_of(events::user_id user) const;
    /// Looks at every running timer of the organization.
    [[nodiscard]] std::vector<running_timer> timers_of(events::project_id project) const;
    [[nodiscard]] std::vector<running_timer> timers() const;

    /// The pending invitation of an address by its keyed hash, expired or not.
    [[nodiscard]] std::optional<events::invitation_id> pending_invitation(
        std::string_view email_hmac
    ) const;

    [[nodiscard]] const std::unordered_map<std::string, events::invitation_id>& invitations(
    ) const {
        return invitations_;
    }

    // What events do, for the evolve() overloads. All are total: folding an event that contradicts
    // the ones before it changes what it can.
    void rename(std::string name) { name_ = std::move(name); }

    void change(const events::organization_settings_changed& event);
    void put(events::user_id id, const directory_member& member);
    void change(events::user_id id, role role, bool active);
    void put(events::project_id id, directory_project project);
    void rekey(events::project_id id, std::string key);
    void archive(events::project_id id, bool archived);
    void remove(events::project_id id);

    /// Counts `by` more (or fewer) open tasks for a project and, where there is one, an assignee.
    void count_open_tasks(
        events::project_id project, const std::optional<events::user_id>& assignee, std::int64_t by
    );
    void start(const running_timer& timer);
    void flag(events::task_id task, events::user_id user);
    /// A timer that is put forward may be flagged again.
    void restart(events::task_id task, events::user_id user, events::timestamp start_time);
    void stop(events::task_id task, events::user_id user);
    void invite(std::string email_hmac, events::invitation_id id);
    void close_invitation(const std::string& email_hmac, events::invitation_id id);

private:
    void free_key(const std::string& key, events::project_id id);

    std::string name_;
    organization_settings settings_;
    std::unordered_map<events::user_id, directory_member> members_;
    std::unordered_map<events::project_id, directory_project> projects_;
    std::unordered_map<std::string, events::project_id> project_keys_;
    std::unordered_map<events::task_id, std::vector<running_timer>> timers_;
    std::unordered_map<events::user_id, std::vector<events::task_id>> timed_tasks_;
    std::unordered_map<std::string, events::invitation_id> invitations_;
};

/// Takes one event of the organization into its directory; events that do not matter change
/// nothing. An event matters when there is an `evolve(directory&, const Event&)` in
/// commands/directory_evolve.hpp.
void apply(directory& directory, const events::event& event);

struct directory_snapshot {
    struct member_entry {
        events::user_id user_id;
        directory_member member;
    };

    struct project_entry {
        events::project_id project_id;
        directory_project project;
    };

    struct invitation_entry {
        std::string email_hmac;
        events::invitation_id invitation_id;
    };

    std::string name;
    organization_settings settings;
    std::vector<member_entry> members;
    std::vector<project_entry> projects;
    std::vector<running_timer> timers;
    std::vector<invitation_entry> invitations;
};
BOOST_DESCRIBE_STRUCT(directory_snapshot::member_entry, (), (user_id, member))
BOOST_DESCRIBE_STRUCT(directory_snapshot::project_entry, (), (project_id, project))
BOOST_DESCRIBE_STRUCT(directory_snapshot::invitation_entry, (), (email_hmac, invitation_id))
BOOST_DESCRIBE_STRUCT(
    directory_snapshot, (), (name, settings, members, projects, timers, invitations)
)

/// The directory in its JSON form, each list sorted by its key: equal directories are equal texts.
directory_snapshot to_snapshot(const directory& directory);
directory from_snapshot(const directory_snapshot& snapshot);

}  // namespace teamflow::commands
