#include "infra/crypto/jwt.hpp"

#include <chrono>

#include <catch2/catch.hpp>

#include <boost/json/parse.hpp>

#include "infra/crypto/verified_tokens.hpp"
#include "tests/support/forged_token.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/temporary_directory.hpp"

namespace teamflow::infra {

namespace {

using namespace std::chrono_literals;
using namespace tests;

constexpr events::timestamp now{1'800'000'000s};
const std::string secret = "0123456789abcdef0123456789abcdef";

events::uuid uuid_of(std::uint8_t last) {
    events::uuid value{};
    value.data[15] = last;
    return value;
}

claims member_claims() {
    return {
        .user = events::user_id{uuid_of(1)},
        .organization = events::organization_id{uuid_of(2)},
        .role = "member",
        .is_operator = false,
        .issued_at = now,
        .expires_at = now + 900s,
        .token_id = uuid_of(3),
        .family = uuid_of(4),
    };
}

token_settings with_secret() {
    return {.secret = secret};
}

std::string decoded(std::string_view text) {
    const auto bytes = base64url_decode(text);
    REQUIRE(bytes.has_value());
    return bytes.value_or("");
}

boost::json::value header_of(const std::string& token) {
    return boost::json::parse(decoded(token.substr(0, token.find('.'))));
}

std::string jwks_of(const std::string& kid, const std::string& bytes) {
    return R"({"keys":[{"kty":"OKP","crv":"Ed25519","use":"sig","kid":")" + kid + R"(","x":")" +
           base64url_encode(bytes) + R"("}]})";
}

}  // namespace

TEST_CASE("a signed token verifies to the same claims") {
    const token_signer signer(with_secret());
    CHECK(signer.verify(signer.sign(member_claims()), now) == member_claims());

    claims of_operator = member_claims();
    of_operator.organization = events::nil_organization;
    of_operator.role = "";
    of_operator.is_operator = true;
    CHECK(signer.verify(signer.sign(of_operator), now) == of_operator);
}

TEST_CASE("a token has the header that other libraries expect") {
    const token_signer signer(with_secret());
    const std::string token = signer.sign(member_claims());
    const auto value = header_of(token);
    CHECK(value.at("alg") == "HS256");
    CHECK(value.at("typ") == "JWT");
    CHECK(value.at("kid").as_string().starts_with("hs-"));
}

TEST_CASE("a token lives exactly as long as it says") {
    const token_signer signer(with_secret());
    const std::string token = signer.sign(member_claims());
    CHECK(signer.verify(token, now + 900s - 1ms));
    CHECK(signer.verify(token, now + 900s) == std::unexpected(token_error::expired));
    CHECK(signer.verify(token, now - 30s));
    CHECK(signer.verify(token, now - 31s) == std::unexpected(token_error::not_yet_valid));
}

TEST_CASE("each kind of private key in the directory signs and verifies") {
    const temporary_directory keys;
    const bool rsa = GENERATE(true, false);
    keys.write("2026.pem", (rsa ? make_rsa(2048) : make_ed25519()).private_pem);
    const token_signer signer(token_settings{.key_directory = keys.path()});
    const std::string token = signer.sign(member_claims());
    CHECK(signer.verify(token, now) == member_claims());
    CHECK_FALSE(signer.verify(token + "A", now));
    const auto header = header_of(token);
    CHECK(header.at("alg") == (rsa ? "RS256" : "EdDSA"));
    CHECK(header.at("kid") == "2026");
}

