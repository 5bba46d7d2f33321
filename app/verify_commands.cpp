#include <chrono>
#include <functional>
#include <iostream>
#include <stdexcept>

#include <fmt/format.h>

#include "app/ask_database.hpp"
#include "app/database_place.hpp"
#include "app/read_model_names.hpp"
#include "app/rebuild_commands.hpp"
#include "events/json/parse.hpp"
#include "infra/crypto/random.hpp"
#include "query/admin_order.hpp"
#include "query/parked.hpp"

namespace teamflow::app {

namespace {

/// The comparison of a large read model takes as long as its rebuild.
constexpr std::chrono::hours patience{24};
constexpr std::int32_t listed_max = 10'000;

events::uuid fresh_id() {
    const infra::system_clock time;
    infra::system_random random;
    return infra::uuid_v7_source(time, random).next();
}

/// The JSON of its answer. Throws std::runtime_error with why it was not done.
std::string order(const std::string& url, query::admin_order what) {
    what.id = fresh_id();
    what.ordered_by = name_of_admin();
    const auto done = ask_database<query::order_result>(url, [&](auto& database) {
        return query::place_order(database, what, patience);
    });
    if (!done.answer) {
        throw std::runtime_error(done.error.value_or(
            "nobody did it: a projector (or `teamflow dev`) must run on this database"
        ));
    }
    return *done.answer;
}

boost::json::object object_of(const std::string& answer) {
    return events::json::parse(answer).value().as_object();
}

int tell_comparison(const std::string& name, const std::string& answer) {
    const auto made = object_of(answer);
    const bool equal = made.at("equal").as_bool();
    const auto parked = made.at("parked").as_int64();
    std::cout << fmt::format(
        "{}: {}{}\n",
        name,
        equal ? "equal to a fresh fold" : "DIFFERS from a fresh fold",
        parked == 0 ? "" : fmt::format(", {} events are parked", parked)
    );
    if (equal) {
        return 0;
    }
    const auto& first = made.at("first_difference").as_object();
    const auto text = [&](std::string_view member) {
        return boost::json::serialize(first.at(member));
    };
    std::cout << fmt::format(
        "  first difference: table {}, key {}, column {}, event {}\n    live  {}\n    fresh {}\n",
        text("table"),
        text("key"),
        text("column"),
        text("position"),
        text("live"),
        text("fresh")
    );
    for (const auto& each : made.at("tables").as_array()) {
        const auto& table = each.as_object();
        std::cout << fmt::format(
            "  {}: {} rows, {} fresh, {} differ\n",
            std::string_view(table.at("table").as_string()),
            table.at("live_rows").as_int64(),
            table.at("fresh_rows").as_int64(),
            table.at("differing").as_int64()
        );
    }
    return 1;
}

int verify_one(const std::string& url, const std::string& name, bool as_json) {
    const auto answer = order(
        url, {.kind = "verify", .projection = name, .argument = {}, .reason = {}, .ordered_by = {}}
    );
    if (!as_json) {
        return tell_comparison(name, answer);
    }
    std::cout << fmt::format("{{\"name\":\"{}\",\"comparison\":{}}}\n", name, answer);
    return object_of(answer).at("equal").as_bool() ? 0 : 1;
}

int repair(const std::string& url, const verify_arguments& what) {
    const auto answer = order(
        url,
        {.kind = "repair",
         .projection = what.name,
         .argument = what.repair,
         .reason = {},
         .ordered_by = {}}
    );
    std::cout << answer << '\n';
    return 0;
}

/// A commit on the command line, or nothing and a word about it.
bool is_commit(const std::string& text) {
    if (events::parse_uuid(text)) {
        return true;
    }
    std::cerr << fmt::format(
        "teamflow: '{}' is no id of a commit; `teamflow parked list` tells them\n", text
    );
    return false;
}

int act_on_parked(
    const app_settings& settings, const parked_arguments& what, const std::string& kind
) {
    if (!is_known(what.name) || !is_commit(what.commit)) {
        return 2;
    }
    const auto answer = order(
        database_of(settings),
        {.kind = kind,
         .projection = what.name,
         .argument = what.commit,
         .reason = what.reason,
         .ordered_by = {}}
    );
    std::cout << answer << '\n';
    return object_of(answer).at("waiting").as_int64() == 0 ? 0 : 1;
}

}  // namespace

int run_verify(const app_settings& settings, const verify_arguments& what) {
    if (!what.name.empty() && !is_known(what.name)) {
        return 2;
    }
    const auto url = database_of(settings);
    if (!what.repair.empty()) {
        if (what.name.empty()) {
            std::cerr << "teamflow: --repair needs the name of a read model\n";
            return 2;
        }
        return repair(url, what);
    }
    int worst = 0;
    for (const auto& name : what.name.empty() ? known_names() : std::vector{what.name}) {
        worst = std::max(worst, verify_one(url, name, what.as_json));
    }
    return worst;
}

int run_parked_list(const app_settings& settings, const parked_arguments& what) {
    if (!what.name.empty() && !is_known(what.name)) {
        return 2;
    }
    const auto url = database_of(settings);
    for (const auto& name : what.name.empty() ? known_names() : std::vector{what.name}) {
        const auto parked = ask_database<std::vector<query::parked_view>>(url, [&](auto& database) {
            return query::parked_commits(database, name, std::nullopt, listed_max);
        });
        for (const auto& each : parked) {
            if (what.as_json) {
                std::cout << events::json::to_json(each) << '\n';
                continue;
            }
            std::cout << fmt::format(
                "{} {} {}@{} {} key {} attempt {} waiting {}: {}\n",
                name,
                events::to_string(each.id),
                each.partition,
                each.offset,
                each.type,
                each.key,
                each.attempt,
                each.waiting,
                each.error
            );
        }
    }
    return 0;
}

int run_parked_retry(const app_settings& settings, const parked_arguments& what) {
    return act_on_parked(settings, what, "retry");
}

int run_parked_skip(const app_settings& settings, const parked_arguments& what) {
    return act_on_parked(settings, what, "skip");
}

}  // namespace teamflow::app
