#include "app/options.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <string_view>
#include <system_error>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "gateway/forward/peer_connection.hpp"

namespace teamflow::app {

namespace {

void set_listen(app_settings& into, const std::string& text) {
    const std::size_t colon = text.rfind(':');
    const std::string_view port_text =
        colon == std::string::npos ? "" : std::string_view(text).substr(colon + 1);
    unsigned port = 0;
    const char* end = port_text.data() + port_text.size();
    if (colon == 0 || port_text.empty() ||
        std::from_chars(port_text.data(), end, port) != std::from_chars_result{end, std::errc()} ||
        port > 65535) {
        throw CLI::ValidationError("--listen", "must be HOST:PORT, such as 127.0.0.1:8080");
    }
    into.listen_host = text.substr(0, colon);
    into.listen_port = static_cast<std::uint16_t>(port);
}

/// `rate_limit: {token: 5}` as `rate_limit.token = 5`, so that files may nest.
void flatten(
    const YAML::Node& node,
    const std::string& prefix,
    std::map<std::string, std::vector<std::string>>& into
) {
    for (const auto& entry : node) {
        const auto key = prefix + entry.first.as<std::string>();
        if (entry.second.IsMap()) {
            flatten(entry.second, key + '.', into);
        } else if (entry.second.IsSequence()) {
            into[key] = entry.second.as<std::vector<std::string>>();
        } else {
            into[key] = {entry.second.as<std::string>()};
        }
    }
}

std::optional<std::string> settings_file(const std::vector<std::string>& arguments) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (arguments[i] == "--config" && i + 1 < arguments.size()) {
            return arguments[i + 1];
        }
        if (arguments[i].starts_with("--config=")) {
            return arguments[i].substr(9);
        }
    }
    const char* named = std::getenv("TEAMFLOW_CONFIG");
    return named == nullptr ? std::nullopt : std::optional<std::string>(named);
}

/// Keys in files are option names with `_` for `-`; nested keys keep their dots.
std::string option_name(std::string key) {
    std::ranges::replace(key, '_', '-');
    return "--" + key;
}

