#include "app/foundation.hpp"

#include <utility>

#include "app/open_log.hpp"
#include "gateway/http/server.hpp"
#include "infra/kafka/kafka_log.hpp"
#include "infra/test_clock.hpp"

namespace teamflow::app {

namespace {

/// Commands and queries come first when the cores are busy (decision 40).
constexpr int projection_niceness = 5;

}  // namespace

foundation::foundation(app_settings how, infra::secrets secret)
    : settings(std::move(how)),
      keys(std::move(secret)),
      decision_time(infra::make_decision_clock()),
      gateway_threads(thread_count(settings), "gateway"),
      log_thread(1, "log"),
      projection_threads(2, "projections", projection_niceness) {
    log_thread.start();
    auto opening = open_log(log_thread.at(0).get_executor(), settings, gateway_threads.executors());
    auto opened = wait_for(log_thread.at(0), std::move(opening));
    log = std::move(opened.log);
    kafka = std::move(opened.kafka);
}

std::string foundation::log_trouble() const {
    if (kafka != nullptr) {
        if (const auto what = kafka->truncated(); !what.empty()) {
            return "log_truncated: " + what;
        }
        if (const auto what = kafka->damaged(); !what.empty()) {
            return "log_damaged: " + what;
        }
        if (!kafka->reachable()) {
            return "no Kafka broker answers";
        }
    }
    return log->tail().known_end(0) ? "" : "the log has not been read yet";
}

gateway::listen_options foundation::listens() const {
    return {
        .host = settings.listen_host,
        .port = settings.listen_port,
        .tls_certificate = settings.tls_cert,
        .tls_key = settings.tls_key
    };
}

}  // namespace teamflow::app
