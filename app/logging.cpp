#include "app/logging.hpp"

#include <csignal>
#include <cstdio>
#include <memory>
#include <mutex>

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include "events/json/write.hpp"
#include "events/time.hpp"
#include "infra/log_line.hpp"

namespace teamflow::app {

namespace {

constexpr std::chrono::seconds flush_interval{1};
constexpr std::size_t buffer_bytes = std::size_t{64} * 1024;

bool has_members(const spdlog::details::log_msg& message) {
    return message.source.filename == infra::members_mark;
}

class json_formatter final : public spdlog::formatter {
public:
    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
        std::string line = R"({"time":)";
        events::json::write(line, std::chrono::floor<std::chrono::milliseconds>(message.time));
        line += R"(,"level":)";
        events::json::write_string(line, level_name(message.level));
        line += R"(,"thread":)";
        events::json::write(line, message.thread_id);
        line += ',';
        const std::string_view payload(message.payload.data(), message.payload.size());
        if (has_members(message)) {
            line += payload;
        } else {
            line += R"("message":)";
            events::json::write_string(line, payload);
        }
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

/// Standard error. Lines of requests below a warning may wait a second for each other, since there
/// are thousands of them; all others are written at once.
class buffered_stderr final : public spdlog::sinks::base_sink<std::mutex> {
public:
    buffered_stderr() { std::setvbuf(stderr, nullptr, _IOFBF, buffer_bytes); }

private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        std::fwrite(line.data(), 1, line.size(), stderr);
        if (!has_members(message) || message.level >= spdlog::level::warn) {
            std::fflush(stderr);
        }
    }

    void flush_() override { std::fflush(stderr); }
};

}  // namespace

void start_logging(const std::string& level) {
    auto logger = std::make_shared<spdlog::logger>("teamflow", std::make_shared<buffered_stderr>());
    logger->set_formatter(std::make_unique<json_formatter>());
    logger->set_level(spdlog::level::from_str(level));
    spdlog::set_default_logger(std::move(logger));
    // The thread that flushes is the first of the program: a signal that it took would end the
    // program at once instead of in good order.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    spdlog::flush_every(flush_interval);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace teamflow::app
