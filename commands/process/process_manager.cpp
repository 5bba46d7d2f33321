#include "commands/process/process_manager.hpp"

#include <array>

#include <spdlog/spdlog.h>

#include "commands/read_model.hpp"
#include "commands/time_log.hpp"

namespace teamflow::commands {

namespace {

/// More is done at the next round.
constexpr std::int32_t due_at_once = 500;

/// T3: a timer that has run for 24 hours is marked, once.
constexpr process_manager long_timers{
    .name = "long_timers",
    .due =
        {"process.long_timers",
         "select t.organization_id, t.time_log_id, e.id, e.correlation_id from timers.timer as t"
         " left join teamflow.events as e on e.organization = t.organization_id"
         " and e.stream = 'timelog-' || t.time_log_id and e.stream_version = 1"
         " where not t.flagged and t.start_time <= $1 - interval '24 hours'"
         " order by t.start_time limit $2"},
    .make =
        [](const infra::postgres::result& rows, std::size_t row) {
            const flag_timer command{.time_log_id = rows.get<events::time_log_id>(row, 1)};
            due_command due{
                .organization = rows.get<events::organization_id>(row, 0),
                .command = std::make_unique<command_of<flag_timer>>(command)
            };
            if (const auto event = rows.get<std::optional<events::uuid>>(row, 2)) {
                due.cause = {.event = *event, .correlation_id = rows.get<events::uuid>(row, 3)};
            }
            return due;
        }
};

/// Tells history what admins did (infra/log/admin_acts.hpp). What the archive has is forgotten.
constexpr process_manager admin_acts{
    .name = "admin_acts",
    .due =
        {"process.admin_acts",
         "with told as (delete from teamflow.admin_acts a using teamflow.log_records r"
         " where r.kind = 1 and r.idempotency_key is not null"
         " and r.idempotency_key = '00000000-0000-0000-0000-000000000000/admin_acts/' || a.id"
         " returning a.id) select id, type, schema_version, data, actor from teamflow.admin_acts"
         " where id not in (select id from told)"
         " order by noted_at, id limit $2"},
    .make =
        [](const infra::postgres::result& rows, std::size_t row) {
            record_admin_act command{
                .type = rows.get<std::string>(row, 1),
                .schema_version = rows.get<std::int16_t>(row, 2),
                .data = rows.get<std::string>(row, 3)
            };
            return due_command{
                .organization = events::nil_organization,
                .command = std::make_unique<command_of<record_admin_act>>(std::move(command)),
                .actor = rows.get<std::string>(row, 4),
                .once = events::to_string(rows.get<events::uuid>(row, 0))
            };
        }
};

constexpr std::array managers{long_timers, admin_acts};

/// A key of the process manager's own, as those of users are of theirs.
request_key key_of(const process_manager& what, const due_command& due) {
    return {
        .key = to_string(due.organization) + "/" + std::string(what.name) + "/" + due.once,
        .fingerprint = std::string(what.name)
    };
}

}  // namespace

std::span<const process_manager> process_managers() {
    return managers;
}

process_runner::process_runner(
    boost::asio::any_io_executor executor, parts with, std::chrono::milliseconds interval
)
    : with_(with),
      interval_(interval),
      stopped_(std::make_shared<infra::wakeup>(std::move(executor))) {}

infra::task<> process_runner::run() {
    while (!stopping_) {
        for (const auto& manager : process_managers()) {
            try {
                co_await carry_out(manager);
            } catch (const infra::postgres_error& failure) {
                spdlog::warn("process manager {}: {}", manager.name, failure.what());
            }
        }
        co_await stopped_->wait(interval_);
    }
}

void process_runner::stop() {
    stopping_ = true;
    stopped_->signal();
}

infra::task<> process_runner::carry_out(const process_manager& what) {
    auto with = infra::postgres::params::of(with_.clock.now(), due_at_once);
    const auto due = co_await with_.database.query(what.due, std::move(with));
    for (std::size_t row = 0; row < due.rows() && !stopping_; ++row) {
        auto next = what.make(due, row);
        command_request request;
        request.organization = next.organization;
        if (const auto user = events::parse_uuid(next.actor)) {
            request.actor = events::user_id(*user);
        } else {
            request.actor_name =
                next.actor.empty() ? "system:" + std::string(what.name) : next.actor;
        }
        if (!next.once.empty()) {
            request.once = key_of(what, next);
        }
        request.command = std::move(next.command);
        if (next.cause) {
            request.correlation_id = next.cause->correlation_id;
            request.causation_id = next.cause->event;
        }
        const auto outcome = co_await with_.commands.execute(std::move(request));
        ++sent_;
        if (const auto* missing = std::get_if<unavailable>(&outcome)) {
            spdlog::warn("process manager {}: {}", what.name, missing->detail);
            co_return;
        }
        if (const auto* refused = std::get_if<refusal>(&outcome)) {
            spdlog::debug("process manager {}: {}", what.name, refused->message);
        }
    }
}

}  // namespace teamflow::commands