TEST_CASE("keys follow one another without logging anybody out, and a removed key is refused") {
    const temporary_directory keys;
    const auto old_file = keys.write("old.pem", make_ed25519().private_pem);
    const auto age = std::filesystem::last_write_time(old_file);
    std::filesystem::last_write_time(old_file, age - 1h);
    const token_settings settings{.secret = secret, .key_directory = keys.path()};
    const std::string of_secret = token_signer(with_secret()).sign(member_claims());
    const std::string of_old = token_signer(settings).sign(member_claims());

    keys.write("new.pem", make_rsa(2048).private_pem);
    const token_signer both(settings);
    const std::string of_new = both.sign(member_claims());
    CHECK(both.verify(of_secret, now));
    CHECK(both.verify(of_old, now));
    CHECK(both.verify(of_new, now));
    CHECK(of_new.substr(0, of_new.find('.')) != of_old.substr(0, of_old.find('.')));

    std::filesystem::remove(old_file);
    const token_signer later(token_settings{.key_directory = keys.path()});
    CHECK(later.verify(of_old, now) == std::unexpected(token_error::unknown_key));
    CHECK(later.verify(of_secret, now) == std::unexpected(token_error::unknown_key));
    CHECK(later.verify(of_new, now));
}

TEST_CASE("a public key in the directory verifies and does not sign") {
    const temporary_directory signing;
    const temporary_directory verifying;
    const key_pair pair = make_ed25519();
    signing.write("shared.pem", pair.private_pem);
    verifying.write("shared.pem", pair.public_pem);
    const token_signer signer(token_settings{.key_directory = signing.path()});
    const token_signer reader(token_settings{.secret = secret, .key_directory = verifying.path()});
    CHECK(reader.verify(signer.sign(member_claims()), now) == member_claims());
    CHECK_THROWS(token_signer(token_settings{.key_directory = verifying.path()}));
}

TEST_CASE("keys that are no good stop the start with the name of the file") {
    const temporary_directory keys;
    const auto fails_with = [&](const std::string& part) {
        CHECK_THROWS_WITH(
            token_signer(token_settings{.secret = secret, .key_directory = keys.path()}),
            Catch::Contains(part)
        );
    };
    SECTION("no PEM") {
        keys.write("junk.pem", "junk");
        fails_with("junk.pem");
    }
    SECTION("RSA too short to be safe") {
        keys.write("short.pem", make_rsa(1024).private_pem);
        fails_with("short.pem");
    }
    SECTION("an elliptic curve that no algorithm here takes") {
        keys.write(
            "p256.pem", describe_key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")).private_pem
        );
        fails_with("p256.pem");
    }
    SECTION("a secret that can be guessed") {
        CHECK_THROWS(token_signer(token_settings{.secret = "secret"}));
        CHECK_THROWS(token_signer(token_settings{.secret = ""}));
    }
    SECTION("nothing to sign with") {
        CHECK_THROWS(token_signer(token_settings{}));
    }
}

TEST_CASE("an outside issuer's keys vouch for its own tokens only") {
    const temporary_directory keys;
    const key_pair pair = make_ed25519();
    const auto jwks = keys.write("provider.json", jwks_of("provider-1", pair.public_bytes));
    const token_settings settings{
        .secret = secret,
        .outside = {{.jwks_file = jwks, .issuer = "https://id.example", .audience = "tf"}}
    };
    const token_signer signer(settings);
    const token_key outside = token_key::from_pem_file(keys.write("k.pem", pair.private_pem));
    const std::string header = R"({"alg":"EdDSA","kid":"provider-1","typ":"at+jwt"})";
    const auto verify = [&](const std::string& issuer, const std::string& rest) {
        const std::string payload =
            R"({"iss":")" + issuer +
            R"(","aud":["other","tf"],"sub":"00000000-0000-0000-0000-000000000001",)"
            R"("iat":1800000000,"exp":1800000900,"jti":"not a uuid","realm":{"a":[1,{}]},)" +
            rest + "}";
        return signer.verify(forge(outside, header, payload), now);
    };
    const std::string member = R"("org":"00000000-0000-0000-0000-000000000002","role":"member")";
    const auto accepted = verify("https://id.example", member);
    REQUIRE(accepted);
    CHECK(accepted->role == "member");
    CHECK(accepted->token_id.is_nil());
    CHECK(verify("teamflow", member) == std::unexpected(token_error::wrong_issuer));
    const std::string of_operator =
        R"("org":"00000000-0000-0000-0000-000000000000","role":"","operator":true)";
    CHECK(verify("https://id.example", of_operator) == std::unexpected(token_error::bad_claims));
}

