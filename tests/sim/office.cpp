#include "tests/sim/office.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "commands/task.hpp"
#include "commands/template.hpp"
#include "commands/time_log.hpp"
#include "events/stream.hpp"

namespace teamflow::sim {

namespace {

constexpr std::size_t tasks_max = 8;

template <class Command>
std::function<std::unique_ptr<commands::any_command>()> any(Command command) {
    return [command = std::move(command)] {
        return std::make_unique<commands::command_of<Command>>(command);
    };
}

events::organization_id organization_in(
    events::partition_id partition, std::int32_t partitions, std::size_t number
) {
    events::organization_id found;
    std::uint64_t tried = 1000 * number;
    do {
        found = events::organization_id(events::make_uuid_v7(7, 7, ++tried));
    } while (events::partition_of(found, partitions) != partition);
    return found;
}

}  // namespace

office::office(
    tests::partition_history& history,
    events::partition_id partition,
    std::int32_t partitions,
    std::size_t number
)
    : partition_(partition), organization_(organization_in(partition, partitions, number)) {
    history.set_organization(organization_);
    found(history);
}

void office::found(tests::partition_history& history) {
    for (int i = 0; i < 4; ++i) {
        users_.push_back(history.make_id<events::user_id>());
    }
    history.set_actor(users_.front());
    history.commit({events::organization_created{organization_, "Acme", users_.front()}});
    for (const auto user : users_) {
        const auto as = user == users_.front() ? events::role::owner : events::role::member;
        history.commit({events::member_added{
            .organization_id = organization_,
            .user_id = user,
            .role = as,
            .joined_at = {},
            .invitation_id = {}
        }});
    }
    project_ = history.make_id<events::project_id>();
    history.commit({events::project_created{project_, "Site", "SITE", {}, {}}});
    events::template_created made;
    template_ = history.make_id<events::template_id>();
    made.template_id = template_;
    made.name = "Bug";
    made.template_data.title_template = "Fix it";
    history.commit({made});
    for (int i = 0; i < 3; ++i) {
        events::task_created task;
        task.task_id = history.make_id<events::task_id>();
        task.project_id = project_;
        task.title = "Write it";
        task.rank = std::string("m") + static_cast<char>('b' + i) + "i";
        tasks_.push_back(task.task_id);
        history.commit({task});
    }
}

void office::learn(const commands::command_reply& reply) {
    versions_[reply.stream] = std::max(versions_[reply.stream], reply.version);
    const auto kind = events::kind_of(reply.stream);
    const auto id = events::id_of(reply.stream);
    if (kind == events::stream_kind::task && id && tasks_.size() < tasks_max &&
        std::ranges::find(tasks_, events::task_id(*id)) == tasks_.end()) {
        tasks_.emplace_back(*id);
    }
}

office::draft office::draw_command(tests::dice& chance) const {
    draft made{.actor = users_[chance.roll(users_.size())], .if_match = {}, .make = {}};
    const auto number = chance.roll(1'000'000);
    const auto task = tasks_[chance.roll(tasks_.size())];
    const auto what = chance.roll(16);
    if (what < 4) {
        commands::create_task create;
        create.project_id = project_;
        create.title.value = fmt::format("Task {}", number);
        made.make = any(std::move(create));
    } else if (what < 8) {
        commands::edit_task edit;
        edit.task_id = task;
        edit.title.value.emplace().value = fmt::format("Edited {}", number);
        const auto known = versions_.find(events::stream_of(task));
        if (chance.one_in(2) && known != versions_.end()) {
            made.if_match = known->second;
        }
        made.make = any(std::move(edit));
    } else if (what < 11) {
        commands::start_timer start;
        start.task_id = tasks_[chance.roll(2)];
        made.make = any(std::move(start));
    } else if (what < 12) {
        made.make = any(commands::stop_timer{.task_id = tasks_[chance.roll(2)]});
    } else if (what < 14) {
        commands::apply_template apply;
        apply.template_id = template_;
        apply.project_id = project_;
        made.make = any(std::move(apply));
    } else if (what < 15) {
        commands::bulk_edit_tasks edit;
        edit.task_ids.values = {tasks_[0], tasks_[1], tasks_[2]};
        edit.changes.priority.value = static_cast<events::task_priority>(chance.roll(4));
        made.make = any(std::move(edit));
    } else if (chance.one_in(2)) {
        made.make = any(commands::delete_task{.task_id = tasks_[2]});
    } else {
        made.make = any(commands::restore_task{.task_id = tasks_[2]});
    }
    return made;
}

}  // namespace teamflow::sim
