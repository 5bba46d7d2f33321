#pragma once
// The strict reading of a chunked request body.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "gateway/http/framing.hpp"

namespace teamflow::gateway {

/// Decodes one body from pieces of any size (RFC 9112, 7.1). Extensions are bounded and ignored,
/// trailers are checked and dropped. Not thread-safe.
class chunk_decoder {
public:
    /// `body_limit` in bytes of decoded body.
    chunk_decoder(std::size_t body_limit, const limits& bounds)
        : body_limit_(body_limit), bounds_(&bounds) {}

    /// Takes what it can from `bytes`, appends the data in it to `body` and returns how much was
    /// taken: all, unless the body ended before. Errors: 400 malformed, 413 body or 431 trailers
    /// too large; the decoder is of no use after that.
    std::expected<std::size_t, framing_error> feed(std::string_view bytes, std::string& body);

    [[nodiscard]] bool done() const { return state_ == state::done; }

private:
    enum class state : std::uint8_t {
        size,
        extension,
        size_end,
        data,
        data_return,
        data_end,
        line_start,
        trailer_name,
        trailer_value,
        trailer_end,
        last_end,
        done,
    };

    std::expected<void, framing_error> step(char c, std::size_t body_size);
    std::expected<void, framing_error> step_size(char c);
    std::expected<void, framing_error> step_extension(char c);
    std::expected<void, framing_error> step_trailer(char c);
    std::expected<void, framing_error> begin_chunk(std::size_t body_size);

    state state_ = state::size;
    std::size_t body_limit_;
    const limits* bounds_;
    std::uint64_t chunk_left_ = 0;
    unsigned size_digits_ = 0;
    std::uint32_t extension_bytes_ = 0;
    std::uint32_t trailer_bytes_ = 0;
};

}  // namespace teamflow::gateway
