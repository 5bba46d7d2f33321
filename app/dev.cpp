#include "app/dev.hpp"

#include <iostream>

#include <spdlog/spdlog.h>
#include <unistd.h>

#include "app/demo.hpp"
#include "app/node.hpp"
#include "app/open_log.hpp"
#include "app/run_file.hpp"
#include "app/signals.hpp"
#include "app/stop_watchdog.hpp"
#include "infra/log/history_views.hpp"
#include "infra/postgres/migrations.hpp"
#include "infra/postgres/private_server.hpp"
#include "infra/postgres/session.hpp"

namespace teamflow::app {

namespace {

/// People who look are no reason not to start: who holds the views, or built others on them, learns
/// of it by `teamflow migrate`.
void make_history_views(const std::string& url) {
    try {
        infra::update_history_views(url);
    } catch (const infra::postgres_error& failure) {
        spdlog::warn("the views of the schema history stay as they are: {}", failure.what());
    }
}

}  // namespace

int run_dev(app_settings settings) {
    const termination ending;
    stop_watchdog ended_in_time;
    std::filesystem::create_directories(settings.data);
    infra::system_random random;
    auto keys = infra::load_or_create_secrets(settings.data, random);
    std::optional<infra::postgres::private_server> own_database;
    if (settings.postgres_url.empty()) {
        infra::postgres::private_server_options options;
        options.directory = settings.data;
        own_database.emplace(std::move(options));
        settings.postgres_url = own_database->url();
    }
    infra::postgres::apply_migrations(settings.postgres_url);
    make_history_views(settings.postgres_url);
    {
        infra::postgres::session database(settings.postgres_url);
        create_log(database, settings);
    }
    const bool is_loopback =
        settings.listen_host == "127.0.0.1" || settings.listen_host == "localhost";
    if (is_loopback) {
        settings.rate_limit_token = settings.rate_limit_token.value_or(0);
        settings.rate_limit_auth = settings.rate_limit_auth.value_or(0);
    }
    node all(settings, std::move(keys), {.gateway = true, .projector = true});
    all.start();
    const run_file found_by(
        settings.data,
        {.pid = static_cast<int>(::getpid()),
         .url = all.url(),
         .postgres_url = settings.postgres_url}
    );
    try {
        if (const auto tour = demo_tour(all.url(), all.port(), settings.data, ending)) {
            std::cout << *tour << std::flush;
            ending.wait();
        }
    } catch (const std::exception&) {
        all.stop();
        throw;
    }
    spdlog::info("stopping");
    ended_in_time.arm(settings.stop_limit + stop_grace);
    all.stop();
    return 0;
}

}  // namespace teamflow::app
