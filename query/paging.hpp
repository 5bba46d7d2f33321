#pragma once
// How lists are asked for: filters, order, and pages that neither skip nor repeat.

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>

#include "events/json/problem.hpp"
#include "events/json/types.hpp"
#include "infra/postgres/params.hpp"
#include "infra/postgres/pool.hpp"
#include "query/read_row.hpp"

namespace teamflow::query {

inline constexpr std::int32_t page_max = 200;
inline constexpr std::int32_t offset_max = 1'000'000;

/// The query parameters that every list takes. Described structs of list parameters derive from
/// this and add their filters.
struct page_request {
    events::json::within_or<std::int32_t, 1, page_max, 50> limit;
    events::json::within_or<std::int32_t, 0, offset_max, 0> offset;
    std::optional<std::string> cursor;
    std::optional<std::string> sort;
};
BOOST_DESCRIBE_STRUCT(page_request, (), (limit, offset, cursor, sort))

/// A column by which a list can be ordered.
struct sort_key {
    /// As in `sort=name,-name`.
    std::string_view name;
    /// SQL that is never null; `coalesce` decides where missing values stand.
    std::string_view expression;
    /// The SQL type of the expression, for reading it back from a cursor.
    std::string_view type;
};

/// What a list can do.
struct list_definition {
    /// For errors and metrics: `tasks`.
    std::string_view name;
    /// `select … from …`, the members of the row in order; without where.
    std::string_view select;
    /// `from …` alone, for counting.
    std::string_view from;
    std::vector<sort_key> sorts;
    /// Breaks ties, so that every order is total: a unique uuid column.
    std::string_view tie;
    /// The order when none is asked for: names as in `sort`.
    std::string_view default_sort;
};

/// Collects conditions and their parameters: `where.add("t.status = ", status)`.
class conditions {
public:
    /// `text` with `$n` appended, n being the place of `value`; then `rest`.
    template <class T>
    void add(std::string_view text, const T& value, std::string_view rest = {}) {
        values_.add(value);
        append(text, rest);
    }

    /// The condition only if there is a value.
    template <infra::postgres::has_codec T>
    void add(std::string_view text, const std::optional<T>& value, std::string_view rest = {}) {
        if (value) {
            add(text, *value, rest);
        }
    }

    /// A condition on a column that holds an enumerator's name.
    template <events::json::described_enum E>
    void add(std::string_view text, const std::optional<E>& value) {
        if (value) {
            add(text, events::json::enum_name(*value));
        }
    }

    /// A condition without parameter.
    void add_plain(std::string_view text);

    [[nodiscard]] const std::string& sql() const { return sql_; }

    [[nodiscard]] const infra::postgres::params& values() const { return values_; }

private:
    void append(std::string_view text, std::string_view rest);

    std::string sql_;
    infra::postgres::params values_;
};

/// The pattern of `ilike` for texts that contain `text` as it stands.
std::string anywhere(std::string_view text);

/// The two statements of a page.
struct list_statements {
    std::string page;
    infra::postgres::params page_values;
    std::string count;
    infra::postgres::params count_values;
    /// How many columns behind the row's members hold its place, for the next cursor.
    std::size_t place_columns = 0;
    std::int32_t limit = 0;
    std::int32_t offset = 0;
    /// Neither cursor nor offset.
    bool is_first = false;
    std::string sort;
};

/// Builds the statements; all that is wrong with the page request comes back with fields `limit`,
/// `offset`, `cursor` and `sort`.
std::expected<list_statements, events::json::problems> list(
    const list_definition& what, const page_request& page, const conditions& where
);

/// The cursor behind a row: its sort values, last of all its tie, as text.
std::string make_cursor(std::string_view sort, const std::vector<std::string>& place);

/// What every list says beside its rows.
struct page_bounds {
    std::int64_t total = 0;
    std::int32_t limit = 0;
    std::int32_t offset = 0;
    /// Where the next page begins; null on the last one.
    std::optional<std::string> next_cursor;
};
BOOST_DESCRIBE_STRUCT(page_bounds, (), (total, limit, offset, next_cursor))

template <class Row>
struct page {
    std::vector<Row> rows;
    page_bounds bounds;
};

/// The rows of a page as they came; `count` of them belong to it, what follows is beyond.
struct page_result {
    infra::postgres::result rows;
    std::size_t count = 0;
    page_bounds bounds;
};

/// Runs both statements of a page in one round trip. Faults are those of
/// `list`, and `cursor` for one that holds other than its sort's values. Throws postgres_error.
infra::task<std::expected<page_result, events::json::problems>> fetch_result(
    infra::postgres::pool& database,
    const list_definition& what,
    const page_request& asked,
    const conditions& where
);

/// As fetch_result, with the rows read as T.
template <class T>
infra::task<std::expected<page<T>, events::json::problems>> fetch_page(
    infra::postgres::pool& database,
    const list_definition& what,
    const page_request& asked,
    const conditions& where
) {
    auto found = co_await fetch_result(database, what, asked, where);
    if (!found) {
        co_return std::unexpected(std::move(found.error()));
    }
    page<T> read{.rows = {}, .bounds = std::move(found->bounds)};
    read.rows.reserve(found->count);
    for (std::size_t row = 0; row < found->count; ++row) {
        read.rows.push_back(read_row<T>(found->rows, row));
    }
    co_return read;
}

}  // namespace teamflow::query
