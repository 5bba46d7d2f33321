#pragma once
// The files of the page at /admin/ui (web/admin), which are within the program.

#include <string_view>

#include "gateway/http/request.hpp"
#include "gateway/http/response.hpp"

namespace teamflow::gateway {

/// The page itself.
inline constexpr std::string_view admin_page_start = "index.html";

/// A file by its name in web/admin, with an ETag, or 304 when the client has it; 404 when there is
/// none. From any thread.
response admin_page_file(const request& http, std::string_view name);

}  // namespace teamflow::gateway
