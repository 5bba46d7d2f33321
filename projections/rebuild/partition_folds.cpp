#include "projections/rebuild/partition_folds.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>

#include "projections/table.hpp"

namespace teamflow::projections {

namespace postgres = infra::postgres;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t most_threads = 4;
constexpr std::chrono::seconds archive_patience{3};
constexpr std::chrono::milliseconds archive_poll{5};

void fold_one(
    postgres::session& database,
    const projection& what,
    const fold_target& into,
    partition_checkpoint& at,
    const events::checkpoint& goal
) {
    const auto partition = at.partition;
    bulk_start from{
        .schema = into.schema,
        .build = into.build,
        .from = at,
        .parked_keys = into.parked_keys,
        .set_aside = into.set_aside,
        .skipped = into.skipped,
        .is_empty = at.at.at < 0
    };
    const auto note = [&](postgres::session& on, const events::checkpoint& until, std::int64_t n) {
        if (into.note) {
            into.note(on, partition, until, n);
        }
    };
    bulk_fold fold(database, what, std::move(from), into.how, note);
    do {
        if (into.between) {
            into.between();
        }
    } while (fold.next(goal));
    at.at = fold.at();
    if (into.folded) {
        into.folded(fold);
    }
}

/// Partitions to be folded, each by one thread.
struct shared_work {
    std::atomic<std::size_t> next = 0;
    std::mutex mutex;
    std::exception_ptr failure;

    void fail(std::exception_ptr why) {
        const std::lock_guard lock(mutex);
        if (!failure) {
            failure = std::move(why);
        }
    }

    bool has_failed() {
        const std::lock_guard lock(mutex);
        return failure != nullptr;
    }
};

}  // namespace

std::size_t fold_threads() {
    return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, most_threads);
}

postgres::session fold_session(const postgres::endpoint& at) {
    postgres::connect_options options;
    options.application_name = "teamflow rebuild";
    postgres::session made(at, options);
    made.execute("set synchronous_commit = off; set maintenance_work_mem = '256MB'");
    return made;
}

void make_tables(postgres::session& database, const projection& what, const std::string& schema) {
    postgres::transaction whole(database);
    database.execute("create schema if not exists " + postgres::quoted_name(schema));
    for (const auto& table : what.tables) {
        const auto there = database.query(
            "select to_regclass($1) is not null",
            {postgres::quoted_name(schema) + "." + postgres::quoted_name(table.definition.name)}
        );
        if (!there.get<bool>(0, 0)) {
            database.execute(make_sql(table.definition, schema).create);
        }
    }
    whole.commit();
}

void make_indexes(postgres::session& database, const projection& what, const std::string& schema) {
    for (const auto& table : what.tables) {
        for (const auto& index : make_sql(table.definition, schema).indexes) {
            database.execute(index);
        }
        database.execute(
            "analyze " + postgres::quoted_name(schema) + "." +
            postgres::quoted_name(table.definition.name)
        );
    }
}

void await_archive(postgres::session& database, const partition_checkpoint& wanted) {
    const auto deadline = steady_clock::now() + archive_patience;
    while (archived_until(database, wanted.partition).at < wanted.at.at) {
        if (steady_clock::now() > deadline) {
            throw std::runtime_error(fmt::format(
                "the archive of partition {} stands still: is a projector running?",
                wanted.partition
            ));
        }
        std::this_thread::sleep_for(archive_poll);
    }
}

void fold_partitions(
    const projection& what,
    const fold_target& into,
    std::vector<partition_checkpoint>& at,
    const std::vector<partition_checkpoint>& goals,
    std::size_t threads
) {
    shared_work work;
    const auto run = [&] {
        try {
            auto database = fold_session(into.database);
            // A piece is the next few rows of an index; the planner would rather sort all of them.
            database.execute("set enable_bitmapscan = off; set max_parallel_workers_per_gather = 0"
            );
            for (auto i = work.next++; i < at.size() && !work.has_failed(); i = work.next++) {
                fold_one(database, what, into, at[i], goals[i].at);
            }
        } catch (...) {
            work.fail(std::current_exception());
        }
    };
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < std::min(threads, at.size()); ++i) {
        others.emplace_back(run);
    }
    run();
    others.clear();
    if (work.failure) {
        std::rethrow_exception(work.failure);
    }
}

}  // namespace teamflow::projections
