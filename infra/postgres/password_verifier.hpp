#pragma once
// What PostgreSQL keeps of a role's password.

#include <string>

namespace teamflow::infra::postgres {

/// Computed here, by the method that the server of `url` asks for, so that no log of statements can
/// hold the password. Blocking. Errors: postgres_error, postgres_unavailable.
std::string password_verifier(
    const std::string& url, const std::string& role, const std::string& password
);

}  // namespace teamflow::infra::postgres
