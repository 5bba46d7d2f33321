#pragma once
// What the HTTP contract says of headers, statuses and signing in for every route, in the words of
// OpenAPI: each header stands once among the components, and operations refer to it.

#include <set>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "gateway/api/route.hpp"

namespace teamflow::gateway {

/// `components/headers`: headers of answers.
boost::json::object header_components();

/// `components/parameters`: headers of requests.
boost::json::object parameter_components();

/// `components/responses`: answers that are problems; `problem` is the schema of their body.
boost::json::object response_components(const boost::json::object& problem);

/// `components/securitySchemes`.
boost::json::object security_components();

/// References to the headers that requests to this route may have.
void add_header_parameters(const route& where, boost::json::array& into);

/// The headers of the route's success.
boost::json::object success_headers(const route& where);

/// The headers of the 503 of a route that tells of a failure by the body of its success.
boost::json::object failure_headers();

/// The statuses of problems that the route may answer with.
std::set<unsigned> problem_statuses(const route& where);

/// A reference to the problem with this status.
boost::json::object problem_reference(unsigned status);

/// How to sign in for the route, one of these being enough; empty when nobody needs to.
boost::json::array security_of(const route& where);

}  // namespace teamflow::gateway
