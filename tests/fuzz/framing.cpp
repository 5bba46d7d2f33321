// Feeds bytes to the reading of heads and chunked bodies, whole and in two pieces: no crash, no
// difference between the two ways, nothing accepted that a second reader could read otherwise.

#include "gateway/http/framing.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "gateway/http/chunked.hpp"
#include "gateway/http/query_string.hpp"
#include "gateway/http/router.hpp"

namespace {

using namespace teamflow::gateway;

void expect(bool holds) {
    if (!holds) {
        std::abort();
    }
}

unsigned count_fields(const request_head& head, std::string_view name) {
    const auto is_named = [&](const header_field& field) {
        return equal_ignoring_case(field.name, name);
    };
    return static_cast<unsigned>(std::ranges::count_if(head.fields, is_named));
}

void check_head(const request_head& head) {
    expect(count_fields(head, "Host") == 1 || head.http_1_0);
    expect(count_fields(head, "Host") <= 1);
    expect(count_fields(head, "Content-Length") + count_fields(head, "Transfer-Encoding") <= 1);
    expect(head.chunked == (count_fields(head, "Transfer-Encoding") == 1));
    expect(!head.chunked || (!head.http_1_0 && head.content_length == 0));
    expect(head.fields.size() <= limits().header_fields);
    expect(!head.path.empty());
    for (const auto& field : head.fields) {
        expect(is_token(field.name));
        expect(field.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
    }
}

struct decoded {
    bool is_refused = false;
    bool is_done = false;
    std::size_t taken = 0;
    std::string body;
};

decoded decode(std::string_view bytes, std::size_t split) {
    const limits bounds;
    chunk_decoder decoder(4096, bounds);
    decoded result;
    for (const auto piece : {bytes.substr(0, split), bytes.substr(split)}) {
        const auto taken = decoder.feed(piece, result.body);
        result.is_refused = !taken;
        if (!taken || decoder.done()) {
            result.taken += taken.value_or(0);
            break;
        }
        result.taken += *taken;
    }
    result.is_done = decoder.done();
    return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::string bytes(data + 1, data + size);
    const std::size_t split = std::min<std::size_t>(data[0], bytes.size());
    const limits bounds;

    std::size_t scanned = 0;
    std::size_t resumed = 0;
    const auto whole = find_head_end(bytes, scanned, bounds);
    const auto first = find_head_end(std::string_view(bytes).substr(0, split), resumed, bounds);
    if (first && *first == 0) {
        const auto second = find_head_end(bytes, resumed, bounds);
        expect(whole.has_value() == second.has_value());
        expect(!whole || *whole == *second);
    }
    if (whole && *whole > 0) {
        request_head head;
        if (parse_head(std::string_view(bytes).substr(0, *whole), head, bounds)) {
            check_head(head);
            (void)query_string::parse(head.query);
            router routes;
            routes.add(method::get, "/a/{b}/c/{d}");
            path_match match;
            (void)routes.match(method::get, head.path, match);
        }
    }

    const auto at_once = decode(bytes, bytes.size());
    const auto in_two = decode(bytes, split);
    expect(at_once.is_refused == in_two.is_refused && at_once.is_done == in_two.is_done);
    expect(!at_once.is_done || (at_once.body == in_two.body && at_once.taken == in_two.taken));
    expect(at_once.body.size() <= 4096);
    return 0;
}
