#pragma once
// What somebody probably meant who wrote a name that is not known.

#include <span>
#include <string>
#include <string_view>

namespace teamflow::generation {

/// The nearest of events::near_names; empty if there is none.
std::string nearest(std::string_view wanted, std::span<const std::string_view> known);

/// " (did you mean `title`?)", or " (known: a, b)" where nothing is near and there are few.
std::string suggestion(std::string_view wanted, std::span<const std::string_view> known);

}  // namespace teamflow::generation
