// What the head of a request and a chunked body may look like: a table of raw bytes.

#include "gateway/http/framing.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "gateway/http/chunked.hpp"

namespace teamflow::tests {

namespace {

using namespace teamflow::gateway;
using namespace std::string_view_literals;

constexpr unsigned accepted = 200;

/// The status that the bytes of one head lead to; 0 when they are not a whole head.
unsigned status_of(std::string_view bytes) {
    const limits bounds;
    std::size_t scanned = 0;
    const auto end = find_head_end(bytes, scanned, bounds);
    if (!end) {
        return end.error().status;
    }
    if (*end == 0) {
        return 0;
    }
    request_head head;
    const auto parsed = parse_head(bytes.substr(0, *end), head, bounds);
    return parsed ? accepted : parsed.error().status;
}

struct framing_case {
    std::string_view bytes;
    unsigned status;
};

/// A GET with these field lines after Host.
std::string with_fields(std::string_view lines) {
    return "POST /x HTTP/1.1\r\nHost: h\r\n" + std::string(lines) + "\r\n";
}

std::string with_line(std::string_view line) {
    return std::string(line) + "\r\nHost: h\r\n\r\n";
}

std::string with_host(std::string_view value) {
    return "GET / HTTP/1.1\r\nHost: " + std::string(value) + "\r\n\r\n";
}

template <class Make>
void check(const std::vector<framing_case>& cases, Make make) {
    for (const auto& [bytes, status] : cases) {
        const std::string request = make(bytes);
        INFO(request);
        CHECK(status_of(request) == status);
    }
}

}  // namespace

TEST_CASE("request lines", "[framing]") {
    check(
        {
            {"GET / HTTP/1.1", accepted},
            {"GET /a/b?c=d&e HTTP/1.1", accepted},
            {"GET / HTTP/1.0", accepted},
            {"OPTIONS * HTTP/1.1", accepted},
            {"BREW / HTTP/1.1", accepted},
            {"M-SEARCH /x HTTP/1.1", accepted},
            {"GET http://h/x HTTP/1.1", accepted},
            {"GET HTTP://H/x HTTP/1.1", accepted},
            {"GET https://h?x HTTP/1.1", accepted},
            {"GET http://h HTTP/1.1", accepted},
            {"GET //h/x HTTP/1.1", accepted},
            {"GET /%zz HTTP/1.1", accepted},
            {"GET /a{b}|c HTTP/1.1", accepted},
            {"GET http://other/x HTTP/1.1", 400},
            {"GET http://h:80/x HTTP/1.1", 400},
            {"GET http:///x HTTP/1.1", 400},
            {"GET http://u@h/x HTTP/1.1", 400},
            {"GET ftp://h/x HTTP/1.1", 400},
            {"GET h:80 HTTP/1.1", 400},
            {"CONNECT h:80 HTTP/1.1", 400},
            {"GET * HTTP/1.1", 400},
            {"GET x HTTP/1.1", 400},
            {"GET  / HTTP/1.1", 400},
            {"GET /  HTTP/1.1", 400},
            {"GET / HTTP/1.1 ", 400},
            {"GET /\tHTTP/1.1", 400},
            {"GET\t/ HTTP/1.1", 400},
            {" GET / HTTP/1.1", 400},
            {"GET / x HTTP/1.1", 400},
            {"GET /", 400},
            {"GET", 400},
            {"GET /x#frag HTTP/1.1", 400},
            {"GET /\xc3\xa9 HTTP/1.1", 400},
            {"GET /\x7f HTTP/1.1", 400},
            {"GET /\x01 HTTP/1.1", 400},
            {"GET /\0 HTTP/1.1"sv, 400},
            {"G(T / HTTP/1.1", 400},
            {"G\xc3\x89T / HTTP/1.1", 400},
            {"GET: / HTTP/1.1", 400},
            {"GET / HTTP/0.9", 400},
            {"GET / HTTP/1.2", 400},
            {"GET / HTTP/2.0", 400},
            {"GET / HTTP/1.10", 400},
            {"GET / HTTP/01.1", 400},
            {"GET / http/1.1", 400},
            {"GET / HTTP/1,1", 400},
            {"GET / HTTP/1.", 400},
            {"GET / HTTPS/1.1", 400},
            {"GET / HTTP /1.1", 400},
            {"GET / ICE/1.0", 400},
            {"PRI * HTTP/2.0", 400},
        },
        with_line
    );
}

TEST_CASE("the Host field", "[framing]") {
    check(
        {
            {"localhost", accepted},
            {"localhost:8080", accepted},
            {"  localhost\t", accepted},
            {"127.0.0.1", accepted},
            {"[::1]", accepted},
            {"[::1]:80", accepted},
            {"[::ffff:1.2.3.4]", accepted},
            {"a-b_c.example.org", accepted},
            {"h:65535", accepted},
            {"", 400},
            {" ", 400},
            {":80", 400},
            {"h:", 400},
            {"h:65536", 400},
            {"h:8o", 400},
            {"h:-1", 400},
            {"h:+1", 400},
            {"h: 80", 400},
            {"a b", 400},
            {"a,b", 400},
            {"u@h", 400},
            {"h/x", 400},
            {"h?x", 400},
            {"h#x", 400},
            {"h\\x", 400},
            {"http://h", 400},
            {"h%41", 400},
            {"[::1", 400},
            {"::1", 400},
            {"[]", 400},
            {"[g::1]", 400},
            {"[::1]x", 400},
            {"h\xc3\xa9", 400},
            {"h\x01", 400},
            {"h\0"sv, 400},
        },
        with_host
    );
    CHECK(status_of("GET / HTTP/1.1\r\n\r\n") == 400);
    CHECK(status_of("GET / HTTP/1.0\r\n\r\n") == accepted);
    CHECK(status_of("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n") == 400);
    CHECK(status_of("GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n") == 400);
    CHECK(status_of("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n") == 400);
    CHECK(status_of("GET http://a/ HTTP/1.0\r\n\r\n") == accepted);
    CHECK(status_of("GET http://a/ HTTP/1.1\r\n\r\n") == 400);
}

TEST_CASE("the length of a body", "[framing]") {
    check(
        {
            {"", accepted},
            {"Content-Length: 0\r\n", accepted},
            {"Content-Length: 12\r\n", accepted},
            {"content-length:12\r\n", accepted},
            {"Content-Length: 12 \r\n", accepted},
            {"Content-Length: 012\r\n", accepted},
            {"Content-Length: 18446744073709551615\r\n", accepted},
            {"Content-Length: 18446744073709551616\r\n", 413},
            {"Content-Length:\r\n", 400},
            {"Content-Length: +12\r\n", 400},
            {"Content-Length: -1\r\n", 400},
            {"Content-Length: 0x10\r\n", 400},
            {"Content-Length: 1_0\r\n", 400},
            {"Content-Length: 1 2\r\n", 400},
            {"Content-Length: 12, 12\r\n", 400},
            {"Content-Length: 12,\r\n", 400},
            {"Content-Length: 1.0\r\n", 400},
            {"Content-Length: 1e3\r\n", 400},
            {"Content-Length: \"12\"\r\n", 400},
            {"Content-Length: 12\xc2\xa0\r\n", 400},
            {"Content-Length: \x0b"
             "12\r\n",
             400},
            {"Content-Length: 12\r\nContent-Length: 12\r\n", 400},
            {"Content-Length: 12\r\ncontent-length: 13\r\n", 400},
            {"Content-Length : 12\r\n", 400},
            {"Content-Length\t: 12\r\n", 400},
            {"Transfer-Encoding: chunked\r\n", accepted},
            {"transfer-encoding:chunked\t\r\n", accepted},
            {"Transfer-Encoding: Chunked\r\n", 400},
            {"Transfer-Encoding: gzip\r\n", 400},
            {"Transfer-Encoding: identity\r\n", 400},
            {"Transfer-Encoding: xchunked\r\n", 400},
            {"Transfer-Encoding: chunkedx\r\n", 400},
            {"Transfer-Encoding: gzip, chunked\r\n", 400},
            {"Transfer-Encoding: chunked, chunked\r\n", 400},
            {"Transfer-Encoding: chunked,\r\n", 400},
            {"Transfer-Encoding: ,chunked\r\n", 400},
            {"Transfer-Encoding: chunked;q=1\r\n", 400},
            {"Transfer-Encoding: \"chunked\"\r\n", 400},
            {"Transfer-Encoding: 'chunked'\r\n", 400},
            {"Transfer-Encoding: chun ked\r\n", 400},
            {"Transfer-Encoding:\r\n", 400},
            {"Transfer-Encoding: \x0b"
             "chunked\r\n",
             400},
            {"Transfer-Encoding: chunked\x0c\r\n", 400},
            {"Transfer-Encoding: chunked\0\r\n"sv, 400},
            {"Transfer-Encoding: chunked\xff\r\n", 400},
            {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400},
            {"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", 400},
            {"Transfer-Encoding: chunked\r\nContent-Length: 12\r\n", 400},
            {"Content-Length: 12\r\nTransfer-Encoding: chunked\r\n", 400},
            {"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", 400},
            {"Transfer-Encoding : chunked\r\n", 400},
            {"Transfer-Encoding:\r\n chunked\r\n", 400},
            {"Transfer\xe2\x80\x90"
             "Encoding: chunked\r\n",
             400},
            {"X: y\r\n Transfer-Encoding: chunked\r\n", 400},
        },
        with_fields
    );
    CHECK(status_of("POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n") == 400);
    CHECK(status_of("POST / HTTP/1.0\r\nContent-Length: 1\r\n\r\n") == accepted);
}

TEST_CASE("fields and line ends", "[framing]") {
    check(
        {
            {"X: y\r\n", accepted},
            {"X:\r\n", accepted},
            {"X: a:b\r\n", accepted},
            {"X: caf\xc3\xa9\r\n", accepted},
            {"X: tab\there\r\n", accepted},
            {"!#$%&'*+-.^_`|~09aZ: y\r\n", accepted},
            {"Expect: 100-continue\r\n", accepted},
            {"Expect: 100-Continue\r\n", accepted},
            {"Accept: a\r\nAccept: b\r\n", accepted},
            {"If-Match: \"1\"\r\nIf-Match: \"2\"\r\n", 400},
            {"Expect: 200-ok\r\n", 417},
            {"Expect: 100-continue\r\nExpect: 100-continue\r\n", 400},
            {"X y\r\n", 400},
            {": y\r\n", 400},
            {"X : y\r\n", 400},
            {" X: y\r\n", 400},
            {"X: y\r\n z\r\n", 400},
            {"X: y\r\n\tz\r\n", 400},
            {"X: y\r\n \r\n", 400},
            {"X(: y\r\n", 400},
            {"X\xc3\xa9: y\r\n", 400},
            {"X\0: y\r\n"sv, 400},
            {"X: \0\r\n"sv, 400},
            {"X: a\x01"
             "b\r\n",
             400},
            {"X: a\x7f"
             "b\r\n",
             400},
            {"X: a\nY: b\r\n", 400},
            {"X: a\rY: b\r\n", 400},
            {"X: a\r\rY: b\r\n", 400},
            {"X: a\r\r\n", 400},
            {"X: a\n\r\n", 400},
            {"Authorization: a\r\nAuthorization: b\r\n", 400},
            {"Content-Type: a\r\ncontent-type: a\r\n", 400},
            {"Idempotency-Key: a\r\nIdempotency-Key: a\r\n", 400},
            {"X-Request-ID: a\r\nX-Request-ID: a\r\n", 400},
            {"Origin: a\r\nOrigin: b\r\n", 400},
        },
        with_fields
    );
    CHECK(status_of("GET / HTTP/1.1\nHost: h\n\n") == 400);
    CHECK(status_of("GET / HTTP/1.1\r\nHost: h\n\n") == 400);
    CHECK(status_of("GET / HTTP/1.1\r\nHost: h\r\n\n") == 400);
    CHECK(status_of("GET / HTTP/1.1\rHost: h\r\r") == 400);
    CHECK(status_of("GET / HTTP/1.1\r\nHost: h\r\n\r\r") == 400);
    CHECK(status_of("\nGET / HTTP/1.1\r\n") == 400);
    CHECK(status_of("\x16\x03\x01\x02") == 400);
    CHECK(status_of("GET / HTTP/1.1\r\nHost: h\r\n") == 0);
    CHECK(status_of("GET / HTTP/1.1\r\nHost: h\r\n\r") == 0);
    CHECK(status_of("") == 0);
}

TEST_CASE("sizes of a head", "[framing]") {
    const auto padded = [](std::size_t size) {
        const std::string start = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
        return start + std::string(size - start.size() - 4, 'p') + "\r\n\r\n";
    };
    CHECK(status_of(padded(8191)) == accepted);
    CHECK(status_of(padded(8192)) == accepted);
    CHECK(status_of(padded(8193)) == 431);
    CHECK(status_of(padded(80'000)) == 431);
    const auto with_target = [](std::size_t size) {
        return with_line("GET /" + std::string(size - 1, 't') + " HTTP/1.1");
    };
    CHECK(status_of(with_target(4095)) == accepted);
    CHECK(status_of(with_target(4096)) == accepted);
    CHECK(status_of(with_target(4097)) == 414);
    CHECK(status_of(with_target(9000)) == 414);
    const auto with_count = [](unsigned count) {
        std::string lines;
        for (unsigned i = 1; i < count; ++i) {
            lines += "A:\r\n";
        }
        return with_fields(lines);
    };
    CHECK(status_of(with_count(99)) == accepted);
    CHECK(status_of(with_count(100)) == accepted);
    CHECK(status_of(with_count(101)) == 431);
    CHECK(status_of(with_count(1501)) == 431);
}

TEST_CASE("the end of a head is found however the bytes arrive", "[framing]") {
    const std::string request = "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\nrest";
    const limits bounds;
    std::size_t scanned = 0;
    for (std::size_t size = 1; size < request.size() - 4; ++size) {
        const auto found =
            find_head_end(std::string_view(request).substr(0, size), scanned, bounds);
        REQUIRE(found == std::size_t{0});
    }
    REQUIRE(find_head_end(request, scanned, bounds) == request.size() - 4);
}

TEST_CASE("what a head says", "[framing]") {
    const std::string request =
        "PUT http://Api.example:80/a/b?c=d?e HTTP/1.1\r\nhost: api.example:80\r\n"
        "Connection: x, Close\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    request_head head;
    REQUIRE(parse_head(request, head, limits()));
    REQUIRE(head.method == "PUT");
    REQUIRE(head.path == "/a/b");
    REQUIRE(head.query == "c=d?e");
    REQUIRE(head.host == "api.example:80");
    REQUIRE(head.content_length == 3);
    REQUIRE(head.expects_continue);
    REQUIRE_FALSE(head.keep_alive);
    REQUIRE(head.find("EXPECT")->value == "100-continue");
    REQUIRE(head.find("x") == nullptr);
    REQUIRE(parse_head("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", head, limits()));
    REQUIRE(head.keep_alive);
    REQUIRE(head.http_1_0);
    REQUIRE_FALSE(head.expects_continue);
    REQUIRE(head.fields.size() == 1);
}

namespace {

struct chunked_case {
    std::string_view bytes;
    unsigned status;
    std::string_view body;
    std::string_view rest;
};

/// Feeds pieces of `step` bytes; the status is 0 while the body has not ended.
void check_chunked(const chunked_case& what, std::size_t step) {
    INFO(what.bytes << " in steps of " << step);
    const limits bounds;
    chunk_decoder decoder(20, bounds);
    std::string body;
    std::size_t at = 0;
    unsigned status = 0;
    while (at < what.bytes.size() && status == 0) {
        const auto taken = decoder.feed(what.bytes.substr(at, step), body);
        if (!taken) {
            status = taken.error().status;
        } else {
            at += *taken;
            status = decoder.done() ? accepted : 0;
        }
    }
    CHECK(status == what.status);
    if (status == accepted) {
        CHECK(body == what.body);
        CHECK(what.bytes.substr(at) == what.rest);
    }
}

}  // namespace

TEST_CASE("chunked bodies", "[framing]") {
    const std::string extension_fits = "1;" + std::string(256, 'e') + "\r\na\r\n0\r\n\r\n";
    const std::string extension_too_long = "1;" + std::string(257, 'e') + "\r\na\r\n0\r\n\r\n";
    const std::string trailers_too_large = "0\r\nA: " + std::string(8200, 't') + "\r\n\r\n";
    const std::vector<chunked_case> cases = {
        {"0\r\n\r\n", accepted, "", ""},
        {"3\r\nabc\r\n0\r\n\r\nGET", accepted, "abc", "GET"},
        {"A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", accepted, "01234567890123456789", ""},
        {"003\r\nabc\r\n000\r\n\r\n", accepted, "abc", ""},
        {"3;a=b;c=\"d\"\r\nabc\r\n0;x\r\n\r\n", accepted, "abc", ""},
        {"0\r\nX: y\r\nHost: other\r\n\r\n", accepted, "", ""},
        {extension_fits, accepted, "a", ""},
        {"3\r\nabc\r\n", 0, "", ""},
        {"0\r\n", 0, "", ""},
        {"0\r\nX: y\r\n", 0, "", ""},
        {extension_too_long, 400, "", ""},
        {trailers_too_large, 431, "", ""},
        {"15\r\n", 413, "", ""},
        {"A\r\n0123456789\r\nB\r\n", 413, "", ""},
        {"FFFFFFFFFFFFFFF\r\n", 413, "", ""},
        {"FFFFFFFFFFFFFFFF\r\n", 400, "", ""},
        {"10000000000000000\r\n", 400, "", ""},
        {"\r\n", 400, "", ""},
        {"-1\r\n", 400, "", ""},
        {"+1\r\na\r\n", 400, "", ""},
        {"0x1\r\na\r\n", 400, "", ""},
        {"1_0\r\n", 400, "", ""},
        {"g\r\n", 400, "", ""},
        {" 1\r\na\r\n", 400, "", ""},
        {"1 \r\na\r\n", 400, "", ""},
        {"1\t;x\r\na\r\n", 400, "", ""},
        {";x\r\n", 400, "", ""},
        {"1\na\n0\n\n", 400, "", ""},
        {"1\ra\r\n", 400, "", ""},
        {"1\r\na\n0\r\n\r\n", 400, "", ""},
        {"1\r\nab\r\n", 400, "", ""},
        {"3\r\nab\r\n0\r\n\r\n", 400, "", ""},
        {"1;a\nb\r\na\r\n", 400, "", ""},
        {"1;a\rb\r\na\r\n", 400, "", ""},
        {"1;\x01\r\na\r\n", 400, "", ""},
        {"0\r\n\n", 400, "", ""},
        {"0\r\n\rX", 400, "", ""},
        {"0\r\nX y\r\n\r\n", 400, "", ""},
        {"0\r\n: y\r\n\r\n", 400, "", ""},
        {"0\r\n X: y\r\n\r\n", 400, "", ""},
        {"0\r\nX : y\r\n\r\n", 400, "", ""},
        {"0\r\nX: y\r\n z\r\n\r\n", 400, "", ""},
        {"0\r\nX: y\n\r\n", 400, "", ""},
        {"0\r\nX: \x01\r\n\r\n", 400, "", ""},
    };
    for (const auto& each : cases) {
        for (const auto step : {1UZ, 2UZ, 7UZ, 100'000UZ}) {
            check_chunked(each, step);
        }
    }
}

}  // namespace teamflow::tests
