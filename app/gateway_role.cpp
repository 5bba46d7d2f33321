#include "app/gateway_role.hpp"

#include <algorithm>
#include <span>
#include <thread>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <boost/asio/ip/host_name.hpp>
#include <boost/asio/use_future.hpp>

#include "app/keys.hpp"
#include "events/catalogue.hpp"
#include "events/identity.hpp"
#include "events/json/described.hpp"
#include "events/json/pretty.hpp"
#include "gateway/api/openapi.hpp"
#include "gateway/forward/peer_tls.hpp"
#include "infra/crypto/erasures.hpp"
#include "projections/all.hpp"

namespace teamflow::app {

namespace {

using namespace std::chrono_literals;

constexpr auto sweep_interval = 10min;

/// Which read models the observer does not see at the log's end or on the way there; a gateway
/// serves what they have.
std::string unwell(std::span<const query::follower_health> read_models) {
    using enum query::health_state;
    std::string all;
    for (const auto& each : read_models) {
        if (each.state != caught_up && each.state != moving) {
            all += fmt::format(
                "{}{} is {}: {}",
                all.empty() ? "" : ", ",
                each.subject,
                events::json::enum_name(each.state),
                each.reason
            );
        }
    }
    return all;
}

infra::rate_limit limit_of(std::int64_t count, std::chrono::nanoseconds period) {
    return {.count = count, .period = period, .burst = 2 * count};
}

}  // namespace

gateway_role::gateway_role(foundation& on, const projector_role& projecting)
    : on_(on),
      projecting_(projecting),
      fingerprint_key_(on.keys.internal_secret.bytes()),
      email_key_(on.keys.email_key.bytes()),
      forwarding_key_(gateway::make_forwarding_key(on.keys.internal_secret)),
      signer_(std::make_shared<const infra::token_signer>(tokens_of(on.settings, on.keys))),
      token_limit_(limit_of(on.settings.rate_limit_token.value_or(200), 1s), on.random),
      address_limit_(limit_of(on.settings.rate_limit_auth.value_or(20), 1min), on.random) {
    make_transport();
    make_commands();
    make_routers();
    make_feeds();
    make_api();
}

void gateway_role::make_transport() {
    std::vector<boost::asio::io_context*> contexts;
    contexts.reserve(on_.gateway_threads.size());
    for (std::size_t i = 0; i < on_.gateway_threads.size(); ++i) {
        contexts.push_back(&on_.gateway_threads.at(i));
    }
    gateway::limits bounds;
    bounds.drain_ms = static_cast<std::uint32_t>(on_.settings.stop_limit.count() / 2);
    http_ = std::make_unique<gateway::http_service>(gateway::service_options{
        .bounds = bounds,
        .cors_origins = on_.settings.cors_origins,
        .watch = &told_,
        .log_requests = on_.settings.access_log
    });
    server_ = std::make_unique<gateway::server>(std::move(contexts), *http_);
    server_->bind(on_.listens());
}

std::string gateway_role::address() const {
    const auto& given = on_.settings.advertise;
    if (given.find("://") != std::string::npos) {
        return given;
    }
    const std::string scheme = on_.settings.tls_cert.empty() ? "http://" : "https://";
    if (!given.empty()) {
        return scheme + given;
    }
    const auto& host = on_.settings.listen_host;
    const bool is_any = host == "0.0.0.0" || host == "::";
    return fmt::format(
        "{}{}:{}", scheme, is_any ? boost::asio::ip::host_name() : host, server_->port()
    );
}

void gateway_role::make_routers() {
    const auto tls = gateway::make_peer_tls(on_.settings.tls_cert);
    for (std::size_t i = 0; i < on_.gateway_threads.size(); ++i) {
        auto& elsewhere = forwarding_.emplace_back(
            on_.gateway_threads.at(i).get_executor(), forwarding_key_, tls
        );
        routers_.emplace_back(*commands_, elsewhere, routing_, commands::command_router::limits{});
    }
}

void gateway_role::make_commands() {
    std::vector<infra::stream_archive*> archives;
    for (std::size_t i = 0; i < on_.gateway_threads.size(); ++i) {
        threads_.emplace_back(
            on_.gateway_threads.at(i),
            on_.settings,
            on_.keys,
            person_keys_,
            signer_,
            on_.time,
            on_.random
        );
        archives.push_back(&threads_.back().history);
    }
    commands::partition_writer::limits bounds;
    bounds.unarchived_bytes_max = static_cast<std::size_t>(on_.settings.tail_memory_mb) << 20U;
    commands_ = std::make_unique<commands::command_service>(
        commands::command_service::parts{
            .log = *on_.log,
            .archives = std::move(archives),
            .clock = *on_.decision_time,
            .random = on_.random,
            .threads = on_.gateway_threads,
            .displaced = [this] { owning_->displaced(); }
        },
        address(),
        bounds
    );
    owning_.emplace(on_, *commands_);
}

void gateway_role::make_feeds() {
    sweeping_.emplace(
        on_.gateway_threads.at(0).get_executor(), threads_.front().database, on_.time, on_.random
    );
    access_ = std::make_unique<gateway::access_watch>(
        on_.log_thread.at(0).get_executor(),
        on_.settings.postgres_url,
        changes_,
        person_keys_,
        on_.time,
        api_settings_.access_token_life
    );
    feeds_ = std::make_unique<gateway::live_feeds>(
        *on_.log,
        on_.gateway_threads.executors(),
        [this](const events::record& event) {
            access_->see(event);
            if (event.head.type == events::user_erased::type) {
                sweeping_->look_soon();
            }
        }
    );
}

void gateway_role::make_api() {
    watching_.emplace(
        on_.gateway_threads.at(0).get_executor(),
        threads_.front().database,
        on_.log->tail(),
        on_.time
    );
    std::vector<gateway::api::place> places;
    for (std::size_t i = 0; i < threads_.size(); ++i) {
        auto& own = threads_[i];
        services_.push_back(gateway::services{
            .commands = routers_[i],
            .log = *on_.log,
            .feeds = *feeds_,
            .database = own.database,
            .positions = on_.positions,
            .keys = own.persons,
            .credentials = own.accounts,
            .refresh_tokens = own.sessions,
            .tickets = own.doors,
            .passwords = passwords_,
            .verified = own.verified,
            .changes = changes_,
            .watch = *watching_,
            .signer = *signer_,
            .token_limit = token_limit_,
            .address_limit = address_limit_,
            .fingerprint_key = fingerprint_key_,
            .email_key = email_key_,
            .forwarding_key = forwarding_key_,
            .clock = on_.time,
            .random = on_.random,
            .ids = own.ids,
            .report = report_,
            .settings = api_settings_
        });
        places.push_back({&on_.gateway_threads.at(i), &services_.back()});
    }
    api_ = std::make_unique<gateway::api>(gateway::all_routes(), std::move(places));
    api_->install(*http_);
}

void gateway_role::make_report() {
    report_.checks = [this] { return checks(); };
    report_.metrics = [this] { return told_.text(); };
    const auto openapi = gateway::openapi_document(api_->table());
    const auto keep = [this](std::string path, std::string text) {
        report_.documents.emplace(
            std::move(path), std::make_shared<const std::string>(std::move(text))
        );
    };
    keep("/openapi.json", events::json::pretty(openapi));
    keep("/asyncapi.json", events::json::pretty(events::asyncapi_document()));
    keep("/docs", gateway::docs_page(openapi));
    auto sources = projecting_.sources();
    sources.commands = commands_.get();
    sources.routing = &routing_;
    sources.feeds = feeds_.get();
    for (const auto& thread : threads_) {
        sources.pools.push_back(&thread.database);
    }
    told_.read_from(std::move(sources));
}

std::vector<gateway::process_report::check> gateway_role::checks() const {
    const auto trouble = on_.log_trouble();
    auto failed = projecting_.trouble();
    for (const auto& projection : projections::all()) {
        if (failed.empty() && !on_.positions.reached(projection.name, 0)) {
            failed = fmt::format("no projector has made {} yet", projection.name);
        }
    }
    const auto seen = watching_->healths();
    const std::span all(seen);
    // Partitions come first; nothing is there before the observer's first look.
    const auto count = std::min(all.size(), static_cast<std::size_t>(on_.log->partitions()));
    return {
        {"log", trouble.empty(), trouble},
        owning_->check(all.first(count), on_.time.now()),
        {"projections", failed.empty(), failed.empty() ? unwell(all.subspan(count)) : failed}
    };
}

void gateway_role::start() {
    make_report();
    progress_ = std::make_unique<projections::progress_listener>(
        on_.log_thread.at(0).get_executor(), on_.settings.postgres_url, on_.positions
    );
    commands_->start();
    owning_->start();
    projecting_.await_tables();
    wait_for(on_.gateway_threads.at(0), feeds_->start());
    repeat_erasures();
    owning_->await();
    server_->serve();
    start_processes();
}

/// Nobody is served before what a restored database brought back is gone again.
void gateway_role::repeat_erasures() {
    infra::erasures tables(threads_.front().database, on_.time);
    const auto done = wait_for(on_.gateway_threads.at(0), tables.repeat_all());
    if (done.all() != 0) {
        spdlog::warn(
            "erased again what history says to be erased: {} keys, {} credentials, {} sign-ins, {} "
            "tickets",
            done.keys,
            done.credentials,
            done.sign_ins,
            done.tickets
        );
    }
}

void gateway_role::start_processes() {
    auto& context = on_.gateway_threads.at(0);
    auto& database = threads_.front().database;
    processes_.emplace(
        context.get_executor(),
        commands::process_runner::parts{
            .database = database, .commands = routers_.front(), .clock = on_.time
        },
        std::chrono::seconds(on_.settings.process_interval_seconds)
    );
    const auto ended = [this](const std::exception_ptr& failure) {
        --processes_running_;
        if (failure) {
            std::rethrow_exception(failure);
        }
    };
    processes_running_ = 3;
    boost::asio::co_spawn(context, processes_->run(), ended);
    boost::asio::co_spawn(context, sweeping_->run(sweep_interval), ended);
    boost::asio::co_spawn(context, watching_->run(), ended);
}

void gateway_role::stop() {
    const auto limit = on_.settings.stop_limit;
    if (processes_) {
        processes_->stop();
        sweeping_->stop();
        watching_->stop();
    }
    // Requests under way end by themselves, but those that wait for a log that does not answer:
    // they are told so when the commands end.
    auto drained =
        boost::asio::co_spawn(on_.gateway_threads.at(0), server_->stop(), boost::asio::use_future);
    drained.wait_for(limit / 10);
    commands_->stop(limit / 10);
    owning_->stop();
    drained.get();
    while (processes_running_ > 0) {
        std::this_thread::sleep_for(1ms);
    }
    feeds_->stop();
}

std::string gateway_role::url() const {
    return url_of(on_.settings, port());
}

}  // namespace teamflow::app
