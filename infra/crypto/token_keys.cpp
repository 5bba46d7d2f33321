#include "infra/crypto/token_keys.hpp"

#include <algorithm>
#include <stdexcept>
#include <tuple>

#include <fmt/format.h>

#include "infra/crypto/jwks.hpp"

namespace teamflow::infra {

namespace {

namespace fs = std::filesystem;

/// A secret has no name of its own; a fingerprint tells one secret from the next after a change.
std::string kid_of_secret(std::string_view secret) {
    return "hs-" + to_hex(hmac_sha256(secret).sign("teamflow key id")).substr(0, 16);
}

/// Oldest first, so that the last private key is the one that signs.
std::vector<fs::path> pem_files_by_age(const fs::path& directory) {
    std::vector<std::tuple<fs::file_time_type, fs::path>> found;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
        if (entry.path().extension() == ".pem") {
            found.emplace_back(entry.last_write_time(), entry.path());
        }
    }
    std::ranges::sort(found);
    std::vector<fs::path> files;
    std::ranges::transform(found, std::back_inserter(files), [](const auto& entry) {
        return std::get<fs::path>(entry);
    });
    return files;
}

}  // namespace

token_keys::token_keys(const token_settings& settings) {
    if (settings.secret) {
        signing_kid_ = kid_of_secret(*settings.secret);
        const token_key key = token_key::from_secret(*settings.secret);
        add(signing_kid_, {key, settings.issuer, settings.audience, true});
    }
    if (settings.key_directory) {
        add_directory(*settings.key_directory, settings);
    }
    for (const outside_issuer& from : settings.outside) {
        if (from.issuer == settings.issuer) {
            throw std::runtime_error(fmt::format(
                "{}: issuer {} is this instance's own", from.jwks_file.native(), from.issuer
            ));
        }
        add_outside(from);
    }
    signing_ = find(signing_kid_);
    if (signing_ == nullptr) {
        throw std::runtime_error("no secret and no private key to sign tokens with");
    }
}

const trusted_key* token_keys::find(std::string_view kid) const {
    const auto found = keys_.find(kid);
    return found == keys_.end() ? nullptr : &found->second;
}

void token_keys::add(const std::string& kid, trusted_key key) {
    if (!keys_.emplace(kid, std::move(key)).second) {
        throw std::runtime_error(fmt::format("two keys have the id {}", kid));
    }
}

void token_keys::add_directory(const fs::path& directory, const token_settings& settings) {
    for (const fs::path& file : pem_files_by_age(directory)) {
        const std::string kid = file.stem().string();
        const token_key key = token_key::from_pem_file(file);
        add(kid, {key, settings.issuer, settings.audience, true});
        if (key.can_sign()) {
            signing_kid_ = kid;
        }
    }
}

void token_keys::add_outside(const outside_issuer& from) {
    for (auto& [kid, key] : read_jwks(from.jwks_file)) {
        add(kid, {std::move(key), from.issuer, from.audience, false});
    }
}

}  // namespace teamflow::infra
