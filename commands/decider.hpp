#pragma once
// The shape of every decider: what a command sees, what it returns, and how its parts fit together.
//
// A command C of family F is a described struct in commands/F.hpp: its members are the ids of the
// path, then those of the body; logs and metrics call it json::type_name<C>(). It declares
//     static constexpr role allowed;
//         the least role that may issue it; without this, whoever is signed in (see access.hpp)
// and three overloads, found by argument-dependent lookup:
//     std::vector<std::string> streams(const C&, const directory&, const context&);
//         the streams that decide() reads or writes, at least one; the first is the resource of the
//         command: its version answers as ETag and is compared with If-Match
//     decision decide(const C&, const view&, const context&);
//         pure: the events that make it so, none if it is so already, or a refusal
//     <described struct> reply(const C&, const view&, const context&);
//         the resource after the events, as the client gets it (no_content for a deletion); the
//         view holds the same streams as for decide(), folded on, and the directory folded on

#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "commands/directory.hpp"
#include "commands/refusal.hpp"
#include "commands/states.hpp"
#include "events/event_type.hpp"
#include "events/registry.hpp"

namespace teamflow::commands {

/// Everything a decision needs from the world, so that it can be repeated to the letter.
struct context {
    events::timestamp now;
    events::organization_id organization;
    /// Nil when a process manager acts.
    events::user_id actor;
    /// Random bits from which all new ids of this decision follow.
    std::uint64_t seed = 0;

    /// The n-th new id of this decision, a UUIDv7; the same for the same context and n.
    template <class Id>
    [[nodiscard]] Id make_id(std::size_t n) const {
        return Id{make_uuid(n)};
    }

    [[nodiscard]] bool is_system() const { return actor.is_nil(); }

    /// Whether the id is one of this decision's own, so that nobody can have used it before.
    [[nodiscard]] bool has_made(const events::uuid& id) const;

private:
    [[nodiscard]] events::uuid make_uuid(std::size_t n) const;
};

/// One event to be appended, addressed to its stream.
struct pending_event {
    std::string stream;
    events::event event;
};

using pending_events = std::vector<pending_event>;
using decision = std::expected<pending_events, refusal>;

/// Adds events in this order, each addressed to the stream that it belongs to.
template <events::event_type... E>
void emit_into(pending_events& all, E... event) {
    (all.push_back({event.stream(), std::move(event)}), ...);
}

/// Exactly these events.
template <events::event_type... E>
pending_events emit(E... event) {
    pending_events all;
    emit_into(all, std::move(event)...);
    return all;
}

/// What decide() may read: the organization's directory and the streams that streams() named.
class view {
public:
    /// `resource` is the first name that streams() gave.
    view(
        const directory& directory,
        std::string resource,
        std::map<std::string, const folded_stream*, std::less<>> streams
    )
        : directory_(directory), resource_(std::move(resource)), streams_(std::move(streams)) {}

    [[nodiscard]] const directory& organization() const { return directory_; }

    /// The name of the stream that the command is about. (A stopped timer is no longer in the
    /// directory when the reply is made, so its time log can only be found by this.)
    [[nodiscard]] const std::string& resource() const { return resource_; }

    /// The state of a stream, or nullptr when it has no events or is not of this kind. Reading a
    /// stream that streams() did not name is a broken invariant and throws std::logic_error.
    template <class State>
    [[nodiscard]] const State* find(std::string_view stream) const {
        return std::get_if<State>(&at(stream).state);
    }

    [[nodiscard]] std::int64_t version_of(std::string_view stream) const {
        return at(stream).version;
    }

    /// The whole of a stream: state, version, and when and by whom it was begun and last changed.
    [[nodiscard]] const folded_stream& at(std::string_view stream) const;

private:
    const directory& directory_;
    std::string resource_;
    std::map<std::string, const folded_stream*, std::less<>> streams_;
};

/// The reply of a command whose answer has no body (204).
struct no_content {};
BOOST_DESCRIBE_STRUCT(no_content, (), ())

}  // namespace teamflow::commands
