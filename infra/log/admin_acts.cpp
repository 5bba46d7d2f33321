#include "infra/log/admin_acts.hpp"

namespace teamflow::infra {

void add_act(postgres::params& into, const events::event& act, std::string_view by_whom) {
    into.add(events::type_of(act));
    into.add(events::schema_version_of(act));
    into.add(events::encode(act));
    into.add(actor_of_admin(by_whom));
}

std::string actor_of_admin(std::string_view by_whom) {
    constexpr std::string_view of_operator = "operator ";
    if (by_whom.starts_with(of_operator)) {
        return std::string(by_whom.substr(of_operator.size()));
    }
    std::string actor(by_whom);
    if (const auto space = actor.find(' '); space != std::string::npos) {
        actor[space] = ':';
    }
    return actor;
}

}  // namespace teamflow::infra
