#include "app/report_server.hpp"

namespace teamflow::app {

namespace {

infra::postgres::pool_options one_connection() {
    infra::postgres::pool_options options;
    options.size = 1;
    options.connection.connect.application_name = "teamflow report";
    return options;
}

infra::task<gateway::response> tell_health() {
    co_return gateway::health_answer();
}

infra::task<gateway::response> tell_metrics(const gateway::process_report& report) {
    co_return gateway::metrics_answer(report);
}

}  // namespace

report_server::report_server(foundation& on, const projector_role& projecting)
    : on_(on),
      projecting_(projecting),
      database_(
          on.gateway_threads.at(0).get_executor(), on.settings.postgres_url, one_connection()
      ),
      http_({.bounds = {}, .cors_origins = {}, .watch = &told_}) {
    auto sources = projecting.sources();
    sources.pools.push_back(&database_);
    told_.read_from(std::move(sources));
    report_.checks = [this] { return checks(); };
    report_.metrics = [this] { return told_.text(); };
    const auto add = [this](std::string path, gateway::handler handle) {
        gateway::endpoint made;
        made.verb = gateway::method::get;
        made.path = std::move(path);
        made.handle = std::move(handle);
        http_.add(std::move(made));
    };
    for (const char* path : {"/health/health", "/healthz"}) {
        add(path, [](gateway::request&) { return tell_health(); });
    }
    for (const char* path : {"/health/ready", "/readyz"}) {
        add(path, [this](gateway::request&) { return tell_readiness(*this); });
    }
    for (const char* path : {"/metrics", "/metrics/metrics"}) {
        add(path, [this](gateway::request&) { return tell_metrics(report_); });
    }
}

infra::task<gateway::response> report_server::tell_readiness(report_server& self) {
    const bool answers = co_await gateway::database_answers(self.database_);
    co_return gateway::readiness_answer(self.report_, answers);
}

std::vector<gateway::process_report::check> report_server::checks() const {
    const auto trouble = on_.log_trouble();
    const auto failed = projecting_.trouble();
    return {
        {"log", trouble.empty(), trouble},
        {"ownership", true, "a projector owns no partitions"},
        {"projections", failed.empty(), failed}
    };
}

void report_server::start() {
    server_.emplace(std::vector{&on_.gateway_threads.at(0)}, http_);
    server_->start(on_.listens());
}

std::string report_server::url() const {
    return url_of(on_.settings, server_->port());
}

void report_server::stop() {
    if (server_) {
        wait_for(on_.gateway_threads.at(0), server_->stop());
    }
}

}  // namespace teamflow::app
