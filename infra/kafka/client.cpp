#include "infra/kafka/client.hpp"

#include <array>
#include <future>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "infra/kafka/rdkafka.hpp"

namespace teamflow::infra::kafka {

/// What librdkafka calls back; `opaque` is the context of the client.
struct callbacks {
    static void log(
        const rd_kafka_t* /*handle*/, int level, const char* facility, const char* text
    ) {
        // Syslog levels. Lost connections are told every few ms while a broker is down; what they
        // mean for us is logged where it is known.
        constexpr int critical = 2;
        if (level <= critical) {
            spdlog::error("kafka: {} {}", facility, text);
        } else {
            spdlog::debug("kafka: {} {}", facility, text);
        }
    }

    static void error(rd_kafka_t* handle, int code, const char* reason, void* opaque) {
        auto& context = *static_cast<client::context*>(opaque);
        if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
            context.reachable = false;
        }
        if (code == RD_KAFKA_RESP_ERR__FATAL && context.told.on_broken != nullptr) {
            std::array<char, 512> text{};
            const auto fatal = rd_kafka_fatal_error(handle, text.data(), text.size());
            context.told.on_broken(
                context.told.owner, fmt::format("{}: {}", rd_kafka_err2name(fatal), text.data())
            );
        } else {
            spdlog::debug("kafka: {}", reason);
        }
    }

    static void delivered(rd_kafka_t* /*handle*/, const rd_kafka_message_t* message, void* opaque) {
        auto& context = *static_cast<client::context*>(opaque);
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            context.reachable = true;
        }
        context.told.on_delivered(
            context.told.owner, message->err, message->offset, message->_private
        );
    }

    static int statistics(rd_kafka_t* /*handle*/, char* json, std::size_t size, void* opaque) {
        const auto& context = *static_cast<client::context*>(opaque);
        context.told.on_statistics(context.told.owner, {json, size});
        // librdkafka frees the text.
        return 0;
    }

    static void rebalanced(
        rd_kafka_t* /*handle*/,
        rd_kafka_resp_err_t code,
        rd_kafka_topic_partition_list_t* partitions,
        void* opaque
    ) {
        const auto& context = *static_cast<client::context*>(opaque);
        context.told.on_rebalance(context.told.owner, code, *partitions);
    }
};

namespace {

void set(rd_kafka_conf_t* config, const std::string& name, const std::string& value) {
    std::array<char, 512> reason{};
    const auto result =
        rd_kafka_conf_set(config, name.c_str(), value.c_str(), reason.data(), reason.size());
    if (result != RD_KAFKA_CONF_OK) {
        throw std::runtime_error(fmt::format("kafka setting {}: {}", name, reason.data()));
    }
}

}  // namespace

client::client(
    role kind,
    const settings& how,
    std::initializer_list<std::pair<const char*, std::string>> own,
    client_listener told
)
    : context_(std::make_shared<context>()), close_timeout_(how.close_timeout) {
    context_->told = told;
    config_handle config(rd_kafka_conf_new());
    set(config.get(), "bootstrap.servers", how.bootstrap);
    set(config.get(), "client.id", "teamflow");
    // On by default in this release; costs 40 ms where a request spans two segments.
    set(config.get(), "socket.nagle.disable", "true");
    set(config.get(), "socket.keepalive.enable", "true");
    set(config.get(), "reconnect.backoff.ms", "50");
    set(config.get(), "reconnect.backoff.max.ms", "1000");
    set(config.get(), "topic.metadata.refresh.interval.ms", "60000");
    set(config.get(), "log.connection.close", "false");
    if (kind == role::consumer) {
        // Off by default: what a disk changed would be read as if it were ours.
        set(config.get(), "check.crcs", "true");
    }
    for (const auto& [name, value] : own) {
        set(config.get(), name, value);
    }
    for (const auto& [name, value] : how.properties) {
        set(config.get(), name, value);
    }
    rd_kafka_conf_set_opaque(config.get(), context_.get());
    rd_kafka_conf_set_log_cb(config.get(), &callbacks::log);
    rd_kafka_conf_set_error_cb(config.get(), &callbacks::error);
    if (told.on_delivered != nullptr) {
        rd_kafka_conf_set_dr_msg_cb(config.get(), &callbacks::delivered);
    }
    if (told.on_statistics != nullptr) {
        set(config.get(), "statistics.interval.ms", "1000");
        rd_kafka_conf_set_stats_cb(config.get(), &callbacks::statistics);
    }
    if (told.on_rebalance != nullptr) {
        rd_kafka_conf_set_rebalance_cb(config.get(), &callbacks::rebalanced);
    }
    std::array<char, 512> reason{};
    handle_ = rd_kafka_new(
        kind == role::producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER,
        config.get(),
        reason.data(),
        reason.size()
    );
    if (handle_ == nullptr) {
        throw std::runtime_error(fmt::format("kafka: {}", reason.data()));
    }
    // The instance owns it now.
    [[maybe_unused]] const auto* owned = config.release();
}

client::~client() {
    close();
}

bool client::close() {
    if (handle_ == nullptr) {
        return true;
    }
    // The thread keeps the context alive for as long as librdkafka may call back.
    std::promise<void> closing;
    auto closed = closing.get_future();
    std::thread closer([handle = std::exchange(handle_, nullptr),
                        kept = context_,
                        ended = std::move(closing)] mutable {
        rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
        ended.set_value();
    });
    if (closed.wait_for(close_timeout_) == std::future_status::ready) {
        closer.join();
        return true;
    }
    spdlog::error("kafka: a client did not close in time; its thread is left behind");
    closer.detach();
    return false;
}

std::string_view error_text(int code) {
    return rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(code));
}

}  // namespace teamflow::infra::kafka
