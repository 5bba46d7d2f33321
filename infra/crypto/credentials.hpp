#pragma once
// Password hashes of users and of operators. Hashing itself is password_hasher's.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "events/ids.hpp"
#include "infra/asio.hpp"
#include "infra/clock.hpp"
#include "infra/postgres/pool.hpp"

namespace teamflow::infra {

/// An account that runs the instance.
struct operator_account {
    events::user_id user;
    std::string password_hash;
    bool is_active = false;
};

/// One instance a thread, that of its pool. Every call throws postgres_error.
class credentials {
public:
    /// Both must outlive this.
    credentials(postgres::pool& database, const clock& time) : database_(database), clock_(time) {}

    /// Keeps the hash for a user who has none yet, before the user's first event is written.
    /// Repeating it with the same user replaces the hash, so that a retried registration works.
    task<> put(events::user_id user, std::string password_hash);

    /// The hash of a user, if there is one.
    task<std::optional<std::string>> find(events::user_id user);

    /// Replaces the hash of a user by that of another password, and revokes all families of refresh
    /// tokens but `kept`, at once. `version` is that of the user's stream at which history says so:
    /// false, and nothing done, when the hash is of that version or a later one, or there is none.
    /// So changes take effect in the order of history, however often each is tried.
    task<bool> change(
        events::user_id user, std::string password_hash, std::int64_t version, events::uuid kept
    );

    /// Replaces the hash of a user by another of the same password: false when it is no longer
    /// `before`.
    task<bool> renew(events::user_id user, std::string before, std::string password_hash);

    /// Removes hashes older than a day of users without an event: registrations that never went
    /// further. Gives their number.
    task<std::uint64_t> sweep_unfinished();

    /// Makes an operator, or gives an existing one this password and makes it active. The address
    /// is compared as normalized_email does. Gives the id in effect.
    task<events::user_id> put_operator(
        events::user_id new_id, std::string email, std::string password_hash
    );

    /// The operator with this address, active or not.
    task<std::optional<operator_account>> find_operator(std::string email);

    /// Whether an operator is there and active; ask when a refresh token is used.
    task<bool> is_active_operator(events::user_id user);

    /// False when there is no such operator. Revoke the sign-ins too.
    task<bool> deactivate_operator(std::string email);

private:
    postgres::pool& database_;
    const clock& clock_;
};

}  // namespace teamflow::infra
