#include "infra/crypto/token_key.hpp"

#include <stdexcept>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

namespace teamflow::infra {

namespace {

constexpr std::size_t min_secret_bytes = 32;
constexpr int min_rsa_bits = 2048;
/// A longer modulus makes one verification slow enough to be an attack.
constexpr int max_rsa_bits = 8192;

template <auto Free>
struct freed_by {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};

using bio_ptr = std::unique_ptr<BIO, freed_by<BIO_free_all>>;
using number_ptr = std::unique_ptr<BIGNUM, freed_by<BN_free>>;
using digest_ptr = std::unique_ptr<EVP_MD_CTX, freed_by<EVP_MD_CTX_free>>;
using key_context_ptr = std::unique_ptr<EVP_PKEY_CTX, freed_by<EVP_PKEY_CTX_free>>;
using param_builder_ptr = std::unique_ptr<OSSL_PARAM_BLD, freed_by<OSSL_PARAM_BLD_free>>;
using params_ptr = std::unique_ptr<OSSL_PARAM, freed_by<OSSL_PARAM_free>>;

const unsigned char* raw(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::shared_ptr<EVP_PKEY> shared(EVP_PKEY* key) {
    return {key, freed_by<EVP_PKEY_free>{}};
}

/// Ed25519 hashes inside (RFC 8032); RSA signs a SHA-256 digest.
const EVP_MD* digest_of(token_algorithm algorithm) {
    return algorithm == token_algorithm::rs256 ? EVP_sha256() : nullptr;
}

digest_ptr make_digest_context() {
    digest_ptr context(EVP_MD_CTX_new());
    if (!context) {
        throw std::bad_alloc();
    }
    return context;
}

/// Without it OpenSSL would ask for a password on the terminal.
int refuse_password(char*, int, int, void*) {
    return 0;
}

std::shared_ptr<EVP_PKEY> read_pem(const std::filesystem::path& file, bool is_private) {
    const bio_ptr in(BIO_new_file(file.c_str(), "r"));
    if (!in) {
        return nullptr;
    }
    EVP_PKEY* key = is_private
                        ? PEM_read_bio_PrivateKey(in.get(), nullptr, refuse_password, nullptr)
                        : PEM_read_bio_PUBKEY(in.get(), nullptr, refuse_password, nullptr);
    ERR_clear_error();
    return key == nullptr ? nullptr : shared(key);
}

}  // namespace

std::string_view to_string(token_algorithm algorithm) {
    switch (algorithm) {
        case token_algorithm::hs256:
            return "HS256";
        case token_algorithm::rs256:
            return "RS256";
        case token_algorithm::eddsa:
            return "EdDSA";
    }
    return "";
}

token_key token_key::from_secret(std::string_view secret) {
    if (secret.size() < min_secret_bytes) {
        throw std::invalid_argument("a secret that signs tokens has at least 32 bytes");
    }
    token_key key(token_algorithm::hs256, true);
    key.mac_.emplace(secret);
    return key;
}

std::optional<token_key> token_key::from_evp(std::shared_ptr<EVP_PKEY> evp, bool can_sign) {
    const int type = EVP_PKEY_get_base_id(evp.get());
    const int bits = EVP_PKEY_get_bits(evp.get());
    const bool is_rsa = type == EVP_PKEY_RSA && bits >= min_rsa_bits && bits <= max_rsa_bits;
    if (!is_rsa && type != EVP_PKEY_ED25519) {
        return std::nullopt;
    }
    token_key key(is_rsa ? token_algorithm::rs256 : token_algorithm::eddsa, can_sign);
    key.key_ = std::move(evp);
    return key;
}

token_key token_key::from_pem_file(const std::filesystem::path& file) {
    for (const bool is_private : {true, false}) {
        if (auto evp = read_pem(file, is_private)) {
            if (auto key = from_evp(std::move(evp), is_private)) {
                return *std::move(key);
            }
            throw std::runtime_error(fmt::format(
                "{}: tokens take RSA keys of 2048 to 8192 bits or Ed25519", file.native()
            ));
        }
    }
    throw std::runtime_error(
        fmt::format("{}: no readable PEM private key (unencrypted) or public key", file.native())
    );
}

std::optional<token_key> token_key::from_rsa(std::string_view modulus, std::string_view exponent) {
    const number_ptr n(BN_bin2bn(raw(modulus), static_cast<int>(modulus.size()), nullptr));
    const number_ptr e(BN_bin2bn(raw(exponent), static_cast<int>(exponent.size()), nullptr));
    const param_builder_ptr builder(OSSL_PARAM_BLD_new());
    if (!n || !e || !builder || !BN_is_odd(e.get()) || BN_is_one(e.get()) || !BN_is_odd(n.get()) ||
        BN_num_bits(n.get()) > max_rsa_bits || BN_num_bits(e.get()) > 64) {
        return std::nullopt;
    }
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
    const params_ptr params(OSSL_PARAM_BLD_to_param(builder.get()));
    const key_context_ptr context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    EVP_PKEY* evp = nullptr;
    if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &evp, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
        ERR_clear_error();
        return std::nullopt;
    }
    return from_evp(shared(evp), false);
}

std::optional<token_key> token_key::from_ed25519(std::string_view bytes) {
    EVP_PKEY* evp =
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw(bytes), bytes.size());
    ERR_clear_error();
    return evp == nullptr ? std::nullopt : from_evp(shared(evp), false);
}

std::string token_key::sign(std::string_view message) const {
    if (!can_sign_) {
        throw std::logic_error("a public key cannot sign");
    }
    if (mac_) {
        return mac_->sign(message);
    }
    const digest_ptr context = make_digest_context();
    std::size_t size = 0;
    std::string signature;
    bool signed_well =
        EVP_DigestSignInit(context.get(), nullptr, digest_of(algorithm_), nullptr, key_.get()) ==
            1 &&
        EVP_DigestSign(context.get(), nullptr, &size, raw(message), message.size()) == 1;
    if (signed_well) {
        signature.resize(size);
        auto* out = reinterpret_cast<unsigned char*>(signature.data());
        signed_well = EVP_DigestSign(context.get(), out, &size, raw(message), message.size()) == 1;
        signature.resize(size);
    }
    if (!signed_well) {
        ERR_clear_error();
        throw std::runtime_error("OpenSSL could not sign a token");
    }
    return signature;
}

bool token_key::verify(std::string_view message, std::string_view signature) const {
    if (mac_) {
        return mac_->verify(message, signature);
    }
    const digest_ptr context = make_digest_context();
    const bool good =
        EVP_DigestVerifyInit(context.get(), nullptr, digest_of(algorithm_), nullptr, key_.get()) ==
            1 &&
        EVP_DigestVerify(
            context.get(), raw(signature), signature.size(), raw(message), message.size()
        ) == 1;
    ERR_clear_error();
    return good;
}

}  // namespace teamflow::infra
