#pragma once
// Analysts: PostgreSQL login roles that read the history of one organization and nothing else.

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "events/ids.hpp"
#include "events/time.hpp"
#include "infra/postgres/session.hpp"

namespace teamflow::infra {

struct analyst {
    std::string name;
    events::organization_id organization;
    events::timestamp created_at;
    /// Whether the role is there; somebody may have dropped it by hand.
    bool has_role = true;
    std::int64_t connections = 0;
};

/// Makes the role in the database of `url`, or gives an analyst that is there this password and
/// organization. Blocking. The refusal says what is wrong with what was given, for people.
/// Errors: postgres_error; std::runtime_error when the program's own role may not make roles.
std::expected<void, std::string> put_analyst(
    const std::string& url,
    const std::string& name,
    events::organization_id organization,
    const std::string& password
);

/// All analysts of the database, by name. Errors: postgres_error.
std::vector<analyst> list_analysts(postgres::session& database);

/// Takes the role away; sessions that are open see nothing more. The refusal is that there is no
/// such analyst. Errors: as put_analyst.
std::expected<void, std::string> drop_analyst(postgres::session& database, const std::string& name);

}  // namespace teamflow::infra
