#include "infra/log_line.hpp"

#include <string>

#include <spdlog/spdlog.h>

#include "events/json/write.hpp"

namespace teamflow::infra {

namespace {

void append_member(std::string& out, const log_member& member) {
    const auto* text = std::get_if<std::string_view>(&member.value);
    if (text != nullptr && text->empty()) {
        return;
    }
    out += ',';
    events::json::write_string(out, member.name);
    out += ':';
    if (text != nullptr) {
        events::json::write_string(out, *text);
    } else {
        out += std::to_string(std::get<std::int64_t>(member.value));
    }
}

}  // namespace

bool is_logged(spdlog::level::level_enum level) {
    return spdlog::should_log(level);
}

void log_line(
    spdlog::level::level_enum level,
    std::string_view message,
    std::initializer_list<log_member> members
) {
    if (!is_logged(level)) {
        return;
    }
    std::string text = R"("message":)";
    events::json::write_string(text, message);
    for (const auto& member : members) {
        append_member(text, member);
    }
    const spdlog::source_loc mark(members_mark, 1, "");
    spdlog::default_logger_raw()->log(mark, level, spdlog::string_view_t(text));
}

}  // namespace teamflow::infra
