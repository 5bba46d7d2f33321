#pragma once
// One command as JSON and back, for its way to the process that decides it.
//
// What travels is what decide() reads and nothing else: personal fields sealed as the gateway made
// them, tokens as hashes, no passwords. The clear text that a request gave for a sealed field stays
// where it is.

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/pfr/tuple_size.hpp>

#include "events/json/read.hpp"
#include "events/json/write.hpp"

namespace teamflow::commands {

template <class Command>
concept has_sealed_description = requires(Command command) { command.sealed_description; };

template <class Command>
concept has_neighbour_rank = requires(Command command) { command.neighbour_rank; };

/// Calls visit(name, member) for the members that the gateway adds to a request: they are not
/// described, so that no client can send them.
template <class Command, class Visit>
void for_each_prepared_member(Command& command, Visit&& visit) {
    if constexpr (has_sealed_description<Command>) {
        visit(std::string_view("sealed_description"), command.sealed_description);
    }
    if constexpr (has_neighbour_rank<Command>) {
        visit(std::string_view("neighbour_rank"), command.neighbour_rank);
    }
}

/// Whether write_command() writes every member: those that are described and those above.
template <class Command>
inline constexpr bool travels_whole =
    boost::pfr::tuple_size_v<Command> ==
    boost::mp11::mp_size<events::json::members_of<Command>>::value +
        (has_sealed_description<Command> ? 1U : 0U) + (has_neighbour_rank<Command> ? 1U : 0U);

/// Appends `"command":{…},"prepared":{…}`.
template <class Command>
void write_command(std::string& out, const Command& command) {
    static_assert(travels_whole<Command>, "a member is neither described nor a prepared one");
    out += R"("command":)";
    if constexpr (has_sealed_description<Command>) {
        Command without = command;
        without.description = {};
        events::json::write(out, without);
    } else {
        events::json::write(out, command);
    }
    out += R"(,"prepared":{)";
    bool first = true;
    for_each_prepared_member(command, [&](std::string_view name, const auto& member) {
        if (events::json::is_left_out(member)) {
            return;
        }
        out += std::exchange(first, false) ? "" : ",";
        events::json::write_string(out, name);
        out += ':';
        events::json::write(out, member);
    });
    out += '}';
}

/// The command of both objects. A member that this program does not know is a fault: to decide
/// without it would be to decide another command.
template <class Command>
std::expected<Command, events::json::problems> read_command(
    const boost::json::value& described, const boost::json::object& prepared
) {
    events::json::reader walk(events::json::unknown_members::refuse);
    Command command{};
    walk.within("command", [&] { walk.value(described, command); });
    std::size_t known = 0;
    for_each_prepared_member(command, [&](std::string_view name, auto& member) {
        if (const auto* value = prepared.if_contains(name)) {
            ++known;
            walk.within(name, [&] { walk.value(*value, member); });
        }
    });
    if (known != prepared.size()) {
        walk.within("prepared", [&] { walk.fault("unknown_field", "has a member unknown here"); });
    }
    if (!walk.faults().empty()) {
        return std::unexpected(walk.take_faults());
    }
    return command;
}

}  // namespace teamflow::commands
