#include "gateway/api/admin_page.hpp"

#include <charconv>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "gateway/http/framing.hpp"
#include "gateway/http/problem.hpp"
#include "infra/crypto/sha256.hpp"
#include "infra/embedded.hpp"

namespace teamflow::gateway::admin_page_files {

std::span<const infra::embedded_file> files();

}  // namespace teamflow::gateway::admin_page_files

namespace teamflow::gateway {

namespace {

/// Its own scripts, styles and API, and no markup made from text.
constexpr std::string_view policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

struct page_file {
    std::string_view media_type;
    std::string tag;
    shared_text content;
};

std::string_view media_type_of(std::string_view path) {
    if (path.ends_with(".html")) {
        return media::html;
    }
    return path.ends_with(".css") ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8";
}

/// A number, as all ETags of this server are: 60 bits of the hash of what is in the file.
std::string tag_of(std::string_view content) {
    constexpr std::size_t digits = 15;
    constexpr int hexadecimal = 16;
    infra::sha256_sum sum;
    sum.add(content);
    const auto hash = sum.hex().substr(0, digits);
    std::uint64_t number = 0;
    std::from_chars(hash.data(), hash.data() + hash.size(), number, hexadecimal);
    return '"' + std::to_string(number) + '"';
}

std::map<std::string_view, page_file> read_files() {
    std::map<std::string_view, page_file> all;
    for (const auto& each : admin_page_files::files()) {
        all[each.path] = {
            .media_type = media_type_of(each.path),
            .tag = tag_of(each.content),
            .content = std::make_shared<const std::string>(each.content)
        };
    }
    return all;
}

}  // namespace

response admin_page_file(const request& http, std::string_view name) {
    static const auto all = read_files();
    const auto found = all.find(name);
    if (found == all.end()) {
        return problem_response("not_found", "the page has no such file", http.request_id);
    }
    const auto& file = found->second;
    response answer;
    const auto known = http.header("If-None-Match");
    if (known && (*known == "*" || list_contains(*known, file.tag))) {
        answer.status = 304;
    } else {
        answer.content_type = file.media_type;
        answer.body = file.content;
    }
    answer.add_header("ETag", file.tag);
    // Asked for each time: the next version of the program has others under the same names.
    answer.add_header("Cache-Control", "no-cache");
    answer.add_header("Content-Security-Policy", policy);
    return answer;
}

}  // namespace teamflow::gateway
