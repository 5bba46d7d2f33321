#include "commands/states.hpp"

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

namespace teamflow::commands {

namespace {

template <class State, class Event>
concept evolves = requires(State& state, const Event& event) { evolve(state, event); };

template <class State>
void evolve_as(stream_state& state, const events::event& event) {
    std::visit(
        [&]<class Event>(const Event& happened) {
            if constexpr (evolves<State, Event>) {
                if (!std::holds_alternative<State>(state)) {
                    state.emplace<State>();
                }
                evolve(std::get<State>(state), happened);
            }
        },
        event
    );
}

void evolve_any(stream_state& state, std::string_view stream, const events::event& event) {
    const auto kind = events::kind_of(stream);
    boost::mp11::mp_for_each<
        boost::mp11::mp_transform<std::type_identity, boost::mp11::mp_pop_front<stream_state>>>(
        [&]<class State>(std::type_identity<State>) {
            if (kind == State::kind) {
                evolve_as<State>(state, event);
            }
        }
    );
}

}  // namespace

void apply(
    folded_stream& folded,
    std::string_view stream,
    const events::event& event,
    events::timestamp at,
    events::user_id actor
) {
    if (folded.version == 0) {
        folded.created_at = at;
        folded.created_by = actor;
    }
    ++folded.version;
    folded.updated_at = at;
    evolve_any(folded.state, stream, event);
}

std::optional<events::user_id> user_or_null(events::user_id id) {
    return id.is_nil() ? std::nullopt : std::optional(id);
}

events::user_id actor_of(const events::envelope& head) {
    const auto id = events::parse_uuid(head.actor);
    return id ? events::user_id{*id} : events::user_id{};
}

}  // namespace teamflow::commands
