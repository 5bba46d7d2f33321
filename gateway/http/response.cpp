#include "gateway/http/response.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "gateway/http/framing.hpp"

namespace teamflow::gateway {

namespace {

struct phrase {
    unsigned status;
    std::string_view text;
};

constexpr auto phrases = std::to_array<phrase>({
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
});

bool is_field_value(std::string_view value) {
    return std::ranges::all_of(value, [](char c) {
        return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != '\x7f');
    });
}

}  // namespace

void response::add_header(std::string_view name, std::string_view value) {
    if (!is_token(name) || !is_field_value(value)) {
        throw std::invalid_argument("a header field cannot be sent: " + std::string(name));
    }
    header_lines_.append(name).append(": ").append(value).append("\r\n");
}

std::optional<std::string_view> response::header(std::string_view name) const {
    std::string_view rest = header_lines_;
    while (!rest.empty()) {
        const auto line = rest.substr(0, rest.find("\r\n"));
        rest.remove_prefix(line.size() + 2);
        const auto colon = line.find(": ");
        if (equal_ignoring_case(line.substr(0, colon), name)) {
            return line.substr(colon + 2);
        }
    }
    return std::nullopt;
}

response json_response(unsigned status, std::string text) {
    response answer;
    answer.status = status;
    answer.content_type = media::json;
    answer.body = std::move(text);
    return answer;
}

response empty_response(unsigned status) {
    response answer;
    answer.status = status;
    return answer;
}

std::string_view reason_phrase(unsigned status) {
    const auto* found = std::ranges::find(phrases, status, &phrase::status);
    return found == phrases.end() ? std::string_view("Unknown") : found->text;
}

}  // namespace teamflow::gateway
