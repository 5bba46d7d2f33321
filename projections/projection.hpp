#pragma once
// What a projection is: a value that names its tables and one handler for each event it takes.

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "events/registry.hpp"
#include "projections/unit_of_work.hpp"

namespace teamflow::projections {

/// Who, when and where of the event that a handler is given.
struct event_context {
    const events::envelope& head;
    events::position at;

    /// The user who did it; nullopt when a process manager acted.
    [[nodiscard]] std::optional<events::user_id> user() const;
};

/// Changes rows. Pure: nothing but the rows, the event and its context decides what it does. An
/// exception means that the event cannot be handled: it is parked (or stops the projection).
using handle_event = std::function<void(unit_of_work&, const events::event&, const event_context&)>;

struct handler {
    std::string_view type;
    handle_event handle;
};

/// One line of a projection's table of handlers:
/// `on<events::task_created>([](unit_of_work& rows, const auto& event, const auto& context)
/// {...})`.
template <events::event_type E, class Handle>
handler on(Handle handle) {
    return {E::type, [handle](unit_of_work& rows, const events::event& event, const auto& context) {
                handle(rows, std::get<E>(event), context);
            }};
}

/// What waits behind a poison event. A projection that writes rows absolutely from more than one
/// stream parks by organization; where rows belong to one stream or change by increments, streams
/// do not disturb each other.
enum class parking_key { stream, organization };

/// What a poison event does: wait apart with its key, or stop the whole projection.
enum class poison_policy { park, stop };

/// One table of a projection, made by table_of.
struct projection_table {
    table_definition definition;
    void (*add_to)(unit_of_work&);
};

template <row_type R>
projection_table table_of() {
    return {definition_of<R>(), [](unit_of_work& rows) { rows.add_table<R>(); }};
}

template <row_type... R>
std::vector<projection_table> tables_of() {
    return {table_of<R>()...};
}

/// The tables lie in a schema of the projection's name. A change of what a handler does to rows
/// needs a new version; a change of the tables is noticed by itself. Either means a rebuild.
struct projection {
    std::string name;
    int version = 1;
    std::vector<projection_table> tables;
    std::vector<handler> handlers;
    parking_key parks_by = parking_key::stream;
    poison_policy on_poison = poison_policy::park;

    /// The handler of that event type, or nullptr.
    [[nodiscard]] const handler* find_handler(std::string_view type) const;

    /// An empty unit of work that knows the projection's tables.
    [[nodiscard]] unit_of_work make_unit(const remembering& how) const;

    /// Version and tables in one text: another text means other rows.
    [[nodiscard]] std::string fingerprint() const;

    /// The key that `event` parks under.
    [[nodiscard]] std::string parking_key_of(const events::envelope& event) const;
};

}  // namespace teamflow::projections
