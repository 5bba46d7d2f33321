#include "commands/access.hpp"

#include <string>

#include "events/json/described.hpp"

namespace teamflow::commands {

std::optional<refusal> check_access(
    const directory& directory, const context& context, role least
) {
    if (context.is_system() || context.organization == events::nil_organization) {
        return std::nullopt;
    }
    const auto* const member = directory.active_member(context.actor);
    if (member == nullptr) {
        return refuse(refusal_code::forbidden, "you are not an active member of this organization");
    }
    if (member->role < least) {
        return refuse(
            refusal_code::forbidden,
            "this needs the role " + std::string(events::json::enum_name(least))
        );
    }
    return std::nullopt;
}

}  // namespace teamflow::commands
