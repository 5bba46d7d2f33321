// Tokens that somebody who wants in would send. Each is refused, and for the reason meant.
#include <vector>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "infra/crypto/jwt.hpp"
#include "tests/support/forged_token.hpp"
#include "tests/support/temporary_directory.hpp"

namespace teamflow::infra {

namespace {

using namespace std::chrono_literals;
using namespace tests;
using enum token_error;

constexpr events::timestamp now{1'800'000'000s};
const std::string secret = "0123456789abcdef0123456789abcdef";

/// An instance with all kinds of keys, and the ones that an attacker may hold: the public key of
/// `ours.pem` and the private key of the outside provider.
struct instance {
    temporary_directory keys;
    key_pair rsa = make_rsa(2048);
    key_pair ed = make_ed25519();
    key_pair outside = make_ed25519();
    token_signer signer;
    std::string secret_kid;

    instance() : signer(settings()) {
        secret_kid = token_keys(token_settings{.secret = secret}).signing_kid();
    }

    token_settings settings() const {
        std::filesystem::create_directory(keys.path() / "pem");
        keys.write("pem/ours.pem", rsa.private_pem);
        keys.write("pem/public-ed.pem", ed.public_pem);
        const auto jwks = keys.write(
            "jwks.json",
            R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":"out","x":")" +
                base64url_encode(outside.public_bytes) + R"("}]})"
        );
        return {
            .secret = secret,
            .key_directory = keys.path() / "pem",
            .outside = {{.jwks_file = jwks, .issuer = "https://id.example", .audience = "tf"}},
        };
    }
};

const instance& shared_instance() {
    static const instance only;
    return only;
}

/// A JSON text with every occurrence of `from` replaced.
std::string with(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

const std::string good_payload =
    R"({"iss":"teamflow","aud":"teamflow","sub":"00000000-0000-0000-0000-000000000001",)"
    R"("org":"00000000-0000-0000-0000-000000000002","role":"member","operator":false,)"
    R"("iat":1800000000,"exp":1800000900,"jti":"00000000-0000-0000-0000-000000000003",)"
    R"("sid":"00000000-0000-0000-0000-000000000004"})";

std::string good_header() {
    return R"({"alg":"HS256","kid":")" + shared_instance().secret_kid + R"(","typ":"JWT"})";
}

token_key good_key() {
    return token_key::from_secret(secret);
}

token_error refusal(const std::string& token) {
    const auto result = shared_instance().signer.verify(token, now);
    REQUIRE_FALSE(result.has_value());
    return result.error();
}

struct hostile {
    std::string text;
    token_error error;
};

void check_payloads(const std::vector<hostile>& payloads) {
    for (const auto& [payload, error] : payloads) {
        CAPTURE(payload);
        CHECK(to_string(refusal(forge(good_key(), good_header(), payload))) == to_string(error));
    }
}

}  // namespace

TEST_CASE("the token that all others here are made of is accepted") {
    const auto accepted =
        shared_instance().signer.verify(forge(good_key(), good_header(), good_payload), now);
    REQUIRE(accepted);
    CHECK(accepted->role == "member");
}

