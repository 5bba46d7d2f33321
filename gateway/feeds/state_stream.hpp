#pragma once
// A state as server-sent events: all of it, and again each time it has changed.

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include <boost/describe/class.hpp>

#include "gateway/api/route.hpp"

namespace teamflow::gateway {

/// How the state stands, as JSON; nullopt when there is no such thing. Called again and again on
/// the connection's thread, after the request has been answered: it must own what it needs.
using state_look = std::function<task<std::optional<std::string>>()>;

/// The query parameters of a route whose state can be followed.
struct state_parameters {
    /// Read by authenticate().
    std::optional<std::string> ticket;
};
BOOST_DESCRIBE_STRUCT(state_parameters, (), (ticket))

/// The route, made by query<state_parameters, ...>, which then also answers with
/// `text/event-stream`: `look_of(call&)` gives what to look at `every` so often. The stream ends
/// when the client leaves, the server stops or the access of whoever asked ends; whoever comes back
/// misses nothing, since the first message is the whole state.
route followed(
    route made, std::function<state_look(call&)> look_of, std::chrono::milliseconds every
);

}  // namespace teamflow::gateway
