#pragma once
// What a member of a row is in PostgreSQL: its column type, and its way into arrays and out of
// results.

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "events/json/described.hpp"
#include "events/json/parse.hpp"
#include "events/json/read.hpp"
#include "events/json/write.hpp"
#include "infra/postgres/copy_rows.hpp"
#include "infra/postgres/params.hpp"
#include "infra/postgres/result.hpp"

namespace teamflow::projections {

namespace postgres = infra::postgres;

template <class T>
struct value_of {
    using type = T;
};

template <class T>
struct value_of<std::optional<T>> {
    using type = T;
};

template <class T>
inline constexpr bool is_nullable = events::json::is_instance<T, std::optional>;

/// Types that are a column of their own kind; the rest is text or jsonb.
template <class T>
inline constexpr bool is_plain =
    events::json::is_id<T> || std::is_same_v<T, events::uuid> || std::is_same_v<T, bool> ||
    std::is_same_v<T, std::int32_t> || std::is_same_v<T, std::int64_t> ||
    std::is_same_v<T, double> || std::is_same_v<T, std::string> ||
    std::is_same_v<T, events::timestamp> || std::is_same_v<T, events::date>;

/// As what a member travels: itself, text for enums and limited texts, and jsonb for everything
/// else that the JSON walk knows.
template <class Member>
struct traveller {
    using value = value_of<Member>::type;
    static constexpr bool text =
        events::json::described_enum<value> || events::json::is_text<value>;
    using type = std::conditional_t<
        is_plain<value>,
        value,
        std::conditional_t<text, std::string_view, postgres::jsonb_text>>;
};

/// The name of the column type that T travels as.
template <class T>
constexpr std::string_view sql_type() {
    switch (postgres::codec<T>::type) {
        case postgres::codec<events::uuid>::type:
            return "uuid";
        case postgres::codec<bool>::type:
            return "boolean";
        case postgres::codec<std::int32_t>::type:
            return "integer";
        case postgres::codec<std::int64_t>::type:
            return "bigint";
        case postgres::codec<double>::type:
            return "double precision";
        case postgres::codec<events::timestamp>::type:
            return "timestamptz";
        case postgres::codec<events::date>::type:
            return "date";
        case postgres::codec<postgres::jsonb_text>::type:
            return "jsonb";
        default:
            return "text";
    }
}

/// The column type of a member, without `not null`.
template <class Member>
constexpr std::string_view sql_type_of() {
    return sql_type<typename traveller<Member>::type>();
}

/// Hands `use` the value as what it travels as; views in it live until `use` returns.
template <class T, class Use>
void with_traveller(const T& value, Use&& use) {
    if constexpr (is_plain<T>) {
        use(value);
    } else if constexpr (events::json::described_enum<T>) {
        use(events::json::enum_name(value));
    } else if constexpr (events::json::is_text<T>) {
        use(std::string_view(value.value));
    } else {
        const std::string json = events::json::to_json(value);
        use(postgres::jsonb_text{json});
    }
}

/// Appends one member to the values of its column, or of its row (postgres::array_param,
/// postgres::copy_rows); an empty std::optional is null.
template <class Values, class Member>
void push(Values& into, const Member& member) {
    if constexpr (is_nullable<Member>) {
        if (member) {
            push(into, *member);
        } else {
            into.push_null();
        }
    } else {
        with_traveller(member, [&](const auto& value) { into.push(value); });
    }
}

/// Reads what push wrote. Throws infra::column_error when the cell holds anything else: the table
/// is not what the row type declares.
template <class Member>
Member pull(const postgres::result& rows, std::size_t row, std::size_t column) {
    if constexpr (is_nullable<Member>) {
        return rows.is_null(row, column)
                   ? Member{}
                   : Member{pull<typename value_of<Member>::type>(rows, row, column)};
    } else if constexpr (is_plain<Member>) {
        return rows.get<Member>(row, column);
    } else if constexpr (events::json::described_enum<Member>) {
        const auto name = rows.get<std::string_view>(row, column);
        const auto value = events::json::enum_value<Member>(name);
        if (!value) {
            throw infra::column_error("unknown enumerator '" + std::string(name) + "'");
        }
        return *value;
    } else if constexpr (events::json::is_text<Member>) {
        return Member{rows.get<std::string>(row, column)};
    } else {
        const auto json = rows.get<postgres::jsonb_text>(row, column);
        const auto parsed = events::json::parse(json.text);
        if (!parsed) {
            throw infra::column_error("jsonb: " + parsed.error().message);
        }
        auto value = events::json::read<Member>(*parsed, events::json::unknown_members::ignore);
        if (!value) {
            throw infra::column_error("jsonb does not hold what its column declares");
        }
        return *std::move(value);
    }
}

}  // namespace teamflow::projections