void add_ownership_options(CLI::App& command, app_settings& into) {
    command
        .add_option(
            "--session-timeout",
            into.session_timeout_s,
            "A silent process loses its partitions on Kafka after so long"
        )
        ->envname("TEAMFLOW_SESSION_TIMEOUT")
        ->type_name("SECONDS")
        ->check(CLI::Range(1, 300))
        ->capture_default_str();
    command
        .add_option(
            "--tail-memory",
            into.tail_memory_mb,
            "What a gateway keeps of a partition that the archive lacks; then it takes no commands"
        )
        ->envname("TEAMFLOW_TAIL_MEMORY")
        ->type_name("MB")
        ->check(CLI::Range(1, 65'536))
        ->capture_default_str();
}

/// Secrets of this instance, and keys of another one.
void add_key_options(CLI::App& command, app_settings& into) {
    command.add_option("--jwt-secret", into.jwt_secret, "Signs access tokens: 32 bytes as base64")
        ->envname("TEAMFLOW_JWT_SECRET");
    command.add_option("--jwt-keys", into.jwt_keys, "Directory of <kid>.pem keys for tokens")
        ->envname("TEAMFLOW_JWT_KEYS");
    command
        .add_option("--jwks", into.jwks, "JWKS file of an identity provider whose tokens are taken")
        ->envname("TEAMFLOW_JWKS")
        ->type_name("FILE");
    command.add_option("--jwks-issuer", into.jwks_issuer, "What its tokens name as issuer (iss)")
        ->envname("TEAMFLOW_JWKS_ISSUER");
    command.add_option("--jwks-audience", into.jwks_audience, "What they name as audience (aud)")
        ->envname("TEAMFLOW_JWKS_AUDIENCE")
        ->capture_default_str();
    command
        .add_option("--master-key", into.master_key, "Wraps the keys of persons: 32 bytes, base64")
        ->envname("TEAMFLOW_MASTER_KEY");
    command
        .add_option("--email-key", into.email_key, "Keys the hashes of addresses: 32 bytes, base64")
        ->envname("TEAMFLOW_EMAIL_KEY");
    command
        .add_option(
            "--internal-secret",
            into.internal_secret,
            "Signs what nodes tell each other: 32 bytes, base64"
        )
        ->envname("TEAMFLOW_INTERNAL_SECRET");
}

}  // namespace

void add_data_options(CLI::App& command, app_settings& into) {
    command.add_option("--config", "Settings file (YAML); flags and environment win over it")
        ->type_name("FILE");
    command
        .add_option(
            "--data", into.data, "Directory of files and of the private PostgreSQL of `dev`"
        )
        ->envname("TEAMFLOW_DATA")
        ->type_name("DIR")
        ->capture_default_str();
    const std::map<std::string, log_backend> backends{
        {"postgres", log_backend::postgres}, {"kafka", log_backend::kafka}
    };
    command.add_option("--log", into.log, "Where events lie: postgres or kafka")
        ->envname("TEAMFLOW_LOG")
        ->transform(CLI::CheckedTransformer(backends).description(""))
        ->type_name("LOG");
    command.add_option("--brokers", into.brokers, "Kafka brokers, HOST:PORT,…")
        ->envname("TEAMFLOW_KAFKA_BROKERS");
    command.add_option("--topic", into.topic, "Kafka topic of the events")
        ->envname("TEAMFLOW_KAFKA_TOPIC")
        ->capture_default_str();
    command.add_option("--postgres-url", into.postgres_url, "PostgreSQL, postgresql://…")
        ->envname("TEAMFLOW_POSTGRES_URL");
    command.add_option("--partitions", into.partitions, "Partitions of a new log")
        ->envname("TEAMFLOW_PARTITIONS")
        ->check(CLI::Range(1, 1024))
        ->capture_default_str();
    command
        .add_option(
            "--replicas", into.replicas, "Replicas of a new topic [3; 1 if one broker is all]"
        )
        ->envname("TEAMFLOW_KAFKA_REPLICAS")
        ->check(CLI::Range(1, 9));
    command.add_flag(
        "--kafka-flush,!--no-kafka-flush",
        into.kafka_flush,
        "Flush a topic of one or two replicas at every record (a new topic; default on)"
    );
    command.add_option("--log-level", into.log_level, "debug, info, warn or error")
        ->envname("TEAMFLOW_LOG_LEVEL")
        ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
        ->capture_default_str();
}

void add_instance_options(CLI::App& command, app_settings& into) {
    add_data_options(command, into);
    add_key_options(command, into);
    command
        .add_option("--tls-cert", into.tls_cert, "PEM file that the gateways serve with, if any")
        ->envname("TEAMFLOW_TLS_CERT");
}

void add_server_options(CLI::App& command, app_settings& into) {
    add_data_options(command, into);
    command
        .add_option_function<std::string>(
            "--listen",
            [&into](const std::string& text) { set_listen(into, text); },
            "Address to serve on, HOST:PORT; port 0 picks one [127.0.0.1:8080]"
        )
        ->run_callback_for_default()
        ->envname("TEAMFLOW_LISTEN");
    command
        .add_option(
            "--advertise",
            into.advertise,
            "HOST:PORT where other gateways reach this one [that of --listen]"
        )
        ->envname("TEAMFLOW_ADVERTISE");
    command.add_option("--group-prefix", into.group_prefix, "Prefix of Kafka consumer groups")
        ->envname("TEAMFLOW_GROUP_PREFIX")
        ->capture_default_str();
    add_ownership_options(command, into);
    add_key_options(command, into);
    command
        .add_option("--tls-cert", into.tls_cert, "PEM file; with --tls-key the gateway speaks TLS")
        ->envname("TEAMFLOW_TLS_CERT");
    command.add_option("--tls-key", into.tls_key, "PEM file")->envname("TEAMFLOW_TLS_KEY");
    command.add_option("--cors-origins", into.cors_origins, "Origins whose pages may call the API")
        ->envname("TEAMFLOW_CORS_ORIGINS")
        ->delimiter(',');
    command
        .add_option("--rate-limit.token", into.rate_limit_token, "Requests/s for a token; 0 is off")
        ->envname("TEAMFLOW_RATE_LIMIT_TOKEN")
        ->check(CLI::NonNegativeNumber);
    command
        .add_option(
            "--rate-limit.auth", into.rate_limit_auth, "Sign-ins/min for an address; 0 is off"
        )
        ->envname("TEAMFLOW_RATE_LIMIT_AUTH")
        ->check(CLI::NonNegativeNumber);
    command
        .add_flag(
            "--access-log,!--no-access-log",
            into.access_log,
            "Write a line for each answered request (default on)"
        )
        ->envname("TEAMFLOW_ACCESS_LOG");
    command
        .add_option(
            "--process-interval",
            into.process_interval_seconds,
            "Seconds between looks for what is due, such as timers over 24 hours"
        )
        ->envname("TEAMFLOW_PROCESS_INTERVAL")
        ->check(CLI::Range(1, 3600))
        ->capture_default_str();
    command.add_option("--threads", into.threads, "I/O threads; 0 is one for two cores")
        ->envname("TEAMFLOW_THREADS")
        ->check(CLI::Range(0, 256));
}

std::vector<std::string> apply_settings_file(
    CLI::App& command, const std::vector<std::string>& arguments
) {
    const auto file = settings_file(arguments);
    if (!file) {
        return {};
    }
    std::map<std::string, std::vector<std::string>> values;
    try {
        flatten(YAML::LoadFile(*file), "", values);
    } catch (const YAML::Exception& failure) {
        return {fmt::format("{}: {}", *file, failure.what())};
    }
    std::vector<std::string> faults;
    for (const auto& [key, given] : values) {
        auto* option = command.get_option_no_throw(option_name(key));
        if (option == nullptr) {
            option = command.get_option_no_throw("--" + key);
        }
        if (option == nullptr) {
            faults.push_back(fmt::format("{}: unknown setting `{}`", *file, key));
            continue;
        }
        const char* environment =
            option->get_envname().empty() ? nullptr : std::getenv(option->get_envname().c_str());
        if (environment != nullptr) {
            continue;
        }
        try {
            option->default_val(
                given.size() == 1 ? given.front() : fmt::format("{}", fmt::join(given, ","))
            );
        } catch (const CLI::Error& failure) {
            faults.push_back(fmt::format("{}: `{}`: {}", *file, key, failure.what()));
        }
    }
    return faults;
}

std::vector<std::string> check(const app_settings& settings) {
    std::vector<std::string> faults;
    if (settings.log == log_backend::kafka && settings.brokers.empty()) {
        faults.emplace_back("--log kafka needs --brokers HOST:PORT,…");
    }
    if (settings.tls_cert.empty() != settings.tls_key.empty()) {
        faults.emplace_back("--tls-cert and --tls-key go together");
    }
    for (const auto& file : {settings.tls_cert, settings.tls_key, settings.jwks}) {
        if (!file.empty() && !std::filesystem::exists(file)) {
            faults.push_back(file + " is not there");
        }
    }
    const auto& address = settings.advertise;
    const bool is_url = address.find("://") != std::string::npos;
    if (!address.empty() && !gateway::parse_place(is_url ? address : "http://" + address)) {
        faults.push_back("--advertise: " + address + " is no HOST:PORT");
    }
    if (!settings.jwt_keys.empty() && !std::filesystem::is_directory(settings.jwt_keys)) {
        faults.push_back("--jwt-keys: " + settings.jwt_keys + " is no directory");
    }
    if (settings.jwks.empty() != settings.jwks_issuer.empty()) {
        faults.emplace_back("--jwks and --jwks-issuer go together");
    }
    return faults;
}

}  // namespace teamflow::app
