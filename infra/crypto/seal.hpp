#pragma once
// Sealing text about a person under the key of that person, and hashing e-mail addresses.

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "events/ids.hpp"
#include "infra/crypto/secret_key.hpp"

namespace teamflow::infra {

/// Sealed text that its own key does not open: it was changed, or moved to another person.
class damaged_seal : public std::runtime_error {
public:
    damaged_seal() : std::runtime_error("sealed personal text does not fit its key") {}
};

/// The keys made of one person's key. Immutable; may be used from any thread.
///
/// Sealing is XChaCha20-Poly1305 with a synthetic nonce: the keyed BLAKE2b hash of person and
/// text, under a key apart from the encryption key (the construction of SIV, RFC 5297). Equal
/// texts of one person therefore seal equally, which the pure deciders rely on: they hold no keys,
/// and still see that a command changes nothing and needs no event. A random nonce would make an
/// event of every repeated command. What it gives away: who reads the log sees that two sealed
/// texts of one person are equal, never between persons. Since the nonce follows from the text, it
/// repeats only with the text, so the cipher's demand on nonces is kept.
class person_key {
public:
    explicit person_key(const secret_key& key);

    /// Base64 (URL-safe) of version, nonce, ciphertext and tag: 4/3 of the text and 55 characters.
    [[nodiscard]] std::string seal(events::user_id person, std::string_view text) const;

    /// The text that was sealed for `person`. Throws damaged_seal.
    [[nodiscard]] std::string open(events::user_id person, std::string_view sealed) const;

private:
    secret_key encryption_;
    secret_key nonce_;
};

/// Encrypts the key of `person` under the instance's master key. The person is authenticated with
/// it, so that rows of the table can't be exchanged.
std::string wrap_key(
    const secret_key& master, events::user_id person, const secret_key& key, random_source& random
);

/// Undoes wrap_key; nullopt when the master key is another one or the row was changed.
std::optional<secret_key> unwrap_key(
    const secret_key& master, events::user_id person, std::string_view wrapped
);

/// An e-mail address as it is compared: white space around it removed, ASCII letters in lower
/// case. Providers that tell upper from lower case apart are not worth an account taken over by a
/// look-alike. Other letters stay as they are.
std::string normalized_email(std::string_view address);

/// The name under which an address is reserved: HMAC-SHA-256 of the normalized address under the
/// instance's e-mail key, in hexadecimal. Nobody without the key can test a guessed address.
std::string email_hmac(const secret_key& email_key, std::string_view address);

}  // namespace teamflow::infra
