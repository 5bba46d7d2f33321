#include "query/paging.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "events/json/parse.hpp"
#include "events/json/read.hpp"
#include "events/json/write.hpp"
#include "infra/crypto/base64.hpp"

namespace teamflow::query {

namespace {

using events::json::problems;

struct cursor_content {
    std::string sort;
    std::vector<std::string> place;
};
BOOST_DESCRIBE_STRUCT(cursor_content, (), (sort, place))

struct ordered_key {
    std::string_view expression;
    std::string_view type;
    bool descending = false;
};

using order = std::vector<ordered_key>;

std::optional<order> read_order(const list_definition& what, std::string_view sort) {
    order keys;
    while (true) {
        const std::size_t comma = sort.find(',');
        std::string_view name = sort.substr(0, comma);
        const bool descending = name.starts_with('-');
        name.remove_prefix(descending ? 1 : 0);
        const auto known = std::ranges::find(what.sorts, name, &sort_key::name);
        if (known == what.sorts.end() || keys.size() == what.sorts.size()) {
            return std::nullopt;
        }
        keys.push_back({known->expression, known->type, descending});
        if (comma == std::string_view::npos) {
            break;
        }
        sort.remove_prefix(comma + 1);
    }
    keys.push_back({what.tie, "uuid", keys.front().descending});
    return keys;
}

std::optional<cursor_content> read_cursor(std::string_view text) {
    const auto bytes = infra::base64url_decode(text);
    const auto value =
        bytes ? events::json::parse(*bytes) : std::unexpected(events::json::parse_error{});
    if (!value) {
        return std::nullopt;
    }
    auto content = events::json::read<cursor_content>(*value);
    return content ? std::optional(std::move(*content)) : std::nullopt;
}

/// Rows behind `place` in this order: `(a > x) or (a = x and (b > y or ...))`.
std::string behind(const order& keys, std::size_t from, std::size_t first_parameter) {
    const auto& key = keys[from];
    const std::string value = fmt::format("${}::text::{}", first_parameter + from, key.type);
    std::string sql = fmt::format("{} {} {}", key.expression, key.descending ? "<" : ">", value);
    if (from + 1 < keys.size()) {
        sql += fmt::format(
            " or ({} = {} and ({}))", key.expression, value, behind(keys, from + 1, first_parameter)
        );
    }
    return sql;
}

std::string order_by(const order& keys) {
    std::string sql = " order by ";
    for (const auto& key : keys) {
        sql += key.expression;
        sql += key.descending ? " desc, " : ", ";
    }
    sql.resize(sql.size() - 2);
    return sql;
}

std::string place_columns(const order& keys) {
    std::string sql;
    for (const auto& key : keys) {
        sql += fmt::format(", ({})::text", key.expression);
    }
    return sql;
}

page_result page_of(std::vector<infra::postgres::result> results, const list_statements& asked) {
    page_result made{.rows = std::move(results[0])};
    made.bounds = {
        .total = results[1].get<std::int64_t>(0, 0), .limit = asked.limit, .offset = asked.offset
    };
    const auto limit = static_cast<std::size_t>(asked.limit);
    made.count = std::min(made.rows.rows(), limit);
    if (made.rows.rows() > limit) {
        std::vector<std::string> place;
        const std::size_t columns = made.rows.columns();
        for (auto at = columns - asked.place_columns; at < columns; ++at) {
            place.push_back(made.rows.get<std::string>(limit - 1, at));
        }
        made.bounds.next_cursor = make_cursor(asked.sort, place);
    }
    // Each statement sees the newest rows, so the list may have changed between the two. What the
    // page itself shows is never denied by the total; a page that is the whole list is its total.
    const auto rows = static_cast<std::int64_t>(made.rows.rows());
    const auto shown = rows == 0 ? 0 : asked.offset + rows;
    const bool is_whole = asked.is_first && made.rows.rows() <= limit;
    made.bounds.total = is_whole ? shown : std::max(made.bounds.total, shown);
    return made;
}

}  // namespace

void conditions::add_plain(std::string_view text) {
    sql_ += sql_.empty() ? " where " : " and ";
    sql_ += text;
}

void conditions::append(std::string_view text, std::string_view rest) {
    add_plain(text);
    sql_ += fmt::format("${}{}", values_.size(), rest);
}

std::string anywhere(std::string_view text) {
    std::string pattern = "%";
    for (const char character : text) {
        if (character == '%' || character == '_' || character == '\\') {
            pattern += '\\';
        }
        pattern += character;
    }
    return pattern + '%';
}

std::expected<list_statements, problems> list(
    const list_definition& what, const page_request& page, const conditions& where
) {
    const std::int32_t limit = page.limit.value.value;
    const std::int32_t offset = page.offset.value.value;
    problems faults;
    if (page.cursor && offset != 0) {
        faults.push_back({"offset", "not_allowed", "cannot be given together with cursor"});
    }
    std::string sort = page.sort.value_or(std::string(what.default_sort));
    std::optional<cursor_content> place;
    if (page.cursor) {
        place = read_cursor(*page.cursor);
        if (!place || (page.sort && place->sort != sort)) {
            faults.push_back({"cursor", "bad_cursor", "is no next_cursor of this list and order"});
        } else {
            sort = place->sort;
        }
    }
    const auto keys = read_order(what, sort);
    if (!keys) {
        faults.push_back({"sort", "not_allowed", "names a field that this list cannot be sorted by"}
        );
    } else if (place && place->place.size() != keys->size()) {
        faults.push_back({"cursor", "bad_cursor", "is no next_cursor of this list and order"});
    }
    if (!faults.empty()) {
        return std::unexpected(std::move(faults));
    }
    list_statements made{.limit = limit, .offset = offset, .sort = sort};
    made.is_first = !place && offset == 0;
    made.count = fmt::format("select count(*) {}{}", what.from, where.sql());
    made.count_values = where.values();
    made.page_values = where.values();
    made.place_columns = keys->size();
    std::string condition = where.sql();
    if (place) {
        condition += condition.empty() ? " where (" : " and (";
        condition += behind(*keys, 0, made.page_values.size() + 1) + ")";
        for (const auto& value : place->place) {
            made.page_values.add(value);
        }
    }
    made.page = fmt::format(
        "{}{} {}{}{} limit {}",
        what.select,
        place_columns(*keys),
        what.from,
        condition,
        order_by(*keys),
        limit + 1
    );
    if (offset != 0) {
        made.page_values.add(std::int64_t{offset});
        made.page += fmt::format(" offset ${}", made.page_values.size());
    }
    return made;
}

infra::task<std::expected<page_result, problems>> fetch_result(
    infra::postgres::pool& database,
    const list_definition& what,
    const page_request& asked,
    const conditions& where
) {
    auto statements = list(what, asked, where);
    if (!statements) {
        co_return std::unexpected(std::move(statements.error()));
    }
    std::vector<infra::postgres::call> calls;
    calls.push_back({{what.name, statements->page}, std::move(statements->page_values)});
    calls.push_back({{what.name, statements->count}, std::move(statements->count_values)});
    std::vector<infra::postgres::result> results;
    try {
        results = co_await database.atomically(std::move(calls));
    } catch (const infra::postgres_error& failed) {
        // Class 22, data exception: the only text that is cast comes from the cursor.
        if (!asked.cursor || !failed.sqlstate().starts_with("22")) {
            throw;
        }
        co_return std::unexpected(
            problems{{"cursor", "bad_cursor", "is no next_cursor of this list and order"}}
        );
    }
    co_return page_of(std::move(results), *statements);
}

std::string make_cursor(std::string_view sort, const std::vector<std::string>& place) {
    const cursor_content content{.sort = std::string(sort), .place = place};
    return infra::base64url_encode(events::json::to_json(content));
}

}  // namespace teamflow::query
