#include "app/scratch_commands.hpp"

#include <iostream>
#include <vector>

#include <fmt/format.h>

#include "app/database_place.hpp"
#include "events/json/write.hpp"
#include "events/near_names.hpp"
#include "projections/rebuild/scratch_schema.hpp"

namespace teamflow::app {

int run_scratch_list(const app_settings& settings, bool as_json) {
    infra::postgres::session database(database_of(settings));
    const auto schemas = projections::list_scratch_schemas(database);
    if (!as_json) {
        std::cout << fmt::format("{:<24} {:<24} {:>12} purpose\n", "schema", "until", "bytes");
    }
    for (const auto& each : schemas) {
        if (as_json) {
            std::cout << events::json::to_json(each) << '\n';
            continue;
        }
        std::cout << fmt::format(
            "{:<24} {:<24} {:>12} {}\n",
            each.name,
            events::to_string(each.drop_after),
            each.bytes,
            each.purpose
        );
    }
    return 0;
}

int run_scratch_drop(const app_settings& settings, const std::string& name) {
    infra::postgres::session database(database_of(settings));
    if (projections::drop_scratch_schema(database, name)) {
        std::cerr << "schema " << name << " is dropped\n";
        return 0;
    }
    const auto schemas = projections::list_scratch_schemas(database);
    std::vector<std::string_view> known;
    known.reserve(schemas.size());
    for (const auto& each : schemas) {
        known.push_back(each.name);
    }
    std::cerr << fmt::format(
        "teamflow: there is no scratch schema '{}'{}\n", name, events::did_you_mean(name, known)
    );
    return 1;
}

}  // namespace teamflow::app
