#pragma once
// How each C++ type travels in PostgreSQL's binary format, as parameter and as result.

#include <bit>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

#include "events/ids.hpp"
#include "events/time.hpp"
#include "infra/postgres/error.hpp"

namespace teamflow::infra::postgres {

/// The number of a type in the system catalogue; those of built-in types never change.
using type_number = std::uint32_t;

/// JSON text for a column of type `json`, kept by the server as it is written.
struct json_text {
    std::string_view text;
};

/// JSON text for a column of type `jsonb`.
struct jsonb_text {
    std::string_view text;
};

/// Raw bytes for a column of type `bytea`.
struct bytea {
    std::string_view bytes;
};

template <std::integral T>
void append_big_endian(std::string& out, T value) {
    if constexpr (std::endian::native == std::endian::little) {
        value = std::byteswap(value);
    }
    char bytes[sizeof(T)];
    std::memcpy(bytes, &value, sizeof(T));
    out.append(bytes, sizeof(T));
}

/// Promises nothing if `raw` holds fewer bytes than T: call `expect_size` first.
template <std::integral T>
T read_big_endian(const char* raw) {
    T value{};
    std::memcpy(&value, raw, sizeof(T));
    if constexpr (std::endian::native == std::endian::little) {
        value = std::byteswap(value);
    }
    return value;
}

inline void expect_size(std::string_view raw, std::size_t size) {
    if (raw.size() != size) {
        throw column_error("a binary value has an unexpected length");
    }
}

/// `type`, `array_type`: what a parameter is declared as. `append`: its bytes. `reads`: the column
/// types that `read` understands.
template <class T>
struct codec;

template <class T>
concept has_codec = requires { codec<T>::type; };

template <>
struct codec<bool> {
    static constexpr type_number type = 16;
    static constexpr type_number array_type = 1000;

    static void append(std::string& out, bool value) { out += value ? '\1' : '\0'; }

    static constexpr bool reads(type_number column) { return column == type; }

    static bool read(std::string_view raw, type_number) {
        expect_size(raw, 1);
        return raw.front() != '\0';
    }
};

/// Integers read any column that is not wider than themselves.
template <std::signed_integral T, type_number Type, type_number ArrayType>
struct integer_codec {
    static constexpr type_number type = Type;
    static constexpr type_number array_type = ArrayType;
    static constexpr type_number int2 = 21;
    static constexpr type_number int4 = 23;
    static constexpr type_number int8 = 20;

    static void append(std::string& out, T value) { append_big_endian(out, value); }

    static constexpr bool reads(type_number column) {
        return column == int2 || (column == int4 && sizeof(T) >= 4) ||
               (column == int8 && sizeof(T) >= 8);
    }

    static T read(std::string_view raw, type_number column) {
        if (column == int2) {
            expect_size(raw, 2);
            return static_cast<T>(read_big_endian<std::int16_t>(raw.data()));
        }
        if (column == int4) {
            expect_size(raw, 4);
            return static_cast<T>(read_big_endian<std::int32_t>(raw.data()));
        }
        expect_size(raw, 8);
        return static_cast<T>(read_big_endian<std::int64_t>(raw.data()));
    }
};

template <>
struct codec<std::int16_t> : integer_codec<std::int16_t, 21, 1005> {};

template <>
struct codec<std::int32_t> : integer_codec<std::int32_t, 23, 1007> {};

template <>
struct codec<std::int64_t> : integer_codec<std::int64_t, 20, 1016> {};

template <>
struct codec<double> {
    static constexpr type_number type = 701;
    static constexpr type_number array_type = 1022;
    static constexpr type_number float4 = 700;

    static void append(std::string& out, double value) {
        append_big_endian(out, std::bit_cast<std::int64_t>(value));
    }

    static constexpr bool reads(type_number column) {
        return column == type || column == float4 || codec<std::int32_t>::reads(column);
    }

    static double read(std::string_view raw, type_number column) {
        if (column == type) {
            expect_size(raw, 8);
            return std::bit_cast<double>(read_big_endian<std::int64_t>(raw.data()));
        }
        if (column == float4) {
            expect_size(raw, 4);
            return static_cast<double>(std::bit_cast<float>(read_big_endian<std::int32_t>(raw.data()
            )));
        }
        return codec<std::int32_t>::read(raw, column);
    }
};

/// Reads text of every kind without a copy: valid as long as its result lives.
template <>
struct codec<std::string_view> {
    static constexpr type_number type = 25;
    static constexpr type_number array_type = 1009;
    static constexpr type_number jsonb = 3802;

    static void append(std::string& out, std::string_view value) { out += value; }

    static constexpr bool reads(type_number column) {
        return column == type || column == 1043 /* varchar */ || column == 1042 /* char(n) */ ||
               column == 19 /* name */ || column == 114 /* json */ || column == jsonb ||
               column == 705 /* unknown */ || column == 2275 /* cstring */;
    }

