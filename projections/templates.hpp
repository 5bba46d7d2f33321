#pragma once
// Read model of task templates with their usage counts.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include <boost/describe/class.hpp>

#include "events/template.hpp"
#include "projections/projection.hpp"

namespace teamflow::projections {

struct template_row {
    events::template_id id;
    events::organization_id organization_id;
    std::string name;
    std::optional<std::string> description;
    std::optional<std::string> category;
    events::template_data template_data;
    std::int64_t usage_count = 0;
    bool is_active = true;
    std::optional<events::user_id> created_by;
    events::timestamp created_at;
    events::timestamp updated_at;
    std::int64_t version = 0;

    static constexpr std::string_view table = "template";
    static constexpr auto primary_key = std::tuple(&template_row::id);
    static constexpr std::array<std::string_view, 1> indexes{"(organization_id, name, id)"};
};
BOOST_DESCRIBE_STRUCT(
    template_row,
    (),
    (id,
     organization_id,
     name,
     description,
     category,
     template_data,
     usage_count,
     is_active,
     created_by,
     created_at,
     updated_at,
     version)
)

projection templates();

}  // namespace teamflow::projections
