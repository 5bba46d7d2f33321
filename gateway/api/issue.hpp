#pragma once
// Commands that a handler issues by itself: in another organization than the token's, or as one of
// several steps.

#include <expected>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "events/json/parse.hpp"
#include "gateway/api/call.hpp"
#include "gateway/api/route.hpp"

namespace teamflow::gateway {

/// Where a command is decided and in whose name.
struct issuing {
    events::organization_id organization;
    /// Nil for process managers, who name themselves in `actor_name`.
    events::user_id actor;
    std::string actor_name = {};
    std::optional<commands::request_key> once = {};
    std::optional<std::int64_t> if_match = {};
};

/// Decides the command. Throws unavailable when it was not decided.
task<std::expected<commands::command_reply, problem>> issue(
    call& under_way, std::unique_ptr<commands::any_command> command, issuing how
);

/// issue() of a command struct.
template <class Command>
task<std::expected<commands::command_reply, problem>> issue(
    call& under_way, Command command, issuing how
) {
    auto made = std::make_unique<commands::command_of<Command>>(std::move(command));
    co_return co_await issue(
        under_way, std::unique_ptr<commands::any_command>(std::move(made)), std::move(how)
    );
}

/// The request's Idempotency-Key within `scope`; nullopt when it came without. `content` is what
/// makes equal requests equal: no passwords, no tokens.
std::optional<commands::request_key> key_within(
    const call& under_way, std::string_view scope, std::string_view content
);

/// The body of a reply as a struct again, its personal fields sealed still.
template <class Resource>
Resource resource_of(std::string_view body) {
    const auto document = events::json::parse(body);
    if (document) {
        if (auto made =
                events::json::read<Resource>(*document, events::json::unknown_members::ignore)) {
            return *std::move(made);
        }
    }
    throw std::logic_error("a command answered with another resource than its own");
}

template <class Resource>
Resource resource_of(const commands::command_reply& reply) {
    return resource_of<Resource>(std::string_view(reply.body));
}

}  // namespace teamflow::gateway
