#include "gateway/http/chunked.hpp"

#include <algorithm>

namespace teamflow::gateway {

namespace {

using refusal = std::unexpected<framing_error>;

constexpr refusal malformed(std::string_view detail) {
    return refusal(framing_error{400, "bad_request", detail});
}

constexpr unsigned no_digit = 16;

constexpr unsigned hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return static_cast<unsigned>(c - '0');
    }
    const auto letter = static_cast<unsigned char>(c | 0x20);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10U : no_digit;
}

/// Enough for every size below 2^60, so that the sum cannot overflow.
constexpr unsigned max_size_digits = 15;

constexpr bool is_text(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

}  // namespace

std::expected<std::size_t, framing_error> chunk_decoder::feed(
    std::string_view bytes, std::string& body
) {
    std::size_t taken = 0;
    while (taken < bytes.size() && state_ != state::done) {
        if (state_ == state::data) {
            const auto length =
                static_cast<std::size_t>(std::min<std::uint64_t>(chunk_left_, bytes.size() - taken)
                );
            body.append(bytes.substr(taken, length));
            taken += length;
            chunk_left_ -= length;
            if (chunk_left_ == 0) {
                state_ = state::data_return;
            }
            continue;
        }
        const auto stepped = step(bytes[taken], body.size());
        if (!stepped) {
            return std::unexpected(stepped.error());
        }
        ++taken;
    }
    return taken;
}

std::expected<void, framing_error> chunk_decoder::step(char c, std::size_t body_size) {
    switch (state_) {
        case state::size:
            return step_size(c);
        case state::extension:
            return step_extension(c);
        case state::size_end:
            return c == '\n' ? begin_chunk(body_size) : malformed("a chunk size has no line end");
        case state::data_return:
            if (c != '\r') {
                return malformed("a chunk is longer than its size");
            }
            state_ = state::data_end;
            return {};
        case state::data_end:
            if (c != '\n') {
                return malformed("a chunk has no line end");
            }
            state_ = state::size;
            return {};
        case state::last_end:
            if (c != '\n') {
                return malformed("the chunked body has no end");
            }
            state_ = state::done;
            return {};
        default:
            return step_trailer(c);
    }
}

std::expected<void, framing_error> chunk_decoder::step_size(char c) {
    const auto digit = hex_digit(c);
    if (digit != no_digit) {
        if (++size_digits_ > max_size_digits) {
            return malformed("a chunk size is too long");
        }
        chunk_left_ = chunk_left_ * 16 + digit;
        return {};
    }
    if (size_digits_ == 0 || (c != '\r' && c != ';')) {
        return malformed("a chunk size is not a hexadecimal number");
    }
    extension_bytes_ = 0;
    state_ = c == '\r' ? state::size_end : state::extension;
    return {};
}

std::expected<void, framing_error> chunk_decoder::step_extension(char c) {
    if (c == '\r') {
        state_ = state::size_end;
        return {};
    }
    if (!is_text(c)) {
        return malformed("a chunk extension has control characters");
    }
    if (++extension_bytes_ > bounds_->chunk_extension_bytes) {
        return malformed("a chunk extension is too long");
    }
    return {};
}

std::expected<void, framing_error> chunk_decoder::begin_chunk(std::size_t body_size) {
    if (chunk_left_ == 0) {
        state_ = state::line_start;
        return {};
    }
    if (chunk_left_ > body_limit_ || body_size > body_limit_ - chunk_left_) {
        return refusal(framing_error{413, "body_too_large", "the request body is too large"});
    }
    size_digits_ = 0;
    state_ = state::data;
    return {};
}

std::expected<void, framing_error> chunk_decoder::step_trailer(char c) {
    if (++trailer_bytes_ > bounds_->header_bytes) {
        return refusal(framing_error{431, "headers_too_large", "the trailers are too large"});
    }
    switch (state_) {
        case state::line_start:
            if (c == '\r') {
                state_ = state::last_end;
                return {};
            }
            if (!is_token({&c, 1})) {
                return malformed("a trailer's name is malformed");
            }
            state_ = state::trailer_name;
            return {};
        case state::trailer_name:
            if (c == ':') {
                state_ = state::trailer_value;
                return {};
            }
            return is_token({&c, 1}) ? std::expected<void, framing_error>{}
                                     : malformed("a trailer's name is malformed");
        case state::trailer_value:
            if (c == '\r') {
                state_ = state::trailer_end;
                return {};
            }
            return is_text(c) ? std::expected<void, framing_error>{}
                              : malformed("a trailer has control characters");
        default:
            if (c != '\n') {
                return malformed("a trailer has no line end");
            }
            state_ = state::line_start;
            return {};
    }
}

}  // namespace teamflow::gateway
