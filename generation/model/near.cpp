#include "generation/model/near.hpp"

#include <cstddef>

#include "events/near_names.hpp"

namespace teamflow::generation {

namespace {

constexpr std::size_t most_listed = 20;

}  // namespace

std::string nearest(std::string_view wanted, std::span<const std::string_view> known) {
    const auto near = events::near_names(wanted, known);
    return near.empty() ? std::string() : std::string(near.front());
}

std::string suggestion(std::string_view wanted, std::span<const std::string_view> known) {
    if (const std::string near = nearest(wanted, known); !near.empty()) {
        return " (did you mean `" + near + "`?)";
    }
    if (known.empty() || known.size() > most_listed) {
        return "";
    }
    std::string text = " (known: ";
    for (const auto name : known) {
        text += name == known.front() ? "" : ", ";
        text += name;
    }
    return text + ")";
}

}  // namespace teamflow::generation
