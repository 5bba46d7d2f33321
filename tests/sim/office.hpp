#pragma once
// The organization of each partition, as it stands before a run, and commands for it.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "commands/writer/command.hpp"
#include "tests/support/dice.hpp"
#include "tests/support/partition_history.hpp"

namespace teamflow::sim {

/// People, a project, a template and three tasks, on which everybody works at once.
class office {
public:
    /// The `number`-th of its partition, from 0. Founds it in the partition's history.
    office(
        tests::partition_history& history,
        events::partition_id partition,
        std::int32_t partitions,
        std::size_t number
    );

    struct draft {
        events::user_id actor;
        std::optional<std::int64_t> if_match;
        /// Sent again it is the same request.
        std::function<std::unique_ptr<commands::any_command>()> make;
    };

    /// Some command of somebody, on what clients know of by now.
    [[nodiscard]] draft draw_command(tests::dice& chance) const;

    /// What a client learns from an answer, for commands to come.
    void learn(const commands::command_reply& reply);

    [[nodiscard]] events::partition_id partition() const { return partition_; }

    [[nodiscard]] events::organization_id organization() const { return organization_; }

private:
    void found(tests::partition_history& history);

    events::partition_id partition_;
    events::organization_id organization_;
    std::vector<events::user_id> users_;
    events::project_id project_;
    events::template_id template_;
    std::vector<events::task_id> tasks_;
    std::unordered_map<std::string, std::int64_t> versions_;
};

}  // namespace teamflow::sim
