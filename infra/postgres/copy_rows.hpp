#pragma once
// Rows in the binary form of `COPY ... FROM STDIN` (PostgreSQL manual, COPY, "Binary Format").

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "infra/postgres/types.hpp"

namespace teamflow::infra::postgres {

/// Grows one buffer; no allocation for each value. Every row must push as many values as it began
/// with, each in the binary form of its column's type.
class copy_rows {
public:
    void begin_row(std::int16_t columns) {
        append_big_endian(bytes_, columns);
        ++rows_;
    }

    template <has_codec T>
    void push(const T& value) {
        const std::size_t at = bytes_.size();
        append_big_endian(bytes_, std::int32_t{0});
        codec<T>::append(bytes_, value);
        set_length(at);
    }

    void push_null() { append_big_endian(bytes_, std::int32_t{-1}); }

    [[nodiscard]] std::size_t rows() const { return rows_; }

    /// What is to be sent, header and trailer included.
    [[nodiscard]] std::string stream() const {
        std::string out("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", header_bytes);
        out += bytes_;
        append_big_endian(out, std::int16_t{-1});
        return out;
    }

private:
    static constexpr std::size_t header_bytes = 19;

    void set_length(std::size_t at) {
        const auto length = static_cast<std::int32_t>(bytes_.size() - at - sizeof(std::int32_t));
        std::string raw;
        append_big_endian(raw, length);
        bytes_.replace(at, raw.size(), raw);
    }

    std::string bytes_;
    std::size_t rows_ = 0;
};

}  // namespace teamflow::infra::postgres
