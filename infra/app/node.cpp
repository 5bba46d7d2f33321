#include "infra/app/node.hpp"

#include <algorithm>
#include <deque>
#include <future>
#include <thread>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <boost/asio/use_future.hpp>

#include "commands/process/process_manager.hpp"
#include "commands/writer/command_service.hpp"
#include "events/catalogue.hpp"
#include "events/json/pretty.hpp"
#include "gateway/api/access_watch.hpp"
#include "gateway/api/api.hpp"
#include "gateway/api/openapi.hpp"
#include "gateway/http/server.hpp"
#include "infra/app/gateway_thread.hpp"
#include "infra/app/metrics.hpp"
#include "infra/app/open_log.hpp"
#include "infra/app/sweeper.hpp"
#include "infra/io_threads.hpp"
#include "infra/kafka/archiver.hpp"
#include "infra/kafka/kafka_log.hpp"
#include "infra/log/archive.hpp"
#include "infra/log/owner_lock.hpp"
#include "infra/test_clock.hpp"
#include "projections/all.hpp"
#include "projections/progress_listener.hpp"
#include "projections/projector.hpp"

namespace teamflow::infra {

namespace {

using namespace std::chrono_literals;

constexpr auto ready_patience = 30s;
/// A predecessor's session may outlive it for a moment; whoever holds the lock longer lives.
constexpr auto owner_patience = 5s;
/// Commands and queries come first when the cores are busy (decision 40).
constexpr int projection_niceness = 5;
/// How often process managers look for what is due.
constexpr auto process_interval = 30s;
constexpr auto sweep_interval = 10min;

/// Runs a coroutine on another thread's context and waits for it here.
template <class T>
T wait_for(asio::io_context& where, task<T> work) {
    return asio::co_spawn(where, std::move(work), asio::use_future).get();
}

token_settings tokens_of(const app_settings& settings, const secrets& keys) {
    token_settings made;
    made.secret = std::string(keys.jwt_secret.bytes());
    if (!settings.jwt_keys.empty()) {
        made.key_directory = settings.jwt_keys;
    }
    return made;
}

rate_limit limit_of(std::int64_t count, std::chrono::nanoseconds period) {
    return {.count = count, .period = period, .burst = 2 * count};
}

}  // namespace

struct node::parts {
    parts(app_settings how, secrets secret, roles what)
        : settings(std::move(how)),
          keys(std::move(secret)),
          plays(what),
          gateway_threads(plays.gateway ? thread_count(settings) : 1, "gateway"),
          log_thread(1, "log"),
          projection_threads(2, "projections", projection_niceness),
          fingerprint_key(keys.internal_secret.bytes()),
          email_key(keys.email_key.bytes()),
          token_limit(limit_of(settings.rate_limit_token.value_or(200), 1s), random),
          address_limit(limit_of(settings.rate_limit_auth.value_or(20), 1min), random) {}

    app_settings settings;
    secrets keys;
    roles plays;

    system_clock time;
    std::unique_ptr<clock> decision_time = make_decision_clock();
    system_random random;
    io_threads gateway_threads;
    io_threads log_thread;
    io_threads projection_threads;

    std::shared_ptr<event_log> log;
    std::shared_ptr<kafka_log> kafka;
    std::shared_ptr<archiver> archiving;
    projections::read_position positions;
    std::unique_ptr<projections::progress_listener> progress;
    std::deque<projections::projector> projectors;
    std::atomic<int> projectors_running = 0;

