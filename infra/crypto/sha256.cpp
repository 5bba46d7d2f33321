#include "infra/crypto/sha256.hpp"

#include <array>
#include <stdexcept>

#include <openssl/evp.h>

#include "infra/crypto/hmac.hpp"

namespace teamflow::infra {

namespace {

void expect(int answer) {
    if (answer != 1) {
        throw std::runtime_error("SHA-256 is not available");
    }
}

}  // namespace

void sha256_sum::free_context::operator()(evp_md_ctx_st* owned) const noexcept {
    EVP_MD_CTX_free(owned);
}

sha256_sum::sha256_sum() : under_way_(EVP_MD_CTX_new()) {
    expect(EVP_DigestInit_ex(under_way_.get(), EVP_sha256(), nullptr));
}

void sha256_sum::add(std::string_view bytes) {
    expect(EVP_DigestUpdate(under_way_.get(), bytes.data(), bytes.size()));
}

std::string sha256_sum::hex() const {
    const std::unique_ptr<evp_md_ctx_st, free_context> end(EVP_MD_CTX_new());
    expect(EVP_MD_CTX_copy_ex(end.get(), under_way_.get()));
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    expect(EVP_DigestFinal_ex(end.get(), digest.data(), &size));
    std::string bytes;
    for (unsigned i = 0; i < size; ++i) {
        bytes += static_cast<char>(digest.at(i));
    }
    return to_hex(bytes);
}

}  // namespace teamflow::infra
