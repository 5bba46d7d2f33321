#pragma once
// The settings of a process, from file, environment and flags (in that order of weight).

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace teamflow::app {

/// Beyond stop_limit a process that stops is ended, whatever it waits for.
inline constexpr std::chrono::milliseconds stop_grace{1500};

enum class log_backend { postgres, kafka };

struct app_settings {
    /// Empty: nothing is served.
    std::string listen_host = "127.0.0.1";
    std::uint16_t listen_port = 8080;
    std::filesystem::path data = ".teamflow";
    log_backend log = log_backend::postgres;
    std::string postgres_url;
    std::string brokers;
    std::string topic = "teamflow.events";
    std::string group_prefix = "teamflow";
    std::int32_t partitions = 12;
    /// Of a new topic; nothing: three, and one where one broker is all there is.
    std::optional<std::int32_t> replicas;
    /// A new topic with fewer than three replicas is flushed at every record: it survives a power
    /// cut.
    bool kafka_flush = true;
    /// Members of the consumer groups that are silent for so long lose their partitions.
    std::int32_t session_timeout_s = 6;
    /// What a gateway keeps of each partition that it owns until the archive has it.
    std::int32_t tail_memory_mb = 64;
    std::string advertise;
    std::string jwt_secret;
    std::string jwt_keys;
    /// Keys of an outside identity provider, and whose tokens for whom they verify.
    std::string jwks;
    std::string jwks_issuer;
    std::string jwks_audience = "teamflow";
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
    /// I/O threads of the gateway; 0 is one for two cores.
    std::int32_t threads = 0;
    /// How often process managers look for what is due.
    std::int32_t process_interval_seconds = 30;
    /// How long a graceful stop may take.
    std::chrono::milliseconds stop_limit{10'000};
};

/// I/O threads of the gateway: without a setting the other half of the cores is for the database
/// and the projectors (decision 40).
inline std::size_t thread_count(const app_settings& settings) {
    return settings.threads > 0 ? static_cast<std::size_t>(settings.threads)
                                : std::max(2U, std::thread::hardware_concurrency() / 2);
}

/// `http://127.0.0.1:8080`, for the bound port.
inline std::string url_of(const app_settings& settings, std::uint16_t port) {
    return (settings.tls_cert.empty() ? "http://" : "https://") + settings.listen_host + ":" +
           std::to_string(port);
}

}  // namespace teamflow::app
