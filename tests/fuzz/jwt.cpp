// Access tokens: what anybody can send, and what only a holder of the key could sign.

#include "infra/crypto/jwt.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "infra/crypto/base64.hpp"

namespace {

using namespace teamflow;

constexpr events::timestamp now{std::chrono::seconds{1'800'000'000}};

struct target {
    std::string secret = std::string(32, 'k');
    infra::token_settings settings{.secret = secret};
    infra::token_signer signer{settings};
    infra::token_key key = infra::token_key::from_secret(secret);
    std::string kid = infra::token_keys(settings).signing_kid();

    std::string sign(std::string_view header, std::string_view payload) const {
        const std::string input =
            infra::base64url_encode(header) + '.' + infra::base64url_encode(payload);
        return input + '.' + infra::base64url_encode(key.sign(input));
    }
};

/// What is accepted must be valid now and survive being signed again.
void check(const target& with, std::string_view token) {
    const auto accepted = with.signer.verify(token, now);
    if (accepted && (infra::validity(*accepted, now) ||
                     with.signer.verify(with.signer.sign(*accepted), now) != accepted)) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const target with;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    // Nobody without the key gets in.
    if (with.signer.verify(input, now)) {
        std::abort();
    }
    check(with, with.sign(R"({"alg":"HS256","kid":")" + with.kid + R"(","typ":"JWT"})", input));
    check(with, with.sign(input, "{}"));
    return 0;
}
