#pragma once
// Who may issue a command: the one check of roles, against the directory and not the token.

#include <optional>

#include "commands/decider.hpp"

namespace teamflow::commands {

/// Refuses with `forbidden` when the actor is no active member of the organization or has less than
/// the role `least`. Process managers pass; so does everybody in the nil organization, where each
/// command looks after its own account.
std::optional<refusal> check_access(const directory& directory, const context& context, role least);

/// The same for a command type: one without `allowed` is open to whoever is signed in.
template <class Command>
std::optional<refusal> check_access_to(const directory& directory, const context& context) {
    if constexpr (requires { Command::allowed; }) {
        return check_access(directory, context, Command::allowed);
    } else {
        return std::nullopt;
    }
}

}  // namespace teamflow::commands
