#include "app/diff_request.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "events/near_names.hpp"
#include "projections/rebuild/scratch_schema.hpp"

namespace teamflow::app {

namespace {

diff_side read_side(std::string_view option, const std::string& text, faults& found) {
    const bool is_time = !text.empty() && text.front() >= '0' && text.front() <= '9';
    return {.name = text, .moment = is_time ? read_past_time(option, text, found) : std::nullopt};
}

/// A side that is neither a time nor `live` must be a scratch schema.
void check_schema(
    std::string_view option,
    const diff_side& side,
    const std::vector<projections::scratch_view>& schemas,
    faults& found
) {
    if (side.moment || side.name == live_side) {
        return;
    }
    std::vector<std::string_view> known{live_side};
    for (const auto& each : schemas) {
        known.push_back(each.name);
    }
    if (std::ranges::find(known, side.name) == known.end()) {
        found.push_back(fmt::format(
            "{}: '{}' is neither a time, nor live, nor a scratch schema{}",
            option,
            side.name,
            events::did_you_mean(side.name, known)
        ));
    }
}

void check_columns(const diff_arguments& what, const diff_request& asked, faults& found) {
    std::set<std::string_view> names;
    for (const auto* const model : asked.models) {
        for (const auto& table : model->tables) {
            for (const auto& column : table.definition.columns) {
                names.insert(column.name);
            }
        }
    }
    const std::vector<std::string_view> known(names.begin(), names.end());
    for (const auto& column : what.columns) {
        if (!names.contains(column)) {
            found.push_back(fmt::format(
                "--column: no table has a column '{}'{}",
                column,
                events::did_you_mean(column, known)
            ));
        }
    }
}

}  // namespace

diff_request check(const diff_arguments& what, infra::postgres::session& database, faults& found) {
    diff_request asked{
        .from = read_side("--from", what.from, found),
        .to = read_side("--to", what.to, found),
        .models = find_models("--projection", what.projections, found),
        .organization = {}
    };
    // A time that is none was told already.
    if (found.empty()) {
        const auto schemas = projections::list_scratch_schemas(database);
        check_schema("--from", asked.from, schemas, found);
        check_schema("--to", asked.to, schemas, found);
    }
    check_columns(what, asked, found);
    if (what.from == what.to || (asked.from.moment && asked.from.moment == asked.to.moment)) {
        found.emplace_back("--from and --to are the same");
    } else if (asked.from.moment && asked.to.moment && *asked.from.moment > *asked.to.moment) {
        found.emplace_back("--to must be later than --from");
    }
    if (!what.organization.empty()) {
        const auto id = events::parse_uuid(what.organization);
        if (!id) {
            found.push_back(fmt::format("--organization: '{}' is no id", what.organization));
        } else if (!asked.from.moment || !asked.to.moment) {
            found.emplace_back("--organization takes two times: schemas hold what they hold");
        } else {
            asked.organization = events::organization_id{*id};
        }
    }
    return asked;
}

}  // namespace teamflow::app
