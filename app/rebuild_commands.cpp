#include "app/rebuild_commands.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "app/ask_database.hpp"
#include "app/database_place.hpp"
#include "app/read_model_names.hpp"
#include "events/json/parse.hpp"
#include "infra/clock.hpp"
#include "query/projection_status.hpp"
#include "query/rebuild.hpp"

namespace teamflow::app {

namespace {

using query::projection_view;

constexpr std::chrono::milliseconds look_interval{500};
constexpr std::int64_t seconds_of_hour = 3600;
constexpr int bar_width = 24;

/// Ends of the log as the archive has them: what a program that does not follow the log can know.
infra::task<std::unique_ptr<infra::log_tail>> archive_tail(infra::postgres::pool& database) {
    static constexpr infra::postgres::statement ends{
        "archive.ends", "select partition, \"offset\" from teamflow.archived_until order by 1"
    };
    const auto rows = co_await database.query(ends);
    auto tail = std::make_unique<infra::log_tail>(static_cast<std::int32_t>(rows.rows()), 1);
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        tail->extend(rows.get<events::partition_id>(i, 0), rows.get<events::offset>(i, 1));
    }
    co_return tail;
}

infra::task<std::vector<projection_view>> look_up(
    infra::postgres::pool& database, std::string name
) {
    const auto tail = co_await archive_tail(database);
    std::optional<std::string> wanted;
    if (!name.empty()) {
        wanted = std::move(name);
    }
    co_return co_await query::projection_status(database, *tail, std::move(wanted));
}

std::vector<projection_view> look(const std::string& url, const std::string& name) {
    return ask_database<std::vector<projection_view>>(url, [&](auto& database) {
        return look_up(database, name);
    });
}

std::string text_or(const auto& value, std::string_view otherwise) {
    return value ? fmt::format("{}", *value) : std::string(otherwise);
}

void print_table(const std::vector<projection_view>& views) {
    std::cout << fmt::format(
        "{:<14} {:>7} {:<12} {:>10} {:>9} {:>7}  {}\n",
        "projection",
        "version",
        "status",
        "lag",
        "seconds",
        "parked",
        "undo until"
    );
    for (const auto& each : views) {
        std::cout << fmt::format(
            "{:<14} {:>7} {:<12} {:>10} {:>9} {:>7}{}\n",
            each.name,
            each.version,
            each.status,
            text_or(each.lag_events, "unknown"),
            text_or(each.lag_seconds, "unknown"),
            each.parked,
            each.undo_until ? "  " + events::to_string(*each.undo_until) : ""
        );
    }
}

/// The partition that is farthest from its end, where there are several: `, slowest 3 at 41.5 %`.
std::string slowest_of(const query::rebuild_progress& how) {
    const auto read = events::json::parse(how.partitions.value);
    const auto* const all = read ? read->if_object() : nullptr;
    if (all == nullptr || all->size() < 2) {
        return {};
    }
    const auto percent_of = [](const auto& each) {
        return each.value().template to_number<double>();
    };
    const auto least = std::ranges::min_element(*all, {}, percent_of);
    return fmt::format(
        ", slowest {} at {:.1f} %", std::string_view(least->key()), percent_of(*least)
    );
}

/// One line over itself on a terminal, one for each stage elsewhere.
class progress_line {
public:
    void show(const projection_view& view) {
        if (!view.rebuild) {
            return;
        }
        const auto& how = *view.rebuild;
        if (!is_terminal_) {
            if (how.stage != stage_ || view.status != status_) {
                std::cerr << fmt::format("{}: {} ({})\n", view.name, how.stage, view.status);
            }
        } else {
            const auto full = static_cast<int>(how.percent * bar_width / 100);
            std::cerr << fmt::format(
                "\r{} {:<11} [{:<{}}] {:5.1f} % {:>7.0f} events/s {} left{}{}\033[K",
                view.name,
                view.status == "paused" ? "paused" : how.stage,
                std::string(static_cast<std::size_t>(full), '#'),
                bar_width,
                how.percent,
                how.events_per_second,
                how.eta_seconds ? fmt::format("{} s", *how.eta_seconds) : "?",
                slowest_of(how),
                how.throttled ? ", giving way" : ""
            );
        }
        stage_ = how.stage;
        status_ = view.status;
    }

