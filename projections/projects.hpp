#pragma once
// Read model of projects; deleted ones have no row.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include <boost/describe/class.hpp>

#include "events/project.hpp"
#include "projections/projection.hpp"

namespace teamflow::projections {

struct project_row {
    events::project_id id;
    events::organization_id organization_id;
    std::string name;
    std::string key;
    std::optional<std::string> description;
    std::optional<std::string> colour;
    bool archived = false;
    std::optional<events::user_id> created_by;
    events::timestamp created_at;
    events::timestamp updated_at;
    std::int64_t version = 0;

    static constexpr std::string_view table = "project";
    static constexpr auto primary_key = std::tuple(&project_row::id);
    static constexpr std::array<std::string_view, 1> indexes{"(organization_id, name)"};
};
BOOST_DESCRIBE_STRUCT(
    project_row,
    (),
    (id,
     organization_id,
     name,
     key,
     description,
     colour,
     archived,
     created_by,
     created_at,
     updated_at,
     version)
)

projection projects();

}  // namespace teamflow::projections
