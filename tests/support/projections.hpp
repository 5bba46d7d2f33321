#pragma once
// The projections that tests work with: the program's own by name, and a small one.

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <boost/describe.hpp>

#include "projections/all.hpp"
#include "tests/support/partition_history.hpp"

namespace teamflow::tests {

/// It must be there.
inline const projections::projection& named(std::string_view name) {
    const auto every = projections::all();
    return *std::ranges::find(every, name, &projections::projection::name);
}

struct tally_row {
    std::string title;
    std::int64_t tasks = 0;

    static constexpr std::string_view table = "tally";
    static constexpr auto primary_key = std::tuple(&tally_row::title);
};
BOOST_DESCRIBE_STRUCT(tally_row, (), (title, tasks))

/// Counts tasks by title, so that tests decide which partitions share a row; throws at "poison" and
/// writes what PostgreSQL refuses at "refuse".
inline projections::projection tally(int version = 1) {
    using namespace projections;
    return {
        .name = "tally",
        .version = version,
        .tables = tables_of<tally_row>(),
        .handlers = {on<events::task_created>([](unit_of_work& rows, const auto& event, auto&) {
            if (event.title == "poison") {
                throw std::runtime_error("no");
            }
            const std::string title = event.title == "refuse" ? std::string(1, '\0') : event.title;
            ++rows.row<tally_row>(title).tasks;
        })}
    };
}

inline events::event task_called(partition_history& history, std::string title) {
    events::task_created event;
    event.task_id = history.make_id<events::task_id>();
    event.project_id = history.make_id<events::project_id>();
    event.title = std::move(title);
    return event;
}

}  // namespace teamflow::tests
