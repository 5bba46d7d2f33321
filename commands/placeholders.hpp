#pragma once
// `{name}` in the texts of a template: found when it is written, replaced when it is applied.

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "events/json/problem.hpp"
#include "events/template.hpp"

namespace teamflow::commands {

/// Values by name.
using template_variables = std::map<std::string, std::string>;

/// The texts of a task made from a template.
struct expanded_template {
    std::string title;
    std::optional<std::string> description;
    std::vector<std::string> checklist;

    friend bool operator==(const expanded_template&, const expanded_template&) = default;
};

/// Every text whose braces do not pair or do not enclose a name ([A-Za-z_][A-Za-z0-9_]*, up to 64
/// characters), by field under `template_data`; none if the template can be expanded. `{{` and
/// `}}` are literal braces.
events::json::problems check_placeholders(const events::template_data& data);

/// Replaces every `{name}` by its variable, once: braces in a value stay as they are. Refuses with
/// one problem for each variable that is missing, unknown or not a text of at most 1000 characters,
/// under `template_variables.<name>`, or, if those are fine, for each text that became longer or
/// emptier than a task allows.
std::expected<expanded_template, events::json::problems> expand(
    const events::template_data& data, const template_variables& variables
);

}  // namespace teamflow::commands
