#pragma once
// Text about a person as events carry it: sealed under that person's key, so that it can be erased.

#include <string>

#include <boost/describe/class.hpp>

#include "events/ids.hpp"

namespace teamflow::events {

/// `sealed` is what the key store made of the text; sealing is deterministic for one person, so
/// equal texts of a person are equal here. It cannot be opened once the key of `person` is gone.
struct personal {
    user_id person;
    std::string sealed;

    friend bool operator==(const personal&, const personal&) = default;
};
BOOST_DESCRIBE_STRUCT(personal, (), (person, sealed))

}  // namespace teamflow::events
