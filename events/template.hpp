#pragma once
// The events of task templates; streams `template-<id>` and, for its uses, `template-usage-<id>`.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/mp11/list.hpp>

#include "events/ids.hpp"
#include "events/json/types.hpp"
#include "events/role.hpp"
#include "events/stream.hpp"
#include "events/task.hpp"

namespace teamflow::events {

/// Who a task made from a template goes to: the active member of this role with the least to do.
struct assignee_criteria {
    events::role role = events::role::member;

    friend bool operator==(const assignee_criteria&, const assignee_criteria&) = default;
};
BOOST_DESCRIBE_STRUCT(assignee_criteria, (), (role))

/// What a template makes of a task. `{name}` in the texts is replaced on application; `{{` and `}}`
/// are literal braces.
struct template_data {
    std::string title_template;
    std::optional<std::string> description_template;
    std::optional<double> estimated_hours;
    std::optional<task_priority> priority;
    std::vector<std::string> tags;
    std::vector<std::string> checklist;
    std::optional<events::assignee_criteria> assignee_criteria;

    friend bool operator==(const template_data&, const template_data&) = default;
};
BOOST_DESCRIBE_STRUCT(
    template_data,
    (),
    (title_template,
     description_template,
     estimated_hours,
     priority,
     tags,
     checklist,
     assignee_criteria)
)

struct template_created {
    static constexpr std::string_view type = "template.template_created";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary = "A template for tasks was created.";

    events::template_id template_id;
    std::string name;
    std::optional<std::string> description;
    std::optional<std::string> category;
    events::template_data template_data;

    [[nodiscard]] std::string stream() const { return stream_of(template_id); }

    friend bool operator==(const template_created&, const template_created&) = default;
};
BOOST_DESCRIBE_STRUCT(
    template_created, (), (template_id, name, description, category, template_data)
)

/// Holds only the fields that changed; a field is null where it was cleared.
struct template_edited {
    static constexpr std::string_view type = "template.template_edited";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary =
        "A template was changed; only the changed fields are here, template_data whole.";

    events::template_id template_id;
    json::replace<std::string> name;
    json::patch<std::string> description;
    json::patch<std::string> category;
    json::replace<events::template_data> template_data;

    [[nodiscard]] std::string stream() const { return stream_of(template_id); }

    friend bool operator==(const template_edited&, const template_edited&) = default;
};
BOOST_DESCRIBE_STRUCT(
    template_edited, (), (template_id, name, description, category, template_data)
)

struct template_deactivated {
    static constexpr std::string_view type = "template.template_deactivated";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary = "A template can no longer be applied.";

    events::template_id template_id;

    [[nodiscard]] std::string stream() const { return stream_of(template_id); }

    friend bool operator==(const template_deactivated&, const template_deactivated&) = default;
};
BOOST_DESCRIBE_STRUCT(template_deactivated, (), (template_id))

struct template_reactivated {
    static constexpr std::string_view type = "template.template_reactivated";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary = "A deactivated template can be applied again.";

    events::template_id template_id;

    [[nodiscard]] std::string stream() const { return stream_of(template_id); }

    friend bool operator==(const template_reactivated&, const template_reactivated&) = default;
};
BOOST_DESCRIBE_STRUCT(template_reactivated, (), (template_id))

struct template_applied {
    static constexpr std::string_view type = "template.template_applied";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary =
        "A template was applied: the task was created in the same commit.";

    events::template_id template_id;
    events::task_id task_id;
    events::project_id project_id;

    [[nodiscard]] std::string stream() const { return template_usage_stream(template_id); }

    friend bool operator==(const template_applied&, const template_applied&) = default;
};
BOOST_DESCRIBE_STRUCT(template_applied, (), (template_id, task_id, project_id))

using template_events = boost::mp11::mp_list<
    template_created,
    template_edited,
    template_deactivated,
    template_reactivated,
    template_applied>;

}  // namespace teamflow::events
