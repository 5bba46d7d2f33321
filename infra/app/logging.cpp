#include "infra/app/logging.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "events/json/write.hpp"
#include "events/time.hpp"

namespace teamflow::infra {

namespace {

class json_formatter final : public spdlog::formatter {
public:
    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
        std::string line = R"({"time":)";
        events::json::write(line, std::chrono::floor<std::chrono::milliseconds>(message.time));
        line += R"(,"level":)";
        events::json::write_string(line, level_name(message.level));
        line += R"(,"thread":)";
        events::json::write(line, message.thread_id);
        line += R"(,"message":)";
        events::json::write_string(line, {message.payload.data(), message.payload.size()});
        line += "}\n";
        out.append(line.data(), line.data() + line.size());
    }

    [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
        return std::make_unique<json_formatter>();
    }

private:
    static std::string_view level_name(spdlog::level::level_enum level) {
        const auto name = spdlog::level::to_string_view(level);
        return {name.data(), name.size()};
    }
};

}  // namespace

void start_logging(const std::string& level) {
    auto logger = spdlog::stderr_logger_mt("teamflow");
    logger->set_formatter(std::make_unique<json_formatter>());
    logger->set_level(spdlog::level::from_str(level));
    logger->flush_on(spdlog::level::warn);
    spdlog::set_default_logger(std::move(logger));
    spdlog::flush_every(std::chrono::seconds(1));
}

}  // namespace teamflow::infra
