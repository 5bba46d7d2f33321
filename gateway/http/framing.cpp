#include "gateway/http/framing.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>

namespace teamflow::gateway {

namespace {

using refusal = std::unexpected<framing_error>;

constexpr refusal malformed(std::string_view detail) {
    return refusal(framing_error{400, "bad_request", detail});
}

constexpr refusal bad_header(std::string_view detail) {
    return refusal(framing_error{400, "bad_header", detail});
}

constexpr refusal headers_too_large(std::string_view detail) {
    return refusal(framing_error{431, "headers_too_large", detail});
}

constexpr refusal target_too_long() {
    return refusal(framing_error{414, "target_too_long", "the request target is too long"});
}

constexpr std::size_t index(char c) {
    return static_cast<unsigned char>(c);
}

constexpr auto token_characters = [] {
    std::array<bool, 256> allowed{};
    for (char c = '0'; c <= '9'; ++c) {
        allowed[index(c)] = true;
    }
    for (char c = 'a'; c <= 'z'; ++c) {
        allowed[index(c)] = true;
        allowed[index(c) - ('a' - 'A')] = true;
    }
    for (const char c : std::string_view("!#$%&'*+-.^_`|~")) {
        allowed[index(c)] = true;
    }
    return allowed;
}();

/// Field values: visible ASCII, blank, tab and the bytes above ASCII (RFC 9110, 5.5).
constexpr auto value_characters = [] {
    std::array<bool, 256> allowed{};
    for (std::size_t c = 0x20; c < 256; ++c) {
        allowed[c] = c != 0x7f;
    }
    allowed[index('\t')] = true;
    return allowed;
}();

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

constexpr bool is_alphanumeric(char c) {
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z');
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return index(c) < 0x80; });
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
        text.remove_prefix(1);
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
        text.remove_suffix(1);
    }
    return text;
}

bool is_port(std::string_view digits) {
    unsigned port = 0;
    const auto* end = digits.data() + digits.size();
    const auto [rest, failure] = std::from_chars(digits.data(), end, port);
    return failure == std::errc{} && rest == end && port <= 65535;
}

/// A name, an IPv4 address or an IPv6 address in brackets, with or without port (RFC 3986, 3.2.2);
/// escapes and the sub-delimiters of registered names are refused: no host here has them.
bool is_host(std::string_view host) {
    const auto colon = host.rfind(':');
    const auto bracket = host.rfind(']');
    if (colon != std::string_view::npos && (bracket == std::string_view::npos || bracket < colon)) {
        if (!is_port(host.substr(colon + 1))) {
            return false;
        }
        host = host.substr(0, colon);
    }
    if (host.empty()) {
        return false;
    }
    if (host.front() == '[') {
        if (host.size() < 4 || host.back() != ']') {
            return false;
        }
        const auto address = host.substr(1, host.size() - 2);
        return std::ranges::all_of(address, [](char c) {
            return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f') || c == ':' || c == '.';
        });
    }
    return std::ranges::all_of(host, [](char c) {
        return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
    });
}

/// Splits the target into path and query; origin form, absolute form and, for OPTIONS, `*`.
/// For the absolute form `authority` is filled.
std::expected<void, framing_error> split_target(request_head& head, std::string_view& authority) {
    auto rest = head.target;
    if (rest == "*") {
        if (head.method != "OPTIONS") {
            return malformed("the target * is for OPTIONS only");
        }
        head.path = rest;
        return {};
    }
    if (rest.front() != '/') {
        const auto scheme = rest.find("://");
        if (scheme == std::string_view::npos ||
            (!equal_ignoring_case(rest.substr(0, scheme), "http") &&
             !equal_ignoring_case(rest.substr(0, scheme), "https"))) {
            return malformed("the target is neither a path nor an http URL");
        }
        rest.remove_prefix(scheme + 3);
        const auto end = std::min(rest.find_first_of("/?"), rest.size());
        authority = rest.substr(0, end);
        if (!is_host(authority)) {
            return malformed("the target has a malformed host");
        }
        rest.remove_prefix(end);
    }
    const auto mark = std::min(rest.find('?'), rest.size());
    head.path = mark == 0 ? std::string_view("/") : rest.substr(0, mark);
    head.query = rest.substr(std::min(mark + 1, rest.size()));
    return {};
}

