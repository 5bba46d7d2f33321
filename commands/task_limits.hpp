#pragma once
// The limits of a task's fields, shared by requests and by what a template makes.

#include <string>

#include "events/json/types.hpp"

namespace teamflow::commands {

using task_title = events::json::text<1, 200>;
using task_description = events::json::text<0, 10000>;
using checklist_text = events::json::text<1, 500>;
using tag_text = events::json::text<1, 50>;
using task_tags = events::json::list<tag_text, 20>;
using hours_estimate = events::json::within<double, 0, 100000>;

inline constexpr std::size_t checklist_max = 100;

}  // namespace teamflow::commands
