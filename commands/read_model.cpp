#include "commands/read_model.hpp"

#include <optional>
#include <utility>

namespace teamflow::commands {

namespace {

/// The event that the command carries; nullopt when it is none of an admin.
std::optional<events::event> act_of(const record_admin_act& command) {
    try {
        auto act = events::decode(command.type, command.schema_version, command.data);
        const bool is_known =
            act && events::kind_of(events::stream_of(*act)) == events::stream_kind::read_model;
        return is_known ? std::move(act) : std::nullopt;
    } catch (const events::undecodable_event&) {
        return std::nullopt;
    }
}

}  // namespace

std::vector<std::string>
streams(const record_admin_act& command, const directory&, const context&) {
    const auto act = act_of(command);
    return {act ? events::stream_of(*act) : events::read_model_stream({})};
}

decision decide(const record_admin_act& command, const view&, const context&) {
    auto act = act_of(command);
    if (!act) {
        return std::unexpected(refuse(
            refusal_code::validation_failed, "this program knows no such act: " + command.type
        ));
    }
    auto stream = events::stream_of(*act);
    return pending_events{{std::move(stream), *std::move(act)}};
}

no_content reply(const record_admin_act&, const view&, const context&) {
    return {};
}

}  // namespace teamflow::commands
