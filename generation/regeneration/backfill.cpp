#include "generation/regeneration/backfill.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include "generation/model/samples.hpp"
#include "generation/view.hpp"

namespace teamflow::generation {

namespace {

constexpr const char* plain_id = R"(replace(CAST("id" AS TEXT), '-', ''))";

std::string update_nulls(const table& of, const table_column& column, const std::string& value) {
    const std::string name = sql_name(column.name);
    return fmt::format(
        "UPDATE {} SET {} = {} WHERE {} IS NULL", sql_name(of.name), name, value, name
    );
}

/// Rows in the order of their making get numbers.
std::string update_numbers(const table& of, const table_column& column, std::int64_t first) {
    const std::string table = sql_name(of.name);
    return fmt::format(
        R"(UPDATE {} SET {} = numbered.place FROM (SELECT "id", {} + row_number() OVER )"
        R"((ORDER BY "created_at", "id") AS place FROM {}) AS numbered )"
        R"(WHERE {}."id" = numbered."id")",
        table,
        sql_name(column.name),
        first - 1,
        table,
        table
    );
}

/// A different value for each row, made from its id.
std::optional<std::string> update_unique(const table& of, const table_column& column) {
    const field& what = *column.field;
    const limits bounds = limits_of(what);
    constexpr double id_length = 32;
    constexpr double many = 1e6;
    switch (what.kind) {
        case kind::string:
            if (what.pattern || bounds.min > id_length || bounds.max < id_length) {
                return std::nullopt;
            }
            return update_nulls(of, column, plain_id);
        case kind::uuid:
            return update_nulls(of, column, R"("id")");
        case kind::email:
            return update_nulls(of, column, plain_id + std::string(" || '@example.com'"));
        case kind::url:
            return update_nulls(of, column, std::string("'https://example.com/' || ") + plain_id);
        case kind::reference:
            return update_nulls(of, column, plain_id);
        case kind::integer:
        case kind::bigint: {
            const double first = std::max(bounds.min, 1.0);
            if (bounds.max - first < many) {
                return std::nullopt;
            }
            return update_numbers(of, column, static_cast<std::int64_t>(first));
        }
        default:
            return std::nullopt;
    }
}

boost::json::value made_up(const model& in, const table& of, const field& what) {
    return sample_rows(in, *of.entity).rows.front().at(what.name);
}

std::expected<backfill, std::string> backfill_relation(
    const model& in, const table& of, const table_column& column, bool people_know
) {
    if (people_know) {
        return std::unexpected(
            "rows that are there would have to refer to something: make the relation without "
            "`required` first, fill it in, then require it"
        );
    }
    const std::string target = plural_name(*in.find_entity(column.relation->to));
    return backfill{
        update_nulls(
            of,
            column,
            fmt::format(
                R"((SELECT "id" FROM {} ORDER BY "created_at", "id" LIMIT 1))", sql_name(target)
            )
        ),
        {}
    };
}

bool is_text(kind what) {
    return what == kind::string || what == kind::text;
}

/// How many characters a column takes; 0 for those that take any number.
int longest(const table_column& of) {
    const auto open = of.sql_type.find("VARCHAR(");
    return open == 0 ? std::stoi(of.sql_type.substr(std::string("VARCHAR(").size())) : 0;
}

/// How many characters the values of a column need at most; 0 where there is no limit.
int needed_for(const table_column& of) {
    constexpr int number_or_time = 64;
    return longest(of) > 0 || of.field->kind == kind::text ? longest(of) : number_or_time;
}

migration_warning number_warning(const table_column& from, const table_column& to) {
    const auto is_whole = [](kind what) { return what == kind::integer || what == kind::bigint; };
    const bool loses = !is_whole(from.field->kind) && is_whole(to.field->kind);
    if (loses) {
        return {"data_loss", "", "fractions are rounded"};
    }
    const auto whole_digits = [](const field& of) { return digits_of(of) - places_of(of); };
    constexpr int digits_of_integer = 10;
    bool grows = false;
    if (from.field->kind == kind::integer) {
        grows = to.field->kind != kind::decimal || whole_digits(*to.field) >= digits_of_integer;
    } else if (from.field->kind == kind::decimal && to.field->kind == kind::decimal) {
        grows = whole_digits(*to.field) >= whole_digits(*from.field) &&
                places_of(*to.field) >= places_of(*from.field);
    }
    if (grows) {
        return {};
    }
    return {"may_stop", "", "numbers that the type does not hold stop the migration"};
}

/// Values of an enum that it has no longer become its default, or else its first.
std::string update_enum(const model& in, const table& of, const table_column& to) {
    const enumeration& values = *in.find_enum(to.field->type);
    const auto& initial = to.field->initial;
    const std::string fallback =
        initial && initial->is_string()
            ? sql_literal(*to.field, *initial)
            : sql_literal(*to.field, boost::json::value(values.values.front()));
    std::vector<std::string> known;
    known.reserve(values.values.size());
    for (const auto& each : values.values) {
        known.push_back(sql_literal(*to.field, boost::json::value(each)));
    }
    const std::string name = sql_name(to.name);
    return fmt::format(
        "UPDATE {} SET {} = {} WHERE {} NOT IN ({})",
        sql_name(of.name),
        name,
        fallback,
        name,
        fmt::join(known, ", ")
    );
}

bool are_all_known(const model& last, const model& next, const field& from, const field& to) {
    if (from.kind != kind::enumeration) {
        return false;
    }
    const auto& now = next.find_enum(to.type)->values;
    return std::ranges::all_of(last.find_enum(from.type)->values, [&](const auto& value) {
        return std::ranges::find(now, value) != now.end();
    });
}

}  // namespace

std::expected<backfill, std::string> backfill_of(
    const model& in, const table& of, const table_column& column, bool people_know
) {
    if (column.relation != nullptr) {
        return backfill_relation(in, of, column, people_know);
    }
    const field& what = *column.field;
    if (what.unique.value) {
        if (const auto update = update_unique(of, column)) {
            return backfill{
                *update, {"made_up_values", "", "rows that are there get values made from their id"}
            };
        }
        if (people_know) {
            return std::unexpected(
                "is unique, and different values for rows that are there cannot be made up: make "
                "it nullable first, fill it in, then let it not be null"
            );
        }
    } else if (what.initial && !what.initial->is_null()) {
        return backfill{update_nulls(of, column, sql_literal(what, *what.initial)), {}};
    }
    const std::string value = sql_literal(what, made_up(in, of, what));
    return backfill{
        update_nulls(of, column, value),
        {"made_up_values", "", "rows that are there get " + value + ": a `default` would be taken"}
    };
}

conversion conversion_of(
    const model& last,
    const model& next,
    const table& of,
    const table_column& from,
    const table_column& to
) {
    conversion made;
    const field& before = *from.field;
    const field& after = *to.field;
    const int room = longest(to);
    const int needed = needed_for(from);
    if (from.sql_type != to.sql_type) {
        const std::string name = sql_name(to.name);
        if (room > 0 && (needed == 0 || needed > room)) {
            made.sql_using = fmt::format("left(CAST({} AS TEXT), {})", name, room);
            made.warning = {
                "data_loss", "", fmt::format("values of more than {} characters are cut", room)
            };
        } else if (before.kind != after.kind) {
            made.sql_using = fmt::format("CAST({} AS {})", name, to.sql_type);
        }
        if (before.kind == kind::datetime && after.kind == kind::date) {
            made.warning = {"data_loss", "", "times of day are lost"};
        } else if (!is_text(after.kind) && room == 0 && before.kind != kind::date) {
            made.warning = number_warning(from, to);
        }
    }
    if (after.kind == kind::enumeration) {
        if (!are_all_known(last, next, before, after)) {
            made.update = update_enum(next, of, to);
            made.warning = {"data_loss", "", "values that the enum does not have become another"};
        }
    } else if (made.warning.message.empty() && is_text(after.kind) && after.pattern &&
               after.pattern != before.pattern) {
        made.warning = {
            "unchecked_values", "", "values that are there are not held against the pattern"
        };
    }
    return made;
}

}  // namespace teamflow::generation
