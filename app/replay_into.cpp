#include "app/replay_into.hpp"

#include <algorithm>
#include <iostream>
#include <map>

#include <fmt/format.h>

#include "app/command_fold.hpp"
#include "app/signals.hpp"
#include "projections/rebuild/scratch_schema.hpp"

namespace teamflow::app {

namespace {

/// For as long as it is made; then its lifetime begins.
constexpr std::chrono::hours working_life{24};

using places = std::map<events::partition_id, events::offset>;

places places_of(const std::vector<events::position>& list) {
    places found;
    for (const auto& each : list) {
        found[each.partition] = each.at;
    }
    return found;
}

bool is_within(const events::record& event, const places& after, const places& until) {
    const auto begin = after.find(event.partition);
    if (begin != after.end() && event.at <= begin->second) {
        return false;
    }
    const auto end = until.find(event.partition);
    return until.empty() || (end != until.end() && event.at <= end->second);
}

projections::history_part part_of(const replay_request& asked) {
    return {
        .as_of = asked.scratch->as_of,
        .organization = asked.filter.organization,
        .wants = [filter = asked.filter,
                  after = places_of(asked.after),
                  until = places_of(asked.until)](const events::record& event
                 ) { return filter.wants(event) && is_within(event, after, until); }
    };
}

void tell_rows(
    infra::postgres::session& database,
    const std::string& schema,
    const std::vector<const projections::projection*>& models
) {
    for (const auto* const model : models) {
        for (const auto& table : model->tables) {
            const auto& name = table.definition.name;
            const auto rows = database.query(fmt::format(
                "select count(*) from {}.{}",
                infra::postgres::quoted_name(schema),
                infra::postgres::quoted_name(name)
            ));
            const auto place = fmt::format("{}.{}", schema, name);
            const auto count = rows.get<std::int64_t>(0, 0);
            std::cout << fmt::format("{:<32} {:>12} rows\n", place, count);
        }
    }
}

}  // namespace

int run_replay_into(const std::string& url, const replay_request& asked) {
    const auto& wanted = *asked.scratch;
    const interruption ending;
    infra::postgres::session database(url);
    projections::drop_expired_schemas(database);
    projections::scratch_schema schema(database, wanted.schema, wanted.purpose, working_life);
    const auto folded = fold_for_command(url, wanted.schema, wanted.models, part_of(asked));
    const auto until = schema.keep_for(wanted.keep);
    for (const auto& each : folded) {
        if (each.left_out != 0) {
            std::cerr << fmt::format(
                "teamflow: commits that {} could not take: {}; the first: {}\n",
                each.name,
                each.left_out,
                each.first_refusal
            );
        }
    }
    tell_rows(database, wanted.schema, wanted.models);
    std::cerr << fmt::format(
        "teamflow: schema {0} stays until {1}; `teamflow scratch drop {0}` drops it now\n",
        wanted.schema,
        events::to_string(until)
    );
    return 0;
}

}  // namespace teamflow::app
