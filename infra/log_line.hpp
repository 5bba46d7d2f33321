#pragma once
// Lines of the program's own log that have members beside the message, such as a request's id.

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <variant>

#include <spdlog/common.h>

namespace teamflow::infra {

/// One member of a line; texts may hold anything, empty ones are left out.
struct log_member {
    std::string_view name;
    std::variant<std::string_view, std::int64_t> value;
};

/// Where such a line says it comes from: its text is the members of a JSON object already, which
/// app/logging.cpp only has to join.
inline constexpr char members_mark[] = "members";

/// Whether a line of this level would be written at all.
bool is_logged(spdlog::level::level_enum level);

/// Any thread.
void log_line(
    spdlog::level::level_enum level,
    std::string_view message,
    std::initializer_list<log_member> members
);

}  // namespace teamflow::infra