std::expected<void, framing_error> parse_request_line(
    std::string_view line, request_head& head, std::string_view& authority, const limits& bounds
) {
    const auto first = line.find(' ');
    if (first == std::string_view::npos || !is_token(line.substr(0, first))) {
        return malformed("the request line has no method");
    }
    head.method = line.substr(0, first);
    line.remove_prefix(first + 1);
    const auto second = line.find(' ');
    if (second == std::string_view::npos || second == 0) {
        return malformed("the request line has no target");
    }
    head.target = line.substr(0, second);
    if (head.target.size() > bounds.target_bytes) {
        return target_too_long();
    }
    if (!std::ranges::all_of(head.target, [](char c) {
            return index(c) > 0x20 && index(c) < 0x7f && c != '#';
        })) {
        return malformed("the target has characters that must be escaped");
    }
    const auto version = line.substr(second + 1);
    if (version != "HTTP/1.1" && version != "HTTP/1.0") {
        return malformed("the version is neither HTTP/1.1 nor HTTP/1.0");
    }
    head.http_1_0 = version.back() == '0';
    return split_target(head, authority);
}

std::expected<header_field, framing_error> parse_field(std::string_view line) {
    if (line.front() == ' ' || line.front() == '\t') {
        return malformed("a header line is folded or begins with white space");
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
        return malformed("a header name is missing or malformed");
    }
    const header_field field{line.substr(0, colon), trimmed(line.substr(colon + 1))};
    if (!std::ranges::all_of(field.value, [](char c) { return value_characters[index(c)]; })) {
        return malformed("a header value has control characters");
    }
    return field;
}

/// Fields whose repetition would let two readers see two requests.
constexpr auto single_fields = std::to_array<std::string_view>(
    {"authorization",
     "content-encoding",
     "content-type",
     "idempotency-key",
     "if-match",
     "last-event-id",
     "min-position",
     "origin",
     "sec-websocket-key",
     "sec-websocket-version",
     "traceparent",
     "x-request-id"}
);

struct framing_fields {
    std::optional<std::string_view> host;
    std::optional<std::string_view> length;
    std::optional<std::string_view> encoding;
    std::optional<std::string_view> expect;
    bool asks_close = false;
    bool asks_keep_alive = false;
    unsigned seen = 0;
};

std::expected<void, framing_error> set_once(
    std::optional<std::string_view>& place, std::string_view value, std::string_view repeated
) {
    if (place) {
        return malformed(repeated);
    }
    if (!is_ascii(value)) {
        return malformed("a header value that frames the request is not ASCII");
    }
    place = value;
    return {};
}

/// Notes what the field means for framing. Dispatches on the length first: most fields are none
/// of these, and comparing every name with all of them would cost more than the parsing.
std::expected<void, framing_error> note_field(const header_field& field, framing_fields& noted) {
    const auto is = [&](std::string_view name) { return equal_ignoring_case(field.name, name); };
    switch (field.name.size()) {
        case 4:
            if (is("host")) {
                return set_once(noted.host, field.value, "there is more than one Host");
            }
            break;
        case 6:
            if (is("expect")) {
                return set_once(noted.expect, field.value, "there is more than one Expect");
            }
            break;
        case 10:
            if (is("connection")) {
                noted.asks_close = noted.asks_close || list_contains(field.value, "close");
                noted.asks_keep_alive =
                    noted.asks_keep_alive || list_contains(field.value, "keep-alive");
                return {};
            }
            break;
        case 14:
            if (is("content-length")) {
                return set_once(noted.length, field.value, "there is more than one Content-Length");
            }
            break;
        case 17:
            if (is("transfer-encoding")) {
                return set_once(
                    noted.encoding, field.value, "there is more than one Transfer-Encoding"
                );
            }
            break;
        default:
            break;
    }
    for (std::size_t i = 0; i < single_fields.size(); ++i) {
        if (field.name.size() == single_fields[i].size() && is(single_fields[i])) {
            const auto bit = 1U << i;
            if ((noted.seen & bit) != 0) {
                return bad_header("a header that may stand once is repeated");
            }
            noted.seen |= bit;
        }
    }
    return {};
}

std::expected<std::uint64_t, framing_error> parse_length(std::string_view digits) {
    if (digits.empty() || !std::ranges::all_of(digits, is_digit)) {
        return malformed("the Content-Length is not a number");
    }
    std::uint64_t length = 0;
    const auto failure = std::from_chars(digits.data(), digits.data() + digits.size(), length).ec;
    if (failure != std::errc{}) {
        return refusal(framing_error{413, "body_too_large", "the request body is too large"});
    }
    return length;
}

