#pragma once
// The folded streams of a template: what it says, and how often it was applied.

#include <cstdint>
#include <optional>
#include <string>

#include <boost/describe/class.hpp>

#include "events/template.hpp"

namespace teamflow::commands {

struct template_state {
    static constexpr events::stream_kind kind = events::stream_kind::template_;

    events::template_id id;
    std::string name;
    std::optional<std::string> description;
    std::optional<std::string> category;
    events::template_data template_data;
    bool is_active = true;

    friend bool operator==(const template_state&, const template_state&) = default;
};
BOOST_DESCRIBE_STRUCT(
    template_state, (), (id, name, description, category, template_data, is_active)
)

struct template_usage_state {
    static constexpr events::stream_kind kind = events::stream_kind::template_usage;

    std::int64_t usage_count = 0;

    friend bool operator==(const template_usage_state&, const template_usage_state&) = default;
};
BOOST_DESCRIBE_STRUCT(template_usage_state, (), (usage_count))

void evolve(template_state& state, const events::template_created& event);
void evolve(template_state& state, const events::template_edited& event);
void evolve(template_state& state, const events::template_deactivated& event);
void evolve(template_state& state, const events::template_reactivated& event);
void evolve(template_usage_state& state, const events::template_applied& event);

}  // namespace teamflow::commands
