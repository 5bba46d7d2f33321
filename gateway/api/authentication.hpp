#pragma once
// Who is behind a request: a Bearer token, or a ticket where browsers cannot send one.

#include <expected>

#include "gateway/api/call.hpp"
#include "gateway/api/route.hpp"

namespace teamflow::gateway {

/// The principal of a request to `where`: 401 without a valid token. A ticket (`?ticket=`) counts
/// where route::takes_ticket says so: of kind ws, used up, for a WebSocket, else of kind sse.
task<std::expected<principal, problem>> authenticate(
    const request& http, services& with, const route& where
);

/// Whether this principal may call the route; the problem when not.
std::optional<problem> check_access(const principal& who, access least);

/// Takes the request off its rate limit: the token's, or the address's for sign-in routes. Gives
/// the seconds to wait when there is nothing left.
std::optional<std::chrono::seconds> take_rate(
    const request& http, services& with, const route& where, const principal& who
);

}  // namespace teamflow::gateway
