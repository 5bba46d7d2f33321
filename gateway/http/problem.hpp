#pragma once
// The one shape of every error answer (RFC 9457) and the one table of its codes.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <boost/describe/class.hpp>

#include "events/json/problem.hpp"
#include "events/json/types.hpp"
#include "gateway/http/response.hpp"

namespace teamflow::gateway {

/// Status and title of an error code.
struct error_row {
    std::string_view code;
    unsigned status;
    std::string_view title;
};

/// The row of `code`. A code that the table does not name is a rule's own: 409.
error_row error_of(std::string_view code);

/// Every row, for the documentation and for tests of completeness.
std::span<const error_row> error_table();

/// The body of an error answer; `message` repeats `detail`, for people who read that name.
struct problem {
    static constexpr std::string_view schema_name = "error";

    std::string type;
    std::string title;
    unsigned status = 500;
    std::string detail;
    std::string error;
    std::string message;
    std::optional<std::string> resource;
    std::optional<std::string> resource_id;
    std::string request_id;
    events::json::problems errors;
    /// Of a version_conflict: what If-Match would have had to say. Also in the ETag.
    events::json::replace<std::int64_t> current_version;
};
BOOST_DESCRIBE_STRUCT(
    problem,
    (),
    (type,
     title,
     status,
     detail,
     error,
     message,
     resource,
     resource_id,
     request_id,
     errors,
     current_version)
)

/// A problem of the table's row of `code`; an empty detail becomes the title.
problem make_problem(std::string_view code, std::string detail = {});

/// Its answer, with `request_id` filled in. A 401 names the scheme (RFC 9110, 15.5.2); 429 and 503
/// tell when to come again.
response to_response(problem what, std::string_view request_id, std::uint32_t retry_after_s = 1);

/// make_problem and to_response in one.
response problem_response(
    std::string_view code,
    std::string detail,
    std::string_view request_id,
    std::uint32_t retry_after_s = 1
);

}  // namespace teamflow::gateway
