#include "app/commands.hpp"

#include <fstream>
#include <iostream>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_future.hpp>

#include "app/database_place.hpp"
#include "app/keys.hpp"
#include "app/open_log.hpp"
#include "app/signals.hpp"
#include "app/stop_watchdog.hpp"
#include "events/catalogue.hpp"
#include "events/json/pretty.hpp"
#include "gateway/api/api.hpp"
#include "gateway/api/openapi.hpp"
#include "generation/model/model_schema.hpp"
#include "infra/crypto/credentials.hpp"
#include "infra/crypto/password.hpp"
#include "infra/log/history_views.hpp"
#include "infra/postgres/migrations.hpp"
#include "infra/postgres/session.hpp"

namespace teamflow::app {

namespace {

infra::task<events::user_id> put_operator(
    std::string url, std::string email, std::string password
) {
    const auto executor = co_await boost::asio::this_coro::executor;
    infra::postgres::pool database(executor, std::move(url));
    const infra::system_clock time;
    infra::system_random random;
    infra::uuid_v7_source ids(time, random);
    infra::password_hasher passwords;
    infra::credentials accounts(database, time);
    auto hash = co_await passwords.hash(std::move(password));
    const auto fresh = ids.next<events::user_id>();
    const auto user = co_await accounts.put_operator(fresh, std::move(email), std::move(hash));
    database.close();
    co_return user;
}

}  // namespace

int run_roles(app_settings settings, roles plays) {
    const termination ending;
    stop_watchdog ended_in_time;
    settings.postgres_url = database_of(settings);
    node all(settings, secrets_of(settings), plays);
    all.start();
    spdlog::info("ready {}", all.url());
    ending.wait();
    ended_in_time.arm(settings.stop_limit + stop_grace);
    all.stop();
    return 0;
}

int run_migrate(const app_settings& settings) {
    const std::string url = database_of(settings);
    for (const auto& name : infra::postgres::apply_migrations(url)) {
        std::cout << "applied " << name << '\n';
    }
    if (infra::update_history_views(url)) {
        std::cout << "made the views of the schema history\n";
    }
    infra::postgres::session database(url);
    create_log(database, settings);
    std::cout << "the database is up to date\n";
    return 0;
}

int run_operator_create(
    const app_settings& settings, const std::string& email, const std::string& password
) {
    if (password.size() < 12) {
        std::cerr << "teamflow: --password must have at least 12 characters\n";
        return 2;
    }
    const std::string url = database_of(settings);
    boost::asio::io_context io(1);
    auto made =
        boost::asio::co_spawn(io, put_operator(url, email, password), boost::asio::use_future);
    io.run();
    std::cout << to_string(made.get()) << '\n';
    return 0;
}

int run_docs(const std::filesystem::path& directory) {
    std::filesystem::create_directories(directory);
    const auto write = [&](const std::string& name, const std::string& text) {
        const auto file = directory / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream out(file);
        out << text;
        out.close();
        if (!out) {
            throw std::runtime_error(file.string() + " cannot be written");
        }
    };
    for (const auto& document : events::event_documents()) {
        write(document.path, document.text);
    }
    write("history.sql", infra::history_views_script());
    write("model.schema.json", events::json::pretty(generation::model_json_schema()));
    const auto table = gateway::all_routes();
    write("openapi.json", events::json::pretty(gateway::openapi_document(table)));
    return 0;
}

}  // namespace teamflow::app
