#include "projections/rebuild/caretaker.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "events/json/write.hpp"
#include "infra/clock.hpp"
#include "infra/log/admin_acts.hpp"
#include "projections/rebuild/parked_commits.hpp"
#include "projections/rebuild/repair.hpp"
#include "projections/rebuild/verification.hpp"

namespace teamflow::projections {

namespace postgres = infra::postgres;
using std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds look_interval{250};
constexpr std::chrono::seconds retry_interval{2};
/// An order that takes long is kept by saying so, this often.
constexpr std::chrono::seconds keep_interval{3};
constexpr std::int32_t lease_seconds = 20;

/// The process stops; the order is left for another one.
class order_left : public std::runtime_error {
public:
    order_left() : std::runtime_error("the process stops") {}
};

/// Why an order is not done, for whoever gave it.
class order_refused : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// An act that history is to tell of, and who had it done.
struct ordered_act {
    events::event what;
    std::string by_whom;
};

/// That a parked commit was tried again or, for a reason, given up.
events::event act_on(
    const std::string& projection,
    events::commit_id commit,
    const std::optional<give_up>& skip,
    const parked_outcome& outcome
) {
    const auto now = infra::system_clock{}.now();
    if (skip) {
        return events::commit_skipped{
            projection, commit, skip->reason, outcome.applied, outcome.waiting, now
        };
    }
    return events::commit_retried{projection, commit, outcome.applied, outcome.waiting, now};
}

/// Within the transaction of the act.
void note_act(postgres::session& database, const ordered_act& act) {
    static const std::string sql = fmt::format(
        "insert into teamflow.admin_acts ({}) values ($1, $2, $3, $4)", infra::admin_act_columns
    );
    postgres::params with;
    infra::add_act(with, act.what, act.by_whom);
    database.query(sql, with);
}

/// Only the holder ends an order: what was taken over by another process is rolled back.
void end(
    postgres::session& database,
    const events::uuid& id,
    std::string_view holder,
    const std::optional<std::string>& answer,
    const std::optional<std::string>& error
) {
    static const std::string sql =
        "update teamflow.admin_orders set answer = $3::text::json, error = $4, ended_at = now() "
        "where id = $1 and holder = $2 and ended_at is null";
    const auto done = database.query(sql, postgres::params::of(id, holder, answer, error));
    if (done.affected() != 1) {
        throw order_left();
    }
}

}  // namespace

struct caretaker::order {
    events::uuid id;
    std::string kind;
    std::string projection;
    std::string argument;
    std::string reason;
    std::string ordered_by;
};

caretaker::caretaker(const std::string& postgres_url, std::span<const projection> known)
    : known_(known), worker_(postgres_url) {
    worker_.start([this] { run(); });
}

void caretaker::run() {
    std::optional<postgres::session> database;
    while (!worker_.is_stopping()) {
        try {
            if (!database) {
                database.emplace(worker_.database());
            }
            if (!do_one(*database)) {
                worker_.pause(look_interval);
            }
        } catch (const order_left&) {
            worker_.pause(look_interval);
        } catch (const infra::postgres_error& error) {
            spdlog::warn("orders of admins wait: {}", error.what());
            database.reset();
            worker_.pause(retry_interval);
        }
    }
}

bool caretaker::do_one(postgres::session& database) {
    static const std::string take_sql = "select * from teamflow.take_order($1, $2)";
    const auto taken =
        database.query(take_sql, postgres::params::of(worker_.name(), lease_seconds));
    if (taken.empty()) {
        return false;
    }
    const order what{
        .id = taken.get<events::uuid>(0, 0),
        .kind = taken.get<std::string>(0, 1),
        .projection = taken.get<std::string>(0, 2),
        .argument = taken.get<std::string>(0, 3),
        .reason = taken.get<std::string>(0, 4),
        .ordered_by = taken.get<std::string>(0, 5)
    };
    std::string failure;
    try {
        carry_out(database, what);
        return true;
    } catch (const order_left&) {
        throw;
    } catch (const infra::postgres_error& error) {
        if (error.is_connection_lost()) {
            throw;
        }
        failure = error.what();
    } catch (const std::exception& error) {
        failure = error.what();
    }
    spdlog::warn("{} {}: {}", what.kind, what.projection, failure);
    end(database, what.id, worker_.name(), std::nullopt, failure);
    return true;
}

void caretaker::carry_out(postgres::session& database, const order& what) {
    const auto which = std::ranges::find(known_, what.projection, &projection::name);
    if (which == known_.end()) {
        throw order_refused("this version of teamflow does not know the projection");
    }
    if (what.kind == "verify") {
        compare(database, what, *which);
    } else if (what.kind == "repair") {
        mend(database, what, *which);
    } else {
        try_parked(database, what, *which);
    }
}

void caretaker::compare(postgres::session& database, const order& what, const projection& which) {
    std::mutex one_at_a_time;
    auto kept_at = steady_clock::now();
    const auto made = verify(worker_.database(), which, [&] {
        const std::lock_guard lock(one_at_a_time);
        if (worker_.is_stopping()) {
            throw order_left();
        }
        if (steady_clock::now() - kept_at > keep_interval) {
            kept_at = steady_clock::now();
            keep(database, what);
        }
    });
    end(database, what.id, worker_.name(), events::json::to_json(made), std::nullopt);
}

void caretaker::keep(postgres::session& database, const order& what) {
    static const std::string sql =
        "update teamflow.admin_orders "
        "set lease_until = clock_timestamp() + make_interval(secs => $3) "
        "where id = $1 and holder = $2 and ended_at is null";
    const auto kept = database.query(
        sql, postgres::params::of(what.id, worker_.name(), static_cast<double>(lease_seconds))
    );
    if (kept.affected() != 1) {
        throw order_left();
    }
}

void caretaker::try_parked(
    postgres::session& database, const order& what, const projection& which
) {
    const events::commit_id commit(events::parse_uuid(what.argument).value_or(events::uuid{}));
    std::optional<give_up> skip;
    if (what.kind == "skip") {
        skip = {.reason = what.reason, .by_whom = what.ordered_by};
    }
    const auto done =
        retry_parked(database, which, commit, skip, [&](const parked_outcome& outcome) {
            note_act(database, {act_on(what.projection, commit, skip, outcome), what.ordered_by});
            end(database, what.id, worker_.name(), events::json::to_json(outcome), std::nullopt);
        });
    if (!done) {
        throw order_refused(fmt::format("no commit {} is parked", what.argument));
    }
}

void caretaker::mend(postgres::session& database, const order& what, const projection& which) {
    const auto done = repair(
        database,
        worker_.database(),
        which,
        what.argument,
        [&](const repair_outcome& outcome) {
            events::rows_repaired act{what.projection, what.argument, infra::system_clock{}.now()};
            note_act(database, {std::move(act), what.ordered_by});
            end(database, what.id, worker_.name(), events::json::to_json(outcome), std::nullopt);
        }
    );
    if (!done) {
        throw order_refused(fmt::format(
            "{} is neither an organization with events nor the key of a row of {}",
            what.argument,
            which.name
        ));
    }
}

}  // namespace teamflow::projections
