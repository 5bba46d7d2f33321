#pragma once
// The judge of a run: folds the log as it stands at the end, and holds against it everything that
// nodes decided and clients were told.

#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "commands/states.hpp"
#include "events/fold.hpp"
#include "tests/sim/history.hpp"

namespace teamflow::sim {

class judge {
public:
    explicit judge(const history& book) : history_(book) {}

    /// Every invariant of one partition's log. Throws violation.
    void fold(events::partition_id partition, std::span<const events::record_ptr> log);

    /// Every answer against what was folded. After all partitions. Throws violation.
    void judge_answers() const;

    [[nodiscard]] std::size_t commits() const { return commits_.size(); }

    [[nodiscard]] std::int64_t ghosts() const { return ghosts_; }

    /// Valid events of an organization, in order.
    [[nodiscard]] const std::vector<events::record_ptr>& published(events::organization_id by
    ) const {
        return organizations_.at(by).published;
    }

    /// Ids of the timers that run at the end, as the events alone tell it.
    [[nodiscard]] const std::map<std::pair<events::task_id, events::user_id>, events::time_log_id>&
    running() const {
        return running_;
    }

private:
    /// What a state was, from which offset on.
    using past = std::vector<std::pair<events::offset, state_hash>>;

    struct stream {
        commands::folded_stream folded;
        past was;
    };

    struct organization {
        commands::directory directory;
        past was;
        std::map<std::string, stream> streams;
        std::vector<events::record_ptr> published;
    };

    struct valid_commit {
        events::partition_id partition = 0;
        events::offset last = -1;
        std::string resource;
        std::optional<events::idempotency> once;
        /// Of each stream after it.
        std::map<std::string, std::int64_t> versions;
    };

    void take(std::span<const events::record_ptr> commit);
    void check_decision(std::span<const events::record_ptr> commit, organization& at);
    void check_timers(const events::record& record);
    void check_basis(std::uint64_t attempt, const decision_made& decided) const;
    void check_reply(
        std::uint64_t attempt, const attempt_made& made, const commands::command_reply& reply
    ) const;
    void check_replay(std::uint64_t attempt, const commands::command_reply& reply) const;
    [[nodiscard]] state_hash hash_at_start(const std::string& name) const;

    const history& history_;
    std::map<events::organization_id, organization> organizations_;
    std::map<std::uint64_t, valid_commit> commits_;
    std::map<std::string, std::uint64_t> keys_;
    std::map<std::uint64_t, std::string> keys_of_operations_;
    std::map<std::pair<events::task_id, events::user_id>, events::time_log_id> running_;
    std::int64_t ghosts_ = 0;
};

}  // namespace teamflow::sim
