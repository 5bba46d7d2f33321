#pragma once
// Runs a coroutine over a database to its end, for subcommands.

#include <exception>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "infra/postgres/pool.hpp"

namespace teamflow::app {

template <class T, class Ask>
infra::task<> ask_into(infra::postgres::pool& database, Ask ask, std::optional<T>& answer) {
    T found = co_await ask(database);
    answer.emplace(std::move(found));
}

/// What `ask(pool)` returns, a task<T>. Blocking. Throws what it throws.
template <class T, class Ask>
T ask_database(const std::string& url, Ask ask) {
    boost::asio::io_context io(1);
    infra::postgres::pool_options options;
    options.size = 1;
    infra::postgres::pool database(io.get_executor(), url, std::move(options));
    std::optional<T> answer;
    std::exception_ptr failure;
    auto asking = ask_into(database, std::move(ask), answer);
    boost::asio::co_spawn(io, std::move(asking), [&](const std::exception_ptr& error) {
        failure = error;
        database.close();
    });
    io.run();
    if (failure) {
        std::rethrow_exception(failure);
    }
    return *std::move(answer);
}

}  // namespace teamflow::app
