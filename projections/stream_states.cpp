#include "projections/stream_states.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <tuple>
#include <type_traits>

#include <boost/describe/class.hpp>
#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include "commands/states.hpp"
#include "events/stream.hpp"

namespace teamflow::projections {

namespace {

using states = boost::mp11::mp_pop_front<commands::stream_state>;

constexpr std::string_view suffix = "_state";

/// The letters of `<kind>_state`.
template <events::stream_kind Kind>
constexpr auto table_letters = [] {
    constexpr std::string_view kind = events::json::enum_name(Kind);
    std::array<char, kind.size() + suffix.size()> letters{};
    std::ranges::copy(suffix, std::ranges::copy(kind, letters.begin()).out);
    return letters;
}();

template <class State>
struct state_row {
    events::organization_id organization_id;
    std::string stream;
    std::int64_t version = 0;
    events::timestamp updated_at;
    State state;

    static constexpr std::string_view table{
        table_letters<State::kind>.data(), table_letters<State::kind>.size()
    };
    static constexpr auto primary_key = std::tuple(&state_row::organization_id, &state_row::stream);

    BOOST_DESCRIBE_CLASS(
        state_row, (), (organization_id, stream, version, updated_at, state), (), ()
    )
};

template <class State, class Event>
concept evolves = requires(State& state, const Event& event) { evolve(state, event); };

/// As commands::apply: an event that means nothing to its kind of stream is a version, no more.
constexpr auto take =
    []<class Event>(unit_of_work& rows, const Event& event, const event_context& context) {
        const auto& head = context.head;
        const auto kind = events::kind_of(head.stream);
        boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, states>>(
            [&]<class State>(std::type_identity<State>) {
                if (kind != State::kind) {
                    return;
                }
                auto& row = rows.row<state_row<State>>(head.organization, head.stream);
                row.version = head.stream_version;
                row.updated_at = head.time;
                if constexpr (evolves<State, Event>) {
                    evolve(row.state, event);
                }
            }
        );
    };

template <class... State>
std::vector<projection_table> tables_for(std::type_identity<std::variant<State...>>) {
    return tables_of<state_row<State>...>();
}

std::vector<handler> handlers() {
    std::vector<handler> out;
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, events::all_events>>(
        [&]<class Event>(std::type_identity<Event>) { out.push_back(on<Event>(take)); }
    );
    return out;
}

}  // namespace

projection stream_states() {
    return {
        .name = "states",
        .version = 1,
        .tables = tables_for(std::type_identity<states>()),
        .handlers = handlers(),
    };
}

}  // namespace teamflow::projections
