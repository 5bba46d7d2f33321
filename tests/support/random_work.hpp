#pragma once
// A random but lawful history of work in one partition, and what is true at its end.

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/support/partition_history.hpp"

namespace teamflow::tests {

/// Makes one random act of an organization after another, as the deciders would allow, and keeps
/// the truth in the plainest way: a list of things that are. What read models must show is counted
/// from that, so it shares nothing with how they are kept.
class random_work {
public:
    struct task {
        events::task_id id;
        events::project_id project;
        std::string title;
        events::task_status status = events::task_status::todo;
        std::optional<events::user_id> assignee;
        bool deleted = false;
        std::int64_t version = 0;
    };

    struct log {
        events::time_log_id id;
        std::size_t task = 0;
        events::user_id user;
        events::timestamp start;
        std::optional<std::int64_t> seconds;
        bool billable = true;
    };

    random_work(events::partition_id partition, std::uint64_t seed);

    /// Appends `acts` more commits, with a claim or a ghost now and then.
    void act(int acts);

    [[nodiscard]] const partition_history& history() const { return history_; }

    [[nodiscard]] const std::vector<task>& tasks() const { return tasks_; }

    /// Logs that were not deleted or discarded.
    [[nodiscard]] const std::vector<log>& logs() const { return logs_; }

    /// Undeleted tasks by project and status.
    [[nodiscard]] std::map<std::pair<events::project_id, std::string>, std::int64_t> board() const;

    /// Seconds of finished logs by task.
    [[nodiscard]] std::int64_t seconds_of(std::size_t task, bool only_billable) const;

    [[nodiscard]] std::int64_t running_on(std::size_t task) const;

    /// Applications by template.
    [[nodiscard]] const std::map<events::template_id, std::int64_t>& usage() const {
        return usage_;
    }

private:
    std::size_t pick(std::size_t below);
    void found_organization();
    void create_task();
    void create_task_from_template();
    void change_task();
    void delete_or_restore_task();
    void start_timer();
    void end_timer();
    void add_log();
    void change_log();
    events::timestamp tick();
    events::event move(task& moved, events::task_status to);
    events::task_created creation_of(const task& made) const;

    std::mt19937_64 random_;
    partition_history history_;
    events::timestamp now_{std::chrono::milliseconds(1'795'000'000'000)};
    std::vector<events::user_id> users_;
    std::vector<events::project_id> projects_;
    std::vector<task> tasks_;
    std::vector<log> logs_;
    std::map<events::template_id, std::int64_t> usage_;
};

}  // namespace teamflow::tests
