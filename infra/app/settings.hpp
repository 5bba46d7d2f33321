#pragma once
// The settings of a process, from file, environment and flags (in that order of weight).

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace teamflow::infra {

enum class log_backend { postgres, kafka };

struct app_settings {
    std::string listen_host = "127.0.0.1";
    std::uint16_t listen_port = 8080;
    std::filesystem::path data = ".teamflow";
    log_backend log = log_backend::postgres;
    std::string postgres_url;
    std::string brokers;
    std::string topic = "teamflow.events";
    std::string group_prefix = "teamflow";
    std::int32_t partitions = 12;
    /// A new topic with one replica is flushed at every record: it survives a power cut.
    bool kafka_flush = true;
    std::string advertise;
    std::string jwt_secret;
    std::string jwt_keys;
    std::string master_key;
    std::string email_key;
    std::string internal_secret;
    std::string tls_cert;
    std::string tls_key;
    std::vector<std::string> cors_origins;
    /// Requests a second for a token, sign-ins a minute for an address; 0 is no limit. Not given,
    /// they are 200 and 20, and off for `teamflow dev` on loopback.
    std::optional<std::int64_t> rate_limit_token;
    std::optional<std::int64_t> rate_limit_auth;
    std::string log_level = "info";
    /// Whether each answered request is a line of the log.
    bool access_log = true;
    /// I/O threads of the gateway; 0 is the number of cores.
    std::int32_t threads = 0;
    /// How long a graceful stop may take.
    std::chrono::milliseconds stop_limit{10'000};
};

}  // namespace teamflow::infra
