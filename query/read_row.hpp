#pragma once
// Result rows as described structs: columns are the members, in their order.

#include <vector>

#include "events/json/described.hpp"
#include "infra/postgres/result.hpp"
#include "projections/column.hpp"

namespace teamflow::query {

/// Row `row` of a result whose first columns are the members of T, in order. Throws
/// infra::column_error when the statement selects something else.
template <class T>
T read_row(const infra::postgres::result& rows, std::size_t row) {
    T value{};
    std::size_t column = 0;
    events::json::for_each_member<T>([&](auto descriptor) {
        using member = std::remove_cvref_t<decltype(value.*descriptor.pointer)>;
        value.*descriptor.pointer = projections::pull<member>(rows, row, column++);
    });
    return value;
}

template <class T>
std::vector<T> read_rows(const infra::postgres::result& rows) {
    std::vector<T> values;
    values.reserve(rows.rows());
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        values.push_back(read_row<T>(rows, row));
    }
    return values;
}

}  // namespace teamflow::query