    static std::string_view read(std::string_view raw, type_number column) {
        if (column == jsonb) {
            if (raw.empty() || raw.front() != '\1') {
                throw column_error("a jsonb value has an unknown version");
            }
            raw.remove_prefix(1);
        }
        return raw;
    }
};

template <>
struct codec<std::string> : codec<std::string_view> {
    static std::string read(std::string_view raw, type_number column) {
        return std::string(codec<std::string_view>::read(raw, column));
    }
};

template <>
struct codec<json_text> {
    static constexpr type_number type = 114;
    static constexpr type_number array_type = 199;

    static void append(std::string& out, json_text value) { out += value.text; }

    static constexpr bool reads(type_number column) { return column == type; }

    static json_text read(std::string_view raw, type_number) { return {raw}; }
};

template <>
struct codec<jsonb_text> {
    static constexpr type_number type = 3802;
    static constexpr type_number array_type = 3807;

    static void append(std::string& out, jsonb_text value) {
        out += '\1';
        out += value.text;
    }

    static constexpr bool reads(type_number column) { return column == type; }

    static jsonb_text read(std::string_view raw, type_number column) {
        return {codec<std::string_view>::read(raw, column)};
    }
};

template <>
struct codec<bytea> {
    static constexpr type_number type = 17;
    static constexpr type_number array_type = 1001;

    static void append(std::string& out, bytea value) { out += value.bytes; }

    static constexpr bool reads(type_number column) { return column == type; }

    static bytea read(std::string_view raw, type_number) { return {raw}; }
};

template <>
struct codec<events::uuid> {
    static constexpr type_number type = 2950;
    static constexpr type_number array_type = 2951;

    static void append(std::string& out, const events::uuid& value) {
        const std::size_t at = out.size();
        out.resize(at + sizeof(value.data));
        std::memcpy(out.data() + at, value.data, sizeof(value.data));
    }

    static constexpr bool reads(type_number column) { return column == type; }

    static events::uuid read(std::string_view raw, type_number) {
        events::uuid value{};
        expect_size(raw, sizeof(value.data));
        std::memcpy(value.data, raw.data(), sizeof(value.data));
        return value;
    }
};

template <class Tag>
struct codec<events::id<Tag>> : codec<events::uuid> {
    static void append(std::string& out, const events::id<Tag>& value) {
        codec<events::uuid>::append(out, value.value);
    }

    static events::id<Tag> read(std::string_view raw, type_number column) {
        return events::id<Tag>(codec<events::uuid>::read(raw, column));
    }
};

/// `timestamptz`: microseconds since 2000-01-01 UTC, read rounded down to milliseconds. The ends
/// of the C++ range stand for `infinity` and `-infinity`.
template <>
struct codec<events::timestamp> {
    static constexpr type_number type = 1184;
    static constexpr type_number array_type = 1185;
    static constexpr type_number without_zone = 1114;

    static void append(std::string& out, events::timestamp value) {
        append_big_endian(out, to_wire(value));
    }

    static constexpr bool reads(type_number column) {
        return column == type || column == without_zone;
    }

    static events::timestamp read(std::string_view raw, type_number) {
        expect_size(raw, 8);
        const auto wire = read_big_endian<std::int64_t>(raw.data());
        if (wire == std::numeric_limits<std::int64_t>::max()) {
            return events::timestamp::max();
        }
        if (wire == std::numeric_limits<std::int64_t>::min()) {
            return events::timestamp::min();
        }
        return epoch() +
               std::chrono::floor<std::chrono::milliseconds>(std::chrono::microseconds(wire));
    }

private:
    static constexpr events::timestamp epoch() {
        return std::chrono::sys_days(std::chrono::year(2000) / 1 / 1);
    }

    static std::int64_t to_wire(events::timestamp value) {
        if (value == events::timestamp::max()) {
            return std::numeric_limits<std::int64_t>::max();
        }
        if (value == events::timestamp::min()) {
            return std::numeric_limits<std::int64_t>::min();
        }
        std::int64_t since_ms = 0;
        std::int64_t since_us = 0;
        if (__builtin_sub_overflow(
                value.time_since_epoch().count(), epoch().time_since_epoch().count(), &since_ms
            ) ||
            __builtin_mul_overflow(since_ms, std::int64_t{1000}, &since_us)) {
            throw std::out_of_range("an instant is out of PostgreSQL's range");
        }
        return since_us;
    }
};

/// `date`: days since 2000-01-01.
template <>
struct codec<events::date> {
    static constexpr type_number type = 1082;
    static constexpr type_number array_type = 1182;

    static void append(std::string& out, events::date value) {
        if (!value.ok()) {
            throw std::out_of_range("a date does not exist");
        }
        const auto since = std::chrono::sys_days(value) - epoch();
        append_big_endian(out, static_cast<std::int32_t>(since.count()));
    }

    static constexpr bool reads(type_number column) { return column == type; }

    static events::date read(std::string_view raw, type_number) {
        expect_size(raw, 4);
        const auto day = epoch() + std::chrono::days(read_big_endian<std::int32_t>(raw.data()));
        const events::date value(day);
        if (!value.ok() || std::chrono::sys_days(value) != day) {
            throw column_error("a date is infinite or out of range");
        }
        return value;
    }

private:
    static constexpr std::chrono::sys_days epoch() { return std::chrono::year(2000) / 1 / 1; }
};

}  // namespace teamflow::infra::postgres
