#pragma once
// The folded stream of what admins did to a read model. The read model itself is no state of the
// write side: these events only tell.

#include <string>

#include <boost/describe/class.hpp>
#include <boost/mp11/algorithm.hpp>

#include "events/read_model.hpp"

namespace teamflow::commands {

struct read_model_state {
    static constexpr events::stream_kind kind = events::stream_kind::read_model;

    std::string name;
    /// The type of the newest event.
    std::string last_act;
};
BOOST_DESCRIBE_STRUCT(read_model_state, (), (name, last_act))

template <class Act>
    requires boost::mp11::mp_contains<events::read_model_events, Act>::value
void evolve(read_model_state& state, const Act& act) {
    state = {act.read_model, std::string(Act::type)};
}

}  // namespace teamflow::commands