    hmac_sha256 fingerprint_key;
    hmac_sha256 email_key;
    key_cache person_keys;
    password_hasher passwords;
    std::shared_ptr<const token_signer> signer;
    rate_limiter token_limit;
    rate_limiter address_limit;
    gateway::api_settings api_settings;
    gateway::process_report report;
    metrics told;
    std::deque<gateway_thread> threads;
    std::unique_ptr<commands::command_service> commands;
    std::shared_ptr<owner_lock> ownership;
    std::optional<commands::process_runner> processes;
    std::optional<sweeper> sweeping;
    std::atomic<int> processes_running = 0;
    gateway::access_changes changes{api_settings.access_token_life};
    std::unique_ptr<gateway::access_watch> access;
    std::unique_ptr<gateway::live_feeds> feeds;
    std::deque<gateway::services> services;
    std::unique_ptr<gateway::api> api;
    std::unique_ptr<gateway::http_service> http;
    std::unique_ptr<gateway::server> server;

    void start();
    void make_gateway();
    void make_ownership();
    void make_feeds();
    void make_report();
    [[nodiscard]] std::vector<gateway::process_report::check> checks() const;
    [[nodiscard]] std::string log_trouble() const;
    void start_archiver();
    void start_projectors();
    void await_projectors();
    void follow_progress();
    void start_processes();
    void stop_processes();
    void serve();
    void stop_projectors();
};

void node::parts::make_ownership() {
    ownership = std::make_shared<owner_lock>(
        log_thread.at(0).get_executor(),
        settings.postgres_url,
        settings.advertise.empty() ? fmt::format("process {}", ::getpid()) : settings.advertise,
        [this] { commands->assign(); }
    );
}

void node::parts::make_feeds() {
    access = std::make_unique<gateway::access_watch>(
        log_thread.at(0).get_executor(),
        settings.postgres_url,
        changes,
        time,
        api_settings.access_token_life
    );
    feeds = std::make_unique<gateway::live_feeds>(
        *log, gateway_threads, [this](const events::record& event) { access->see(event); }
    );
}

void node::parts::make_gateway() {
    signer = std::make_shared<const token_signer>(tokens_of(settings, keys));
    std::vector<stream_archive*> archives;
    for (std::size_t i = 0; i < gateway_threads.size(); ++i) {
        threads.emplace_back(
            gateway_threads.at(i), settings, keys, person_keys, signer, time, random
        );
        archives.push_back(&threads.back().history);
    }
    commands = std::make_unique<commands::command_service>(
        commands::command_service::parts{
            .log = *log,
            .archives = std::move(archives),
            .clock = *decision_time,
            .random = random,
            .threads = gateway_threads
        },
        settings.advertise,
        commands::partition_writer::limits{}
    );
    make_feeds();
    std::vector<gateway::api::place> places;
    for (std::size_t i = 0; i < threads.size(); ++i) {
        auto& own = threads[i];
        services.push_back(gateway::services{
            .commands = *commands,
            .log = *log,
            .feeds = *feeds,
            .database = own.database,
            .positions = positions,
            .keys = own.persons,
            .credentials = own.accounts,
            .refresh_tokens = own.sessions,
            .tickets = own.doors,
            .passwords = passwords,
            .verified = own.verified,
            .changes = changes,
            .signer = *signer,
            .token_limit = token_limit,
            .address_limit = address_limit,
            .fingerprint_key = fingerprint_key,
            .email_key = email_key,
            .clock = time,
            .random = random,
            .ids = own.ids,
            .report = report,
            .settings = api_settings
        });
        places.push_back({&gateway_threads.at(i), &services.back()});
    }
    api = std::make_unique<gateway::api>(gateway::all_routes(), std::move(places));
    http = std::make_unique<gateway::http_service>(gateway::service_options{
        .bounds = {},
        .cors_origins = settings.cors_origins,
        .watch = &told,
        .log_requests = settings.access_log
    });
    api->install(*http);
    std::vector<asio::io_context*> contexts;
    contexts.reserve(gateway_threads.size());
    for (std::size_t i = 0; i < gateway_threads.size(); ++i) {
        contexts.push_back(&gateway_threads.at(i));
    }
    server = std::make_unique<gateway::server>(std::move(contexts), *http);
}

void node::parts::make_report() {
    report.checks = [this] { return checks(); };
    report.metrics = [this] { return told.text(); };
    const auto openapi = gateway::openapi_document(api->table());
    const auto keep = [this](std::string path, std::string text) {
        report.documents.emplace(
            std::move(path), std::make_shared<const std::string>(std::move(text))
        );
    };
    keep("/openapi.json", events::json::pretty(openapi));
    keep("/asyncapi.json", events::json::pretty(events::asyncapi_document()));
    keep("/docs", gateway::docs_page(openapi));
    metric_sources sources;
    sources.commands = commands.get();
    sources.feeds = feeds.get();
    sources.archiving = archiving.get();
    for (const auto& projector : projectors) {
        sources.projectors.push_back(&projector);
    }
    for (const auto& thread : threads) {
        sources.pools.push_back(&thread.database);
    }
    told.read_from(std::move(sources));
}

std::vector<gateway::process_report::check> node::parts::checks() const {
    const auto owned = commands->owned();
    const auto trouble = log_trouble();
    const auto other = ownership->other_holder();
    std::string failed;
    for (const auto& projector : projectors) {
        const auto status = projector.metrics().status.load();
        if (status != projections::projector_status::live) {
            failed += fmt::format(
                "{}{} is {}",
                failed.empty() ? "" : ", ",
                projector.what().name,
                events::json::enum_name(status)
            );
        }
    }
    return {
        {"log", trouble.empty(), trouble},
        {"ownership",
         owned == commands->partitions(),
         other.empty() ? fmt::format("{} of {} partitions owned", owned, commands->partitions())
                       : fmt::format("another gateway owns the log: {}", other)},
        {"projections", failed.empty(), failed}
    };
}

std::string node::parts::log_trouble() const {
    if (kafka != nullptr) {
        if (const auto what = kafka->truncated(); !what.empty()) {
            return "log_truncated: " + what;
        }
        if (!kafka->reachable()) {
            return "no Kafka broker answers";
        }
    }
    return log->tail().known_end(0) ? "" : "the log has not been read yet";
}

void node::parts::start_projectors() {
    projections::projector_options options;
    options.postgres_url = settings.postgres_url;
    std::size_t next = 0;
    for (const auto& projection : projections::all()) {
        auto& context = projection_threads.at(next++);
        auto& projector = projectors.emplace_back(
            context.get_executor(), projection, *log, positions, time, options
        );
        ++projectors_running;
        asio::co_spawn(context, projector.run(), [this](const std::exception_ptr& failure) {
            --projectors_running;
            if (failure) {
                std::rethrow_exception(failure);
            }
        });
    }
}

/// Queries need the tables of the read models, which a first start makes.
void node::parts::await_projectors() {
    const auto deadline = std::chrono::steady_clock::now() + ready_patience;
    for (const auto& projector : projectors) {
        while (projector.metrics().status == projections::projector_status::starting) {
            if (std::chrono::steady_clock::now() > deadline) {
                throw std::runtime_error(fmt::format(
                    "projection {} does not start; see the log above", projector.what().name
                ));
            }
            std::this_thread::sleep_for(1ms);
        }
    }
}

/// A log on Kafka needs its archive filled; any number of processes may do it.
void node::parts::start_archiver() {
    if (kafka == nullptr) {
        return;
    }
    auto& context = projection_threads.at(1);
    archiving = archiver::make(context.get_executor(), kafka, settings.postgres_url, {});
    asio::co_spawn(context, archiver::run(archiving), asio::detached);
}

void node::parts::stop_projectors() {
    if (archiving) {
        archiving->stop();
    }
    for (auto& projector : projectors) {
        projector.stop();
    }
    const auto deadline = std::chrono::steady_clock::now() + settings.stop_limit;
    while (projectors_running > 0 && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(1ms);
    }
}

void node::parts::start_processes() {
    auto& context = gateway_threads.at(0);
    processes.emplace(
        context.get_executor(),
        commands::process_runner::parts{
            .database = threads.front().database, .commands = *commands, .clock = time
        },
        process_interval
    );
    sweeping.emplace(context.get_executor(), threads.front().database, time, random);
    const auto ended = [this](const std::exception_ptr& failure) {
        --processes_running;
        if (failure) {
            std::rethrow_exception(failure);
        }
    };
    processes_running = 2;
    asio::co_spawn(context, processes->run(), ended);
    asio::co_spawn(context, sweeping->run(sweep_interval), ended);
}

void node::parts::stop_processes() {
    if (!processes) {
        return;
    }
    processes->stop();
    sweeping->stop();
    while (processes_running > 0) {
        std::this_thread::sleep_for(1ms);
    }
}

void node::parts::serve() {
    commands->start();
    ownership->start();
    const auto begun = std::chrono::steady_clock::now();
    const auto deadline = begun + ready_patience;
    while (commands->owned() < commands->partitions()) {
        const bool is_stuck = std::chrono::steady_clock::now() > begun + owner_patience;
        if (is_stuck && !ownership->other_holder().empty()) {
            break;
        }
        if (std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error(fmt::format(
                "only {} of {} partitions could be claimed; see the log above",
                commands->owned(),
                commands->partitions()
            ));
        }
        std::this_thread::sleep_for(1ms);
    }
    server->start(
        {.host = settings.listen_host,
         .port = settings.listen_port,
         .tls_certificate = settings.tls_cert,
         .tls_key = settings.tls_key}
    );
}

node::node(app_settings settings, secrets keys, roles plays)
    : parts_(std::make_unique<parts>(std::move(settings), std::move(keys), plays)) {
    parts_->log_thread.start();
    auto opened = wait_for(
        parts_->log_thread.at(0),
        open_log(
            parts_->log_thread.at(0).get_executor(),
            parts_->settings,
            parts_->gateway_threads.executors()
        )
    );
    parts_->log = std::move(opened.log);
    parts_->kafka = std::move(opened.kafka);
    if (plays.gateway) {
        parts_->make_gateway();
        parts_->make_ownership();
    }
}

node::~node() {
    parts_->gateway_threads.stop();
    parts_->projection_threads.stop();
    parts_->log_thread.stop();
}

void node::start() {
    try {
        parts_->start();
    } catch (...) {
        // What has begun ends in good order, before what it stands on is taken apart.
        stop();
        throw;
    }
}

void node::parts::start() {
    gateway_threads.start();
    projection_threads.start();
    if (plays.projector) {
        start_archiver();
        start_projectors();
    }
    if (plays.gateway) {
        make_report();
        follow_progress();
        await_projectors();
        wait_for(gateway_threads.at(0), feeds->start());
        serve();
        start_processes();
    }
}

std::string node::url() const {
    if (!parts_->plays.gateway) {
        return {};
    }
    const auto& settings = parts_->settings;
    return fmt::format(
        "{}://{}:{}",
        settings.tls_cert.empty() ? "http" : "https",
        settings.listen_host,
        parts_->server->port()
    );
}

std::uint16_t node::port() const {
    return parts_->plays.gateway ? parts_->server->port() : 0;
}

void node::stop() {
    if (parts_->plays.gateway) {
        wait_for(parts_->gateway_threads.at(0), parts_->server->stop());
        parts_->stop_processes();
        parts_->feeds->stop();
        wait_for(
            parts_->gateway_threads.at(0), parts_->commands->stop(parts_->settings.stop_limit)
        );
        parts_->ownership->stop();
    }
    parts_->stop_projectors();
    parts_->log->stop();
}

void node::parts::follow_progress() {
    progress = std::make_unique<projections::progress_listener>(
        log_thread.at(0).get_executor(), settings.postgres_url, positions
    );
}

}  // namespace teamflow::infra
