#pragma once
// One request to the API on its way through a handler: who asks, for what, and what it may need.

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "commands/directory.hpp"
#include "events/ids.hpp"
#include "events/record.hpp"
#include "gateway/api/principal.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/http/request.hpp"
#include "gateway/services.hpp"

namespace teamflow::gateway {

/// Who may call a route. The organization's roles rise; a command is checked again by its writer,
/// against the directory and not the token.
enum class access {
    anyone,
    signed_in,  ///< members and operators
    viewer,     ///< at least this role in the token's organization
    member,
    admin,
    owner,
    analyst,  ///< admin of an organization, for its own history; operator, for any
    operator_only,
};

/// Lives as long as the handler; one thread.
struct call {
    call(request& asked, services& working) : http(asked), with(working) {}

    request& http;
    services& with;
    principal who;
    /// The UUIDs of the path, in order; a path with something else never got here.
    std::vector<std::pair<std::string_view, events::uuid>> ids;
    /// Min-Position, and how long the client waits for it.
    std::vector<events::position> min_position;
    std::chrono::milliseconds read_wait{0};
    std::optional<std::int64_t> if_match;
    std::optional<std::string> idempotency_key;
    events::uuid correlation_id{};
    /// The one of the route's media types that the client likes best.
    std::string_view media;

    /// The id that `{name}` of the path template stands for.
    template <class Id>
    [[nodiscard]] Id id(std::string_view name) const {
        for (const auto& [known, value] : ids) {
            if (known == name) {
                return Id{value};
            }
        }
        throw std::logic_error("the route has no path parameter " + std::string(name));
    }

    [[nodiscard]] events::partition_id partition() const {
        return events::partition_of(who.organization, with.commands.partitions());
    }
};

/// Reads what every route needs of a request: path ids (404), If-Match, Idempotency-Key,
/// Min-Position and Prefer (400), X-Request-ID as correlation. The principal comes separately.
std::expected<call, problem> make_call(request& http, services& with);

/// The traceparent of the request when it is well-formed (W3C Trace Context), else empty.
std::string traceparent_of(const request& http);

/// `404 not_found` about a resource; the same for what belongs to somebody else.
problem not_found(std::string_view resource, std::string_view id);

}  // namespace teamflow::gateway
