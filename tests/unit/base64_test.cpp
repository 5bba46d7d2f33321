#include "infra/crypto/base64.hpp"

#include <array>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "infra/crypto/hmac.hpp"

namespace teamflow::infra {

TEST_CASE("base64url encodes the vectors of RFC 4648 without padding") {
    CHECK(base64url_encode("") == "");
    CHECK(base64url_encode("f") == "Zg");
    CHECK(base64url_encode("fo") == "Zm8");
    CHECK(base64url_encode("foo") == "Zm9v");
    CHECK(base64url_encode("foobar") == "Zm9vYmFy");
    CHECK(base64url_encode("\xFB\xFF\xFE") == "-__-");
}

TEST_CASE("base64url has one text for each byte string") {
    const auto refused = GENERATE(
        as<std::string_view>{},
        "Zg==",
        "Zg=",
        "Zh",
        "Zm9",
        "Zm8=",
        "Z",
        "+/+/",
        "Zm 9",
        " Zm9v",
        "Zm9v ",
        "Zm9v\n",
        "Zm9v.",
        "====",
        "Zm9v====",
        "\xC3\xA4",
        "\xEF\x61\x63",
        "Zm9\xEF"
    );
    CAPTURE(refused);
    CHECK_FALSE(base64url_decode(refused));
}

TEST_CASE("base64url decodes what it encodes, and nothing longer") {
    CHECK(rc::check("round trip", [](const std::string& bytes) {
        const std::string text = base64url_encode(bytes);
        RC_ASSERT(text.size() == base64url_length(bytes.size()));
        RC_ASSERT(base64url_decode(text) == bytes);
        RC_ASSERT(!base64url_decode(text + "="));
    }));
    CHECK(rc::check("what decodes is canonical", [](const std::string& text) {
        const auto bytes = base64url_decode(text);
        // RC_ASSERT evaluates both sides of an `||`.
        if (bytes) {
            RC_ASSERT(base64url_encode(*bytes) == text);
        }
    }));
}

TEST_CASE("base64 reads the padded standard alphabet that openssl prints") {
    CHECK(base64_decode("+/8=") == "\xFB\xFF");
    CHECK_FALSE(base64_decode("+/8"));
    CHECK_FALSE(base64_decode("-_8="));
}

TEST_CASE("HMAC-SHA-256 agrees with RFC 4231") {
    const hmac_sha256 jefe("Jefe");
    const std::string code = jefe.sign("what do ya want for nothing?");
    CHECK(to_hex(code) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(jefe.verify("what do ya want for nothing?", code));
    CHECK_FALSE(jefe.verify("what do ya want for nothing!", code));
    CHECK_FALSE(jefe.verify("what do ya want for nothing?", code.substr(1)));
    CHECK_FALSE(jefe.verify("what do ya want for nothing?", ""));

    const hmac_sha256 long_key(std::string(131, '\xAA'));
    CHECK(
        to_hex(long_key.sign("Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    );
}

TEST_CASE("SHA-256 agrees with FIPS 180") {
    CHECK(
        to_hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}

}  // namespace teamflow::infra
