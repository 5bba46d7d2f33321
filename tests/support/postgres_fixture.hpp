#pragma once
// A fresh, migrated database for each test case, on one private PostgreSQL for each test process.

#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include <boost/asio/io_context.hpp>

#include "infra/asio.hpp"
#include "infra/postgres/private_server.hpp"
#include "infra/postgres/session.hpp"

namespace teamflow::tests {

/// Runs `body` to its end on `io` and gives its result or throws its exception. What else is on
/// `io` runs meanwhile. Errors: std::runtime_error if it does not end in time.
template <class T>
T run_task(
    boost::asio::io_context& io,
    infra::task<T> body,
    std::chrono::seconds limit = std::chrono::seconds(60)
) {
    using kept = std::conditional_t<std::is_void_v<T>, bool, T>;

    struct outcome {
        std::exception_ptr error;
        std::optional<kept> value;
        bool done = false;
    };

    const auto ended = std::make_shared<outcome>();
    if constexpr (std::is_void_v<T>) {
        boost::asio::co_spawn(io, std::move(body), [ended](std::exception_ptr error) {
            ended->error = std::move(error);
            ended->done = true;
        });
    } else {
        boost::asio::co_spawn(io, std::move(body), [ended](std::exception_ptr error, T value) {
            ended->error = std::move(error);
            ended->value = std::move(value);
            ended->done = true;
        });
    }
    const auto deadline = std::chrono::steady_clock::now() + limit;
    io.restart();
    while (!ended->done && io.run_one_until(deadline) > 0) {
    }
    if (!ended->done) {
        throw std::runtime_error("a coroutine under test did not end in time");
    }
    if (ended->error) {
        std::rethrow_exception(ended->error);
    }
    if constexpr (!std::is_void_v<T>) {
        return std::move(*ended->value);
    }
}

/// One database of its own, with all migrations applied; gone with this object.
class postgres_fixture {
public:
    postgres_fixture();
    ~postgres_fixture();
    postgres_fixture(const postgres_fixture&) = delete;
    postgres_fixture& operator=(const postgres_fixture&) = delete;

    [[nodiscard]] const std::string& url() const { return url_; }

    /// A blocking connection to the database, opened on first use.
    infra::postgres::session& session();

    /// The server that all test cases of the process share. Stop or restart it at will; start it
    /// again before the end of the test case.
    static infra::postgres::private_server& server();

    boost::asio::io_context& io() { return io_; }

    boost::asio::any_io_executor executor() { return io_.get_executor(); }

    /// `run_task` on the io_context of this fixture.
    template <class T>
    T run(infra::task<T> body) {
        return run_task(io_, std::move(body));
    }

private:
    std::string name_;
    std::string url_;
    std::optional<infra::postgres::session> session_;
    boost::asio::io_context io_{1};
};

}  // namespace teamflow::tests
