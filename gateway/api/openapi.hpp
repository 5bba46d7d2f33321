#pragma once
// The documents that follow from the table of routes: OpenAPI 3.1 and a page to read it.

#include <span>
#include <string>

#include <boost/json/object.hpp>

#include "gateway/api/route.hpp"

namespace teamflow::gateway {

/// The OpenAPI 3.1 document of these routes.
boost::json::object openapi_document(std::span<const route> table);

/// The same as one HTML page without scripts: a section a tag, a folded entry a route.
std::string docs_page(const boost::json::object& openapi);

}  // namespace teamflow::gateway
