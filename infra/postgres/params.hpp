#pragma once
// Typed binary parameters of a statement, single values and whole array columns.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/container/small_vector.hpp>

#include "infra/postgres/types.hpp"

namespace teamflow::infra::postgres {

/// One column of many rows, for `insert ... select from unnest($1::uuid[], $2::text[])`.
/// Grows one buffer; no allocation for each element.
class array_param {
public:
    /// An empty array with elements of the type that T travels as.
    template <has_codec T>
    static array_param of() {
        return {codec<T>::type, codec<T>::array_type};
    }

    /// `value` must be of a type that travels as the element type; else std::logic_error.
    template <has_codec T>
    void push(const T& value) {
        const std::size_t at = begin_element(codec<T>::type);
        codec<T>::append(bytes_, value);
        end_element(at);
    }

    void push(const char* value) { push(std::string_view(value)); }

    template <has_codec T>
    void push(const std::optional<T>& value) {
        value ? push(*value) : push_null();
    }

    void push_null();

    /// Elements so far.
    [[nodiscard]] std::size_t size() const { return count_; }

    /// Bytes so far, for bounds on batches.
    [[nodiscard]] std::size_t bytes() const { return bytes_.size(); }

    void reserve(std::size_t bytes) { bytes_.reserve(bytes); }

private:
    friend class params;

    array_param(type_number element, type_number array);

    std::size_t begin_element(type_number type);
    void end_element(std::size_t at);

    /// The array in PostgreSQL's binary form (array_recv in its source); leaves this empty.
    std::string take_bytes();

    std::string bytes_;
    std::size_t count_ = 0;
    type_number element_;
    type_number array_;
    bool has_null_ = false;
};

/// The parameters $1, $2, ... of one call, in order. Values are copied in; arrays can be moved in.
/// Each is declared with its type, so `$1` needs a cast in SQL only where another type is meant.
class params {
public:
    params() = default;

    /// `params::of(id, name, std::optional<date>{})`.
    template <class... Ts>
    static params of(const Ts&... values) {
        params result;
        (result.add(values), ...);
        return result;
    }

    template <has_codec T>
    void add(const T& value) {
        const std::size_t at = bytes_.size();
        codec<T>::append(bytes_, value);
        add_slot(codec<T>::type, at);
    }

    void add(const char* value) { add(std::string_view(value)); }

    /// A null keeps the type of T, so that it shares the prepared statement with values.
    template <has_codec T>
    void add(const std::optional<T>& value) {
        value ? add(*value) : add_null_of(codec<T>::type);
    }

    template <has_codec T>
    void add(const std::vector<T>& values) {
        array_param array = array_param::of<T>();
        for (const T& value : values) {
            array.push(value);
        }
        add(std::move(array));
    }

    /// Leaves `array` empty and ready for the next batch.
    void add(array_param&& array);

    void add(const array_param& array) { add(array_param(array)); }

    /// A null whose type the server finds from the statement.
    void add_null() { add_null_of(0); }

    [[nodiscard]] std::size_t size() const { return slots_.size(); }

    /// Bytes held, for bounds on queues.
    [[nodiscard]] std::size_t bytes() const;

    /// Value `number`, from 0, as it travels; nullopt is null. A view into this.
    [[nodiscard]] std::optional<std::string_view> sent(std::size_t number) const;

private:
    friend class connection;
    friend class prepared_statements;
    friend class session;

    /// A value in `bytes_`, or one of `arrays_`, or null.
    struct slot {
        enum class place : std::uint8_t { bytes, array, null };

        std::size_t at = 0;
        std::size_t size = 0;
        place where = place::null;
    };

    void add_slot(type_number type, std::size_t at);
    void add_null_of(type_number type);
    [[nodiscard]] const char* data(const slot& value) const;

    std::string bytes_;
    boost::container::small_vector<slot, 8> slots_;
    boost::container::small_vector<type_number, 8> types_;
    std::vector<std::string> arrays_;
};

}  // namespace teamflow::infra::postgres
