#pragma once
// Projectors over a recorded log and a real database, all on one thread.

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "projections/all.hpp"
#include "projections/projector.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/postgres_connected.hpp"
#include "tests/support/recorded_log.hpp"

namespace teamflow::tests {

using namespace std::chrono_literals;
using projections::all;
using projections::projection;
using projections::projector;
using projections::projector_options;
using projections::read_position;

constexpr auto projector_patience = 30s;

/// A database, a log and projectors over both, all on one thread.
struct projecting : connected {
    explicit projecting(std::int32_t partitions = 1) : log(partitions) {}

    ~projecting() { stop_all(); }

    /// In all partitions.
    std::shared_ptr<projector> start(const projection& what, projector_options options = {}) {
        std::vector<events::partition_id> every(static_cast<std::size_t>(log.partitions()));
        std::iota(every.begin(), every.end(), 0);
        return start_in(std::move(every), what, std::move(options));
    }

    std::shared_ptr<projector> start_in(
        std::vector<events::partition_id> partitions,
        const projection& what,
        projector_options options = {}
    ) {
        options.postgres_url = url();
        options.retry_min = 5ms;
        options.retry_max = 20ms;
        auto made = std::make_shared<projector>(
            executor(), known.emplace_back(what), log, positions, clock, std::move(options)
        );
        made->assign(std::move(partitions));
        running.push_back(made);
        ++alive;
        infra::asio::co_spawn(executor(), made->run(), [this](const std::exception_ptr&) {
            --alive;
        });
        return made;
    }

    void start_everything() {
        for (const auto& each : all()) {
            start(each);
        }
    }

    /// Waits until the projections have read all that the log holds.
    void catch_up(std::vector<std::string> projections) {
        const bool reached = run(positions.wait_for(
            std::move(projections),
            log.end_positions(),
            std::chrono::steady_clock::now() + projector_patience
        ));
        REQUIRE(reached);
    }

    void catch_up_everything() {
        std::vector<std::string> names;
        for (const auto& each : all()) {
            names.push_back(each.name);
        }
        catch_up(std::move(names));
    }

    template <class Condition>
    void until(Condition holds) {
        const auto deadline = std::chrono::steady_clock::now() + projector_patience;
        while (!holds()) {
            REQUIRE(std::chrono::steady_clock::now() < deadline);
            io().restart();
            io().run_for(1ms);
        }
    }

    void stop_all() {
        for (const auto& each : running) {
            each->stop();
        }
        until([&] { return alive == 0; });
        running.clear();
    }

    std::int64_t number(const std::string& sql) { return query(sql).get<std::int64_t>(0, 0); }

    std::string text(const std::string& sql) { return query(sql).get<std::string>(0, 0); }

    /// All rows of all read models, lineage included.
    std::string dump() {
        std::string out;
        for (const auto& each : all()) {
            for (const auto& table : each.tables) {
                const auto where = fmt::format("\"{}\".\"{}\"", each.name, table.definition.name);
                out += where + ":" +
                       text(fmt::format(
                           "select coalesce(string_agg(t::text, E'\\n' order by t::text), '') "
                           "from {} as t",
                           where
                       )) +
                       "\n";
            }
        }
        return out;
    }

    /// What the projectors refer to, beyond the end of a test's own variables.
    std::deque<projection> known;
    recorded_log log;
    read_position positions;
    manual_clock clock{events::timestamp(1'795'000'000'000ms)};
    std::vector<std::shared_ptr<projector>> running;
    int alive = 0;
};

}  // namespace teamflow::tests
