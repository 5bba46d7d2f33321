#pragma once
// The rows that a statement gave, read in place from libpq's buffer.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "infra/postgres/types.hpp"

struct pg_result;

namespace teamflow::infra::postgres {

template <class T>
struct optional_value {};

template <class T>
struct optional_value<std::optional<T>> {
    using type = T;
};

template <class T>
struct vector_value {};

template <class T>
struct vector_value<std::vector<T>> {
    using type = T;
};

template <class T>
concept is_optional = requires { typename optional_value<T>::type; };

template <class T>
concept is_vector = requires { typename vector_value<T>::type; };

/// Movable, not copyable. Views into it live as long as it does. May be read on any one thread.
class result {
public:
    result() = default;
    explicit result(pg_result* owned);

    /// libpq's own object, still owned by this.
    [[nodiscard]] const pg_result* raw() const { return owned_.get(); }

    [[nodiscard]] std::size_t rows() const;
    [[nodiscard]] std::size_t columns() const;

    [[nodiscard]] bool empty() const { return rows() == 0; }

    /// Rows that an insert, update or delete touched, or a select gave.
    [[nodiscard]] std::uint64_t affected() const;

    /// The number of the first column of that name. Errors: column_error if there is none.
    [[nodiscard]] std::size_t column(std::string_view name) const;
    [[nodiscard]] std::string_view column_name(std::size_t column) const;
    [[nodiscard]] type_number column_type(std::size_t column) const;

    [[nodiscard]] bool is_null(std::size_t row, std::size_t column) const;

    /// One value as T: any type with a codec, std::optional of one, std::vector of one or of
    /// optionals (from arrays of one dimension). string_view, json_text, jsonb_text and bytea are
    /// views. Errors: column_error for a null without optional, another type, or no such place.
    template <class T>
    [[nodiscard]] T get(std::size_t row, std::size_t column) const {
        if constexpr (is_optional<T>) {
            return is_null(row, column) ? T{}
                                        : T{get<typename optional_value<T>::type>(row, column)};
        } else if constexpr (is_vector<T>) {
            return read_array<T>(value(row, column));
        } else {
            const std::string_view raw = value(row, column);
            const type_number type = column_type(column);
            if (!codec<T>::reads(type)) {
                refuse_type(column);
            }
            return codec<T>::read(raw, type);
        }
    }

private:
    struct clear {
        void operator()(pg_result* owned) const noexcept;
    };

    /// Walks the elements of a binary array.
    class array_reader {
    public:
        explicit array_reader(std::string_view raw);

        [[nodiscard]] std::size_t size() const { return size_; }

        [[nodiscard]] type_number element() const { return element_; }

        /// The next element; nullopt is null.
        std::optional<std::string_view> next();

    private:
        std::string_view raw_;
        std::size_t size_ = 0;
        type_number element_ = 0;
    };

    template <class T>
    static T read_array(std::string_view raw) {
        using element = vector_value<T>::type;
        array_reader reader(raw);
        T values;
        values.reserve(reader.size());
        for (std::size_t i = 0; i < reader.size(); ++i) {
            values.push_back(read_element<element>(reader));
        }
        return values;
    }

    template <class T>
    static T read_element(array_reader& reader) {
        const auto raw = reader.next();
        if constexpr (is_optional<T>) {
            return raw ? T{read_value<typename optional_value<T>::type>(*raw, reader.element())}
                       : T{};
        } else {
            if (!raw) {
                throw column_error("an array holds a null");
            }
            return read_value<T>(*raw, reader.element());
        }
    }

    template <class T>
    static T read_value(std::string_view raw, type_number type) {
        if (!codec<T>::reads(type)) {
            throw column_error("the elements of an array are of another type");
        }
        return codec<T>::read(raw, type);
    }

    [[nodiscard]] std::string_view value(std::size_t row, std::size_t column) const;
    [[noreturn]] void refuse_type(std::size_t column) const;
    void expect_column(std::size_t column) const;

    std::unique_ptr<pg_result, clear> owned_;
};

}  // namespace teamflow::infra::postgres