std::expected<void, framing_error> apply_body_fields(
    const framing_fields& noted, request_head& head
) {
    if (noted.encoding) {
        if (head.http_1_0) {
            return malformed("HTTP/1.0 has no Transfer-Encoding");
        }
        if (noted.length) {
            return malformed("there are both Transfer-Encoding and Content-Length");
        }
        if (*noted.encoding != "chunked") {
            return malformed("the Transfer-Encoding is not chunked");
        }
        head.chunked = true;
    }
    if (noted.length) {
        const auto length = parse_length(*noted.length);
        if (!length) {
            return std::unexpected(length.error());
        }
        head.content_length = *length;
    }
    if (noted.expect && !head.http_1_0) {
        if (!equal_ignoring_case(*noted.expect, "100-continue")) {
            return refusal(
                framing_error{417, "expectation_failed", "only 100-continue may be expected"}
            );
        }
        head.expects_continue = head.has_body();
    }
    return {};
}

std::expected<void, framing_error> apply_fields(
    const framing_fields& noted, std::string_view authority, request_head& head
) {
    if (!noted.host && !head.http_1_0) {
        return malformed("there is no Host");
    }
    if (noted.host && !is_host(*noted.host)) {
        return malformed("the Host is malformed");
    }
    head.host = noted.host.value_or(authority);
    if (!authority.empty() && !equal_ignoring_case(authority, head.host)) {
        return malformed("the target names another host than the Host field");
    }
    head.keep_alive = !noted.asks_close && (!head.http_1_0 || noted.asks_keep_alive);
    return apply_body_fields(noted, head);
}

/// Takes the next line off `bytes`, without its CRLF.
std::string_view take_line(std::string_view& bytes) {
    const auto end = bytes.find("\r\n");
    const auto line = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 2, bytes.size()));
    return line;
}

}  // namespace

const header_field* request_head::find(std::string_view name) const {
    for (const auto& field : fields) {
        if (equal_ignoring_case(field.name, name)) {
            return &field;
        }
    }
    return nullptr;
}

bool equal_ignoring_case(std::string_view left, std::string_view right) {
    return left.size() == right.size() &&
           std::equal(left.begin(), left.end(), right.begin(), [](char a, char b) {
               return lower(a) == lower(b);
           });
}

bool list_contains(std::string_view list, std::string_view token) {
    while (!list.empty()) {
        const auto comma = std::min(list.find(','), list.size());
        if (equal_ignoring_case(trimmed(list.substr(0, comma)), token)) {
            return true;
        }
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

bool is_token(std::string_view text) {
    return !text.empty() &&
           std::ranges::all_of(text, [](char c) { return token_characters[index(c)]; });
}

std::expected<std::size_t, framing_error> find_head_end(
    std::string_view bytes, std::size_t& scanned, const limits& bounds
) {
    const auto within = bytes.substr(0, bounds.header_bytes);
    if (!within.empty() && !token_characters[index(within.front())]) {
        return malformed("the request does not begin with a method");
    }
    std::size_t line = scanned;
    while (true) {
        const auto end = within.find('\n', line);
        const auto carriage = within.find('\r', line);
        if (carriage != std::string_view::npos && carriage + 1 < within.size() &&
            carriage + 1 != end) {
            return malformed("a carriage return stands alone");
        }
        if (end == std::string_view::npos) {
            break;
        }
        if (end == 0 || within[end - 1] != '\r') {
            return malformed("a line feed stands alone");
        }
        if (end == line + 1) {
            scanned = 0;
            return end + 1;
        }
        line = end + 1;
    }
    scanned = line;
    if (bytes.size() < bounds.header_bytes) {
        return std::size_t{0};
    }
    return line == 0 ? target_too_long() : headers_too_large("the header is too large");
}

std::expected<void, framing_error> parse_head(
    std::string_view bytes, request_head& head, const limits& bounds
) {
    auto fields = std::move(head.fields);
    fields.clear();
    head = {};
    head.fields = std::move(fields);

    std::string_view authority;
    auto line_read = parse_request_line(take_line(bytes), head, authority, bounds);
    if (!line_read) {
        return line_read;
    }
    framing_fields noted;
    for (auto line = take_line(bytes); !line.empty(); line = take_line(bytes)) {
        const auto field = parse_field(line);
        if (!field) {
            return std::unexpected(field.error());
        }
        if (head.fields.size() == bounds.header_fields) {
            return headers_too_large("there are too many header fields");
        }
        head.fields.push_back(*field);
        auto fits = note_field(*field, noted);
        if (!fits) {
            return fits;
        }
    }
    return apply_fields(noted, authority, head);
}

}  // namespace teamflow::gateway
