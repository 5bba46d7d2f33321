#pragma once
// Projections as paths name them.

#include <string>
#include <string_view>

#include "gateway/api/call.hpp"
#include "projections/all.hpp"

namespace teamflow::gateway {

/// What `{name}` of the path template stands for.
inline std::string name_in(const call& under_way) {
    return std::string(under_way.http.path_value("name"));
}

/// 404 about a projection, with the names that are near.
inline problem no_projection(std::string_view name) {
    auto made = make_problem("not_found", projections::no_projection(name));
    made.resource = "projection";
    made.resource_id = std::string(name);
    return made;
}

}  // namespace teamflow::gateway