TEST_CASE("a JWKS file is read with care") {
    const temporary_directory keys;
    const auto load = [&](const std::string& text) {
        const auto file = keys.write("set.json", text);
        return token_signer(token_settings{
            .secret = secret, .outside = {{.jwks_file = file, .issuer = "x", .audience = "y"}}
        });
    };
    CHECK_NOTHROW(load(jwks_of("a", make_ed25519().public_bytes)));
    CHECK_THROWS(load(""));
    CHECK_THROWS(load("[]"));
    CHECK_THROWS(load(R"({"keys":{}})"));
    CHECK_THROWS(load(R"({"keys":[]})"));
    CHECK_THROWS(load(R"({"keys":[{"kty":"oct","kid":"a","k":"c2VjcmV0"}]})"));
    CHECK_THROWS(load(R"({"keys":[{"kty":"RSA","kid":"a","n":"AQAB","e":"AQAB"}]})"));
    CHECK_THROWS(load(R"({"keys":[{"kty":"RSA","kid":"a","n":"!","e":"AQAB"}]})"));
    CHECK_THROWS(load(R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"AQAB"}]})"));
    CHECK_THROWS(load(jwks_of("", make_ed25519().public_bytes)));
    CHECK_THROWS(load(R"({"keys":[)" + std::string(5000, '[') + "]}"));
}

TEST_CASE("RSA keys come out of a JWKS file") {
    // n and e of RFC 7515, appendix A.2, whose signed example is the vector.
    const std::string n =
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0B"
        "m4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5"
        "z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7"
        "aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
    const auto key = token_key::from_rsa(decoded(n), decoded("AQAB"));
    REQUIRE(key.has_value());
    const std::string input =
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxl"
        "LmNvbS9pc19yb290Ijp0cnVlfQ";
    const std::string signature =
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2F"
        "p5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQB"
        "MHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeY"
        "I2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    const std::string signature_bytes = decoded(signature);
    if (key) {
        CHECK(key->verify(input, signature_bytes));
        CHECK_FALSE(key->verify(input + "x", signature_bytes));
        CHECK_THROWS_AS(key->sign(input), std::logic_error);
    }
}

TEST_CASE("a remembered token is as good as a checked one, and no longer") {
    seeded_random random(3);
    const auto signer = std::make_shared<const token_signer>(with_secret());
    verified_tokens tokens(signer, random, 8);
    const std::string token = signer->sign(member_claims());
    CHECK(tokens.verify(token, now) == member_claims());
    CHECK(tokens.verify(token, now) == member_claims());
    CHECK(tokens.verify(token, now + 900s) == std::unexpected(token_error::expired));
    CHECK(tokens.verify(token, now - 31s) == std::unexpected(token_error::not_yet_valid));
    CHECK_FALSE(tokens.verify(token + "A", now));
    CHECK_FALSE(tokens.verify(token.substr(0, token.size() - 1), now));
    CHECK_FALSE(tokens.verify("", now));
    CHECK(
        tokens.verify(std::string(max_token_bytes + 1, 'a'), now) ==
        std::unexpected(token_error::too_large)
    );

    SECTION("changed keys are not vouched for by the old ones") {
        tokens.use(std::make_shared<const token_signer>(token_settings{.secret = secret + "!"}));
        CHECK(tokens.verify(token, now) == std::unexpected(token_error::unknown_key));
    }
    SECTION("more tokens than slots") {
        for (std::uint8_t i = 0; i < 100; ++i) {
            claims other = member_claims();
            other.token_id = uuid_of(i);
            const std::string text = signer->sign(other);
            CHECK(tokens.verify(text, now) == other);
            CHECK(tokens.verify(text, now) == other);
        }
    }
}

}  // namespace teamflow::infra