    void end() {
        if (is_terminal_ && !stage_.empty()) {
            std::cerr << '\n';
        }
    }

private:
    bool is_terminal_ = ::isatty(STDERR_FILENO) == 1;
    std::string stage_;
    std::string status_;
};

/// The end of a rebuild as an exit code, and in words.
int tell_end(const projection_view& view, bool as_json) {
    if (as_json) {
        std::cout << events::json::to_json(query::newest_rebuild_of(view)) << '\n';
    }
    if (view.rebuild && view.rebuild->error) {
        std::cerr << fmt::format("{}: {}\n", view.name, *view.rebuild->error);
        return 1;
    }
    if (view.last_rebuild && view.last_rebuild->stage == "aborted") {
        std::cerr << fmt::format(
            "{}: aborted; the read model is as it was{}\n",
            view.name,
            view.last_rebuild->error ? ": " + *view.last_rebuild->error : ""
        );
        return 1;
    }
    if (!as_json) {
        const bool was_undo = view.last_rebuild && view.last_rebuild->is_undo;
        std::cout << fmt::format(
            "{}: the {} is live\n", view.name, was_undo ? "build before" : "new build"
        );
    }
    if (view.last_rebuild && view.last_rebuild->comparison.value.starts_with("{\"equal\":false")) {
        std::cerr << fmt::format(
            "{}: the build before differed: {}\n", view.name, view.last_rebuild->comparison.value
        );
    }
    return 0;
}

/// As look(). Whoever watches is told what becomes of the rebuild without them.
std::vector<projection_view> look_at_rebuild(const std::string& url, const std::string& name) {
    try {
        return look(url, name);
    } catch (const infra::postgres_error& error) {
        throw std::runtime_error(fmt::format(
            "{}; the live {} is as it was, and its rebuild goes on by itself once the database "
            "is back: `teamflow projections {}` tells how it stands",
            error.what(),
            name,
            name
        ));
    }
}

int await_end(const std::string& url, const std::string& name, bool as_json) {
    progress_line line;
    for (;;) {
        const auto found = look_at_rebuild(url, name);
        if (found.empty()) {
            throw std::runtime_error("there is no read model " + name + " any more");
        }
        const auto& view = found.front();
        line.show(view);
        if (!view.rebuild || view.rebuild->error) {
            line.end();
            return tell_end(view, as_json);
        }
        std::this_thread::sleep_for(look_interval);
    }
}

int estimate(const std::string& url, const std::string& name, bool as_json) {
    const auto made = ask_database<query::rebuild_estimate>(url, [&](auto& database) {
        return query::estimate_rebuild(database, name, handled_types(name));
    });
    if (as_json) {
        std::cout << events::json::to_json(made) << '\n';
        return 0;
    }
    constexpr double megabyte = 1e6;
    std::cout << fmt::format(
        "{}: {} events, about {} min at {} events/s, {:.1f} MB beside the live tables\n",
        name,
        made.events,
        (made.seconds + 59) / 60,
        made.events_per_second,
        static_cast<double>(made.bytes) / megabyte
    );
    return 0;
}

query::admin_at admin_now() {
    return {.name = name_of_admin(), .now = infra::system_clock{}.now()};
}

int steer(const std::string& url, const std::string& name, projections::rebuild_wish wish) {
    const bool done = ask_database<bool>(url, [&](auto& database) {
        return query::steer_rebuild(database, name, admin_now(), wish);
    });
    if (!done) {
        std::cerr << fmt::format("teamflow: no rebuild of {} goes on\n", name);
    }
    return done ? 0 : 1;
}

int rebuild_one(const std::string& url, const std::string& name, const rebuild_arguments& what) {
    using enum projections::rebuild_wish;
    if (what.dry_run) {
        return estimate(url, name, what.as_json);
    }
    if (what.pause || what.abort) {
        return steer(url, name, what.pause ? pause : abort);
    }
    if (what.resume) {
        const int failed = steer(url, name, run);
        return failed != 0 || what.detach ? failed : await_end(url, name, what.as_json);
    }
    const auto asked = ask_database<query::rebuild_request>(url, [&](auto& database) {
        return query::request_rebuild(
            database, name, admin_now(), what.keep_hours * seconds_of_hour, what.undo
        );
    });
    if (const auto refusal = query::refusal_of(asked, name); !refusal.empty()) {
        std::cerr << "teamflow: " << refusal << '\n';
        return 1;
    }
    return what.detach ? 0 : await_end(url, name, what.as_json);
}

}  // namespace

int run_projections(const app_settings& settings, const std::string& name, bool as_json) {
    if (!name.empty() && !is_known(name)) {
        return 2;
    }
    const auto views = look(database_of(settings), name);
    if (!as_json) {
        print_table(views);
        return 0;
    }
    for (const auto& each : views) {
        std::cout << events::json::to_json(each) << '\n';
    }
    return 0;
}

int run_rebuild(const app_settings& settings, const rebuild_arguments& what) {
    if (what.name.empty() != what.all) {
        std::cerr << "teamflow: name a read model, or --all\n";
        return 2;
    }
    if (!what.all && !is_known(what.name)) {
        return 2;
    }
    const auto url = database_of(settings);
    int worst = 0;
    for (const auto& name : what.all ? known_names() : std::vector{what.name}) {
        worst = std::max(worst, rebuild_one(url, name, what));
    }
    return worst;
}

}  // namespace teamflow::app
