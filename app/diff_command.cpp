#include "app/diff_command.hpp"

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "app/command_fold.hpp"
#include "app/database_place.hpp"
#include "app/diff_request.hpp"
#include "app/signals.hpp"
#include "projections/rebuild/scratch_schema.hpp"
#include "projections/rebuild/table_differences.hpp"

namespace teamflow::app {

namespace {

using projections::table_places;

constexpr std::chrono::hours scratch_life{24};
/// Of each table, for people; JSON has all.
constexpr std::int64_t rows_shown = 20;

/// Tables by name with the read model that they belong to, which names the schema of live ones.
table_places tables_of(const std::vector<const projections::projection*>& models) {
    table_places found;
    for (const auto* const model : models) {
        for (const auto& table : model->tables) {
            found.emplace(table.definition.name, model->name);
        }
    }
    return found;
}

/// The tables of a side that is there: of a scratch schema, or of live read models.
table_places tables_there(
    infra::postgres::session& database,
    const std::string& side,
    const std::vector<const projections::projection*>& models
) {
    if (side != live_side) {
        return projections::tables_in(database, side);
    }
    table_places found;
    for (const auto* const model : models) {
        found.merge(projections::tables_in(database, model->name));
    }
    return found;
}

/// Leaves the projections that have a table there.
void narrow(diff_request& asked, const table_places& tables) {
    std::erase_if(asked.models, [&](const auto* model) {
        return std::ranges::none_of(model->tables, [&](const auto& table) {
            return tables.contains(table.definition.name);
        });
    });
}

/// Makes what is asked for by time, for as long as this lives.
class built_side {
public:
    built_side(const std::string& url, const diff_side& side, const diff_request& asked)
        : database_(url),
          schema_(
              database_,
              projections::fresh_scratch_name("diff"),
              "diff as of " + side.name,
              scratch_life
          ) {
        fold_for_command(
            url,
            schema_.name(),
            asked.models,
            {.as_of = side.moment, .organization = asked.organization}
        );
    }

    [[nodiscard]] const std::string& schema() const { return schema_.name(); }

private:
    infra::postgres::session database_;
    projections::scratch_schema schema_;
};

std::string value_of(const boost::json::value& value) {
    return boost::json::serialize(value);
}

/// `title "First" -> "Second", status "todo" -> "done"`
std::string changes_of(const projections::changed_row& row) {
    if (row.change != projections::row_change::changed) {
        return {};
    }
    const auto before = boost::json::parse(row.before.value);
    const auto after = boost::json::parse(row.after.value);
    std::string text;
    for (const auto& [name, value] : after.as_object()) {
        text += fmt::format(
            "{} {} {} -> {}",
            text.empty() ? "" : ",",
            std::string_view(name),
            value_of(before.as_object().at(name)),
            value_of(value)
        );
    }
    return text;
}

/// Prints the differences of one table after the other.
class diff_printer {
public:
    diff_printer(infra::postgres::session& database, bool as_json)
        : database_(database), as_json_(as_json) {}

    void print(const projections::compared_table& table, const std::string& name) {
        if (!table.left_out.empty()) {
            std::cerr << fmt::format(
                "teamflow: {}: not compared, since one side lacks them: {}\n",
                name,
                fmt::join(table.left_out, ", ")
            );
        }
        if (as_json_) {
            for_each_change(database_, table, [&](projections::changed_row row) {
                row.table = name;
                std::cout << events::json::to_json(row) << '\n';
                return goes_on();
            });
            return;
        }
        const auto counts = count_changes(database_, table);
        const auto all = counts.added + counts.removed + counts.changed;
        if (all == 0) {
            std::cout << name << ": equal\n";
            return;
        }
        std::cout << fmt::format(
            "{}: {} added, {} removed, {} changed\n",
            name,
            counts.added,
            counts.removed,
            counts.changed
        );
        std::int64_t shown = 0;
        for_each_change(database_, table, [&](const projections::changed_row& row) {
            constexpr std::string_view marks = "+-~";
            std::cout << fmt::format(
                "  {} {}{}, by {}\n",
                marks[static_cast<std::size_t>(row.change)],
                row.key.value,
                changes_of(row),
                row.position
            );
            return ++shown < rows_shown && goes_on();
        });
        if (all > shown) {
            std::cout << fmt::format("  and {} more, which --json shows\n", all - shown);
        }
    }

private:
    /// A reader that is gone needs no more.
    static bool goes_on() {
        end_if_interrupted();
        return static_cast<bool>(std::cout);
    }

    infra::postgres::session& database_;
    bool as_json_;
};

/// As people know it: with its read model, if that is one of ours.
std::string display_name(
    const std::string& table, const std::vector<const projections::projection*>& models
) {
    const auto places = tables_of(models);
    const auto place = places.find(table);
    return place == places.end() ? table : place->second + "." + table;
}

void tell_missing(const table_places& these, const table_places& others, std::string_view side) {
    for (const auto& [table, schema] : these) {
        if (!others.contains(table)) {
            std::cerr << fmt::format("teamflow: {} has no table {}\n", side, table);
        }
    }
}

}  // namespace

int run_diff(const app_settings& settings, const diff_arguments& what) {
    const auto url = database_of(settings);
    infra::postgres::session database(url);
    faults found;
    auto asked = check(what, database, found);
    if (!found.empty()) {
        return refuse(found);
    }
    const interruption ending;
    for (const auto* side : {&asked.from, &asked.to}) {
        if (!side->moment && side->name != live_side) {
            narrow(asked, projections::tables_in(database, side->name));
        }
    }
    std::vector<table_places> sides;
    std::vector<std::unique_ptr<built_side>> built;
    for (const auto* side : {&asked.from, &asked.to}) {
        if (side->moment) {
            built.push_back(std::make_unique<built_side>(url, *side, asked));
            sides.push_back(projections::tables_in(database, built.back()->schema()));
        } else {
            sides.push_back(tables_there(database, side->name, asked.models));
        }
        if (!what.projections.empty()) {
            const auto wanted = tables_of(asked.models);
            std::erase_if(sides.back(), [&](const auto& each) {
                return !wanted.contains(each.first);
            });
        }
    }
    tell_missing(sides[0], sides[1], what.to);
    tell_missing(sides[1], sides[0], what.from);
    infra::postgres::transaction snapshot(database, "isolation level repeatable read, read only");
    diff_printer printer(database, what.as_json);
    for (auto& table : projections::compared_tables(database, sides[0], sides[1])) {
        if (!what.columns.empty()) {
            std::erase_if(table.columns, [&](const auto& column) {
                return std::ranges::find(what.columns, column) == what.columns.end();
            });
        }
        printer.print(table, display_name(table.name, asked.models));
    }
    return 0;
}

}  // namespace teamflow::app