TEST_CASE("a header that asks for anything but our own reading is refused") {
    const auto replace = [](std::string_view from, std::string_view to) {
        return with(good_header(), from, to);
    };
    const std::vector<hostile> headers{
        {replace("HS256", "none"), wrong_algorithm},
        {replace("HS256", "None"), wrong_algorithm},
        {replace("HS256", "NONE"), wrong_algorithm},
        {replace("HS256", "nOnE"), wrong_algorithm},
        {replace("HS256", ""), wrong_algorithm},
        {replace("HS256", "hs256"), wrong_algorithm},
        {replace("HS256", "HS384"), wrong_algorithm},
        {replace("HS256", "RS256"), wrong_algorithm},
        {replace("HS256", "EdDSA"), wrong_algorithm},
        {replace(R"("HS256")", "null"), bad_header},
        {replace(R"("HS256")", R"(["HS256"])"), bad_header},
        {replace(R"("alg":"HS256",)", ""), bad_header},
        {replace(R"("alg")", R"("alg":"none","alg")"), malformed},
        {replace(R"("alg")", R"("\u0061lg":"none","alg")"), malformed},
        {replace(R"("typ":"JWT")", R"("typ":"JWE")"), bad_header},
        {replace(R"("typ":"JWT")", R"("typ":"refresh")"), bad_header},
        {replace(R"("typ":"JWT")", R"("typ":5)"), bad_header},
        {replace(R"(,"typ":"JWT")", ""), bad_header},
        {replace("{", R"({"crit":["exp"],)"), bad_header},
        {replace("{", R"({"crit":[],)"), bad_header},
        {replace("{", R"({"b64":false,"crit":["b64"],)"), bad_header},
        {replace("{", R"({"jku":"http://127.0.0.1/keys",)"), bad_header},
        {replace("{", R"({"x5u":"http://127.0.0.1/cert",)"), bad_header},
        {replace("{", R"({"x5c":["MII"],)"), bad_header},
        {replace("{", R"({"jwk":{"kty":"oct","k":"AA"},)"), bad_header},
        {replace("{", R"({"zip":"DEF",)"), bad_header},
        {replace("{", R"({"enc":"A128GCM",)"), bad_header},
        {R"([])", malformed},
        {R"("HS256")", malformed},
        {R"(null)", malformed},
        {R"({"alg":"HS256")", malformed},
        {good_header() + "{}", malformed},
        {"\xEF\xBB\xBF" + good_header(), malformed},
        {replace("JWT", "JW\xFF"), malformed},
        {replace("JWT", R"(JWT\u0000)"), malformed},
        {std::string(40, '[') + std::string(40, ']'), malformed},
        {replace("{", R"({"x":)" + std::string(40, '[') + std::string(40, ']') + ","), malformed},
    };
    for (const auto& [header, error] : headers) {
        CAPTURE(header);
        CHECK(to_string(refusal(forge(good_key(), header, good_payload))) == to_string(error));
    }
}

TEST_CASE("a key id is only ever compared") {
    const std::string& kid = shared_instance().secret_kid;
    for (const std::string_view other : {
             std::string_view{""},
             std::string_view{"ours.pem"},
             std::string_view{"../pem/ours"},
             std::string_view{"../../../../dev/null"},
             std::string_view{"/etc/hostname"},
             std::string_view{"ours' OR '1'='1"},
             std::string_view{"ours|/bin/true"},
             std::string_view{"OURS"},
             std::string_view{"ours "},
         }) {
        CAPTURE(other);
        const std::string header = with(good_header(), kid, other);
        CHECK(refusal(forge(good_key(), header, good_payload)) == unknown_key);
    }
    for (const std::string_view value : {"null", "0", "[\"ours\"]", "{}", "true"}) {
        const std::string header = with(good_header(), '"' + kid + '"', value);
        CHECK(refusal(forge(good_key(), header, good_payload)) == bad_header);
    }
}

TEST_CASE("a signature that its key did not make is refused") {
    const instance& all = shared_instance();
    const std::string rs_header = R"({"alg":"RS256","kid":"ours","typ":"JWT"})";
    const std::string rs_as_hs = R"({"alg":"HS256","kid":"ours","typ":"JWT"})";
    const std::string ed_header = R"({"alg":"EdDSA","kid":"public-ed","typ":"JWT"})";
    const token_key public_as_secret = token_key::from_secret(all.rsa.public_pem);
    const token_key outside =
        token_key::from_pem_file(all.keys.write("o.pem", all.outside.private_pem));

    // The classic confusion: the public key, which everybody has, used as an HMAC secret.
    CHECK(refusal(forge(public_as_secret, rs_as_hs, good_payload)) == wrong_algorithm);
    CHECK(refusal(forge(public_as_secret, rs_header, good_payload)) == bad_signature);
    CHECK(
        refusal(forge(token_key::from_secret(all.ed.public_bytes), ed_header, good_payload)) ==
        bad_signature
    );
    CHECK(refusal(forge(outside, ed_header, good_payload)) == bad_signature);
    CHECK(refusal(forge(good_key(), rs_header, good_payload)) == bad_signature);
    CHECK(
        refusal(forge(token_key::from_secret(std::string(32, '\0')), good_header(), good_payload)
        ) == bad_signature
    );
    CHECK(
        refusal(forge(token_key::from_secret(secret + "x"), good_header(), good_payload)) ==
        bad_signature
    );

    // An outside provider cannot speak in our name.
    const std::string out_header = R"({"alg":"EdDSA","kid":"out","typ":"JWT"})";
    CHECK(refusal(forge(outside, out_header, good_payload)) == wrong_issuer);
    const std::string right_issuer = with(good_payload, "\"teamflow\"", "\"https://id.example\"");
    CHECK(refusal(forge(outside, out_header, right_issuer)) == wrong_audience);
}

TEST_CASE("every changed, added or missing character of a token is noticed") {
    const std::string token = forge(good_key(), good_header(), good_payload);
    for (std::size_t i = 0; i < token.size(); ++i) {
        std::string changed = token;
        changed[i] = token[i] == 'A' ? 'B' : 'A';
        CHECK_FALSE(shared_instance().signer.verify(changed, now).has_value());
        CHECK_FALSE(shared_instance().signer.verify(token.substr(0, i), now).has_value());
    }
}

TEST_CASE("the S of an Ed25519 signature cannot be raised by the order of the group") {
    const instance& all = shared_instance();
    const token_key outside =
        token_key::from_pem_file(all.keys.write("o2.pem", all.outside.private_pem));
    const std::string message = "message";
    std::string signature = outside.sign(message);
    REQUIRE(outside.verify(message, signature));
    static constexpr std::array<unsigned char, 32> order{0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12,
                                                         0x58, 0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9,
                                                         0xDE, 0x14, 0,    0,    0,    0,    0,
                                                         0,    0,    0,    0,    0,    0,    0,
                                                         0,    0,    0,    0x10};
    unsigned carry = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        carry += static_cast<unsigned char>(signature[32 + i]) + unsigned{order[i]};
        signature[32 + i] = static_cast<char>(carry);
        carry >>= 8U;
    }
    CHECK_FALSE(outside.verify(message, signature));
    CHECK_FALSE(outside.verify(message, ""));
    CHECK_FALSE(outside.verify(message, std::string(64, '\0')));
}

TEST_CASE("a token in another shape is refused") {
    const std::string token = forge(good_key(), good_header(), good_payload);
    const std::size_t dot = token.find('.');
    const std::size_t last = token.rfind('.');
    const std::vector<hostile> tokens{
        {"", malformed},
        {".", malformed},
        {"..", malformed},
        {"...", malformed},
        {token + ".", malformed},
        {token + "..", malformed},
        {token + ".x", malformed},
        {"." + token, malformed},
        {token.substr(0, last), malformed},
        {token.substr(0, last + 1), malformed},
        {token.substr(dot), malformed},
        {token + "=", malformed},
        {with(token, ".", "=."), malformed},
        {token + " ", malformed},
        {token + "\n", malformed},
        {" " + token, malformed},
        {token + std::string(1, '\0'), malformed},
        {"Bearer " + token, malformed},
        {with(token, ".", ","), malformed},
        {token.substr(0, dot) + ".." + token.substr(last + 1), malformed},
        {token.substr(0, dot + 1) + "!!!" + token.substr(last), bad_signature},
        {std::string(8192, '.'), malformed},
        {std::string(8192, 'A'), malformed},
        {token + std::string(8193 - token.size(), 'A'), too_large},
        {std::string(16'384, 'A'), too_large},
        {std::string(1 << 20U, '.'), too_large},
        {good_header() + "." + good_payload + ".x", malformed},
        {"e30.e30.e30", bad_header},
    };
    for (const auto& [text, error] : tokens) {
        CAPTURE(text.substr(0, 100), text.size());
        CHECK(to_string(refusal(text)) == to_string(error));
    }
    // The last character of the signature holds two bits that encode nothing.
    std::string stray = token;
    stray.back() = static_cast<char>(stray.back() + 1);
    CHECK_FALSE(shared_instance().signer.verify(stray, now).has_value());
}

TEST_CASE("claims that are missing, of the wrong type or not for us are refused") {
    const auto replace = [](std::string_view from, std::string_view to) {
        return with(good_payload, from, to);
    };
    const std::vector<hostile> payloads{
        {replace(R"("iss":"teamflow",)", ""), wrong_issuer},
        {replace(R"("iss":"teamflow")", R"("iss":"Teamflow")"), wrong_issuer},
        {replace(R"("iss":"teamflow")", R"("iss":"https://id.example")"), wrong_issuer},
        {replace(R"("iss":"teamflow")", R"("iss":["teamflow"])"), wrong_issuer},
        {replace(R"("aud":"teamflow",)", ""), wrong_audience},
        {replace(R"("aud":"teamflow")", R"("aud":"other")"), wrong_audience},
        {replace(R"("aud":"teamflow")", R"("aud":[])"), wrong_audience},
        {replace(R"("aud":"teamflow")", R"("aud":["other"])"), wrong_audience},
        {replace(R"("aud":"teamflow")", R"("aud":["teamflow",1])"), wrong_audience},
        {replace(R"("aud":"teamflow")", R"("aud":[["teamflow"]])"), wrong_audience},
        {replace(R"("aud":"teamflow")", R"("aud":{"teamflow":1})"), wrong_audience},
        {replace(R"("sub":"00000000-0000-0000-0000-000000000001",)", ""), bad_claims},
        {replace(R"("sub":"00000000-0000-0000-0000-000000000001")", R"("sub":1)"), bad_claims},
        {replace(R"("sub":"00000000-0000-0000-0000-000000000001")", R"("sub":null)"), bad_claims},
        {replace("000000000001", "000000000000"), bad_claims},
        {replace("000000000001", "00000000000"), bad_claims},
        {replace("000000000001", "000000000001 "), bad_claims},
        {replace(R"("org":"00000000-0000-0000-0000-000000000002",)", ""), bad_claims},
        {replace("000000000002", "000000000000"), bad_claims},
        {replace("000000000002", "' or 1=1 --"), bad_claims},
        {replace(R"("role":"member",)", ""), bad_claims},
        {replace(R"("role":"member")", R"("role":["owner"])"), bad_claims},
        {replace(R"("role":"member")", R"("role":"")"), bad_claims},
        {replace("member", std::string(33, 'x')), bad_claims},
        {replace(R"("operator":false)", R"("operator":"true")"), bad_claims},
        {replace(R"("operator":false)", R"("operator":1)"), bad_claims},
        {replace(R"("operator":false)", R"("operator":true)"), bad_claims},
        {replace(R"("jti":"00000000-0000-0000-0000-000000000003",)", ""), bad_claims},
        {replace("000000000003", "x"), bad_claims},
        {replace("000000000004", "x"), bad_claims},
        {replace("{", R"({"role":"owner",)"), malformed},
        {replace("{", R"({"\u0072ole":"owner",)"), malformed},
        {replace("{", R"({"exp":9999999999,)"), malformed},
        {replace("member", R"(mem\u0000ber)"), malformed},
        {replace(
             "member",
             "mem\xC0\x80"
             "ber"
         ),
         malformed},
        {replace(
             "member",
             "mem\xED\xA0\x80"
             "ber"
         ),
         malformed},
        {replace("{", "{,"), malformed},
        {replace("{", "{/**/"), malformed},
        {replace("1800000900", "NaN"), malformed},
        {good_payload + good_payload, malformed},
        {good_payload + "\n,", malformed},
        {"[" + good_payload + "]", malformed},
        {"", malformed},
    };
    check_payloads(payloads);
}

TEST_CASE("times that are missing, no whole seconds, or not now are refused") {
    const auto replace = [](std::string_view from, std::string_view to) {
        return with(good_payload, from, to);
    };
    const std::vector<hostile> payloads{
        {replace(R"("exp":1800000900,)", ""), bad_claims},
        {replace("1800000900", R"("1800000900")"), bad_claims},
        {replace("1800000900", "1800000900.5"), bad_claims},
        {replace("1800000900", "1.8e9"), bad_claims},
        {replace("1800000900", "1e400"), malformed},
        {replace("1800000900", "253402300800"), bad_claims},
        {replace("1800000900", "9223372036854775807"), bad_claims},
        {replace("1800000900", "18446744073709551615"), bad_claims},
        {replace("1800000900", "99999999999999999999999"), bad_claims},
        {replace("1800000900", "null"), bad_claims},
        {replace("1800000900", "-1"), bad_claims},
        {replace("1800000900", "0"), expired},
        {replace("1800000900", "1800000000"), expired},
        {replace("1800000900", "1799999999"), expired},
        {replace(R"("iat":1800000000,)", ""), bad_claims},
        {replace("1800000000", "true"), bad_claims},
        {replace("1800000000", "1800000031"), not_yet_valid},
        {replace("{", R"({"nbf":1800000031,)"), not_yet_valid},
        {replace("{", R"({"nbf":"1800000000",)"), bad_claims},
        {replace("{", R"({"nbf":null,)"), bad_claims},
    };
    check_payloads(payloads);
}

TEST_CASE("clocks may differ by half a minute") {
    const auto accepts = [](const std::string& payload) {
        return shared_instance().signer.verify(forge(good_key(), good_header(), payload), now);
    };
    CHECK(accepts(with(good_payload, "1800000000", "1800000030")));
    CHECK(accepts(with(good_payload, "{", R"({"nbf":1800000030,)")));
    CHECK(accepts(with(good_payload, "1800000900", "1800000001")));
    CHECK(accepts(with(good_payload, R"("aud":"teamflow")", R"("aud":["other","teamflow"])")));
}

TEST_CASE("no bytes at all make verification fail in another way than by refusing") {
    CHECK(rc::check("raw text", [](const std::string& text) {
        RC_ASSERT(!shared_instance().signer.verify(text, now));
    }));
    CHECK(rc::check("signed text", [](const std::string& payload) {
        RC_ASSERT(!shared_instance().signer.verify(forge(good_key(), good_header(), payload), now));
    }));
    CHECK(rc::check("signed header", [](const std::string& header) {
        RC_ASSERT(!shared_instance().signer.verify(forge(good_key(), header, good_payload), now));
    }));
}

}  // namespace teamflow::infra
