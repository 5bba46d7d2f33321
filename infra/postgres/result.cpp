#include "infra/postgres/result.hpp"

#include <charconv>
#include <string>

#include <fmt/format.h>
#include <libpq-fe.h>

namespace teamflow::infra::postgres {

namespace {

constexpr std::size_t array_head_size = 12;
constexpr std::size_t array_dimension_size = 8;

}  // namespace

void result::clear::operator()(pg_result* owned) const noexcept {
    PQclear(owned);
}

result::result(pg_result* owned) : owned_(owned) {}

std::size_t result::rows() const {
    return static_cast<std::size_t>(PQntuples(owned_.get()));
}

std::size_t result::columns() const {
    return static_cast<std::size_t>(PQnfields(owned_.get()));
}

std::uint64_t result::affected() const {
    const std::string_view text = PQcmdTuples(owned_.get());
    std::uint64_t count = 0;
    std::from_chars(text.data(), text.data() + text.size(), count);
    return count;
}

std::size_t result::column(std::string_view name) const {
    for (std::size_t i = 0; i < columns(); ++i) {
        if (column_name(i) == name) {
            return i;
        }
    }
    throw column_error(fmt::format("the result has no column {}", name));
}

std::string_view result::column_name(std::size_t column) const {
    expect_column(column);
    return PQfname(owned_.get(), static_cast<int>(column));
}

type_number result::column_type(std::size_t column) const {
    return PQftype(owned_.get(), static_cast<int>(column));
}

bool result::is_null(std::size_t row, std::size_t column) const {
    expect_column(column);
    if (row >= rows()) {
        throw column_error(fmt::format("the result has no row {}", row));
    }
    return PQgetisnull(owned_.get(), static_cast<int>(row), static_cast<int>(column)) == 1;
}

std::string_view result::value(std::size_t row, std::size_t column) const {
    if (is_null(row, column)) {
        throw column_error(fmt::format("column {} is null", column_name(column)));
    }
    const int at_row = static_cast<int>(row);
    const int at_column = static_cast<int>(column);
    return {
        PQgetvalue(owned_.get(), at_row, at_column),
        static_cast<std::size_t>(PQgetlength(owned_.get(), at_row, at_column))
    };
}

void result::refuse_type(std::size_t column) const {
    throw column_error(fmt::format(
        "column {} is of type number {}, not of the type asked for",
        column_name(column),
        column_type(column)
    ));
}

void result::expect_column(std::size_t column) const {
    if (column >= columns()) {
        throw column_error(fmt::format("the result has no column number {}", column));
    }
}

result::array_reader::array_reader(std::string_view raw) : raw_(raw) {
    if (raw_.size() < array_head_size) {
        throw column_error("the value is not an array");
    }
    const auto dimensions = read_big_endian<std::int32_t>(raw_.data());
    element_ = read_big_endian<std::uint32_t>(raw_.data() + 8);
    if (dimensions == 0) {
        return;
    }
    if (dimensions != 1 || raw_.size() < array_head_size + array_dimension_size) {
        throw column_error("the value is not an array of one dimension");
    }
    size_ = read_big_endian<std::uint32_t>(raw_.data() + array_head_size);
    raw_.remove_prefix(array_head_size + array_dimension_size);
    if (size_ > raw_.size() / sizeof(std::int32_t)) {
        throw column_error("an array is shorter than it says");
    }
}

std::optional<std::string_view> result::array_reader::next() {
    if (raw_.size() < sizeof(std::int32_t)) {
        throw column_error("an array ends early");
    }
    const auto size = read_big_endian<std::int32_t>(raw_.data());
    raw_.remove_prefix(sizeof(std::int32_t));
    if (size < 0) {
        return std::nullopt;
    }
    if (static_cast<std::size_t>(size) > raw_.size()) {
        throw column_error("an array ends early");
    }
    const std::string_view value = raw_.substr(0, static_cast<std::size_t>(size));
    raw_.remove_prefix(value.size());
    return value;
}

}  // namespace teamflow::infra::postgres
