#include <iostream>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "app/database_place.hpp"
#include "app/log_commands.hpp"
#include "infra/postgres/session.hpp"
#include "query/cause_tree.hpp"
#include "query/history.hpp"

namespace teamflow::app {

namespace {

/// Spaces for each step away from the request.
constexpr int indent = 2;

}  // namespace

int run_log_causes(const app_settings& settings, const std::string& event) {
    const auto id = events::parse_uuid(event);
    if (!id) {
        std::cerr << "teamflow: EVENT must be the id of an event\n";
        return 2;
    }
    infra::postgres::session database(database_of(settings));
    const auto page = query::causes_page(std::nullopt, events::event_id{*id});
    const auto all = query::read_events(database.query(page.sql, page.values));
    if (all.empty()) {
        std::cerr << "teamflow: there is no event " << event << '\n';
        return 1;
    }
    std::map<events::event_id, const query::event_view*> by_id;
    for (const auto& each : all) {
        by_id[each.id] = &each;
    }
    std::cout << "request " << events::to_string(all.front().correlation_id) << '\n';
    for (const auto& cause : query::cause_tree(all)) {
        const auto& found = *by_id.at(cause.id);
        std::cout << fmt::format(
            "{:{}}{} {} {} {}@{} by {}\n",
            "",
            indent * (cause.depth + 1),
            cause.type,
            to_string(cause.id),
            events::to_string(found.time),
            found.partition,
            found.offset,
            found.actor
        );
    }
    return 0;
}

}  // namespace teamflow::app
