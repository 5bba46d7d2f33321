#pragma once
// A blocking connection, for what has a thread of its own: start, migrations, rebuilds, tests.

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "infra/postgres/connect.hpp"
#include "infra/postgres/params.hpp"
#include "infra/postgres/result.hpp"

namespace teamflow::infra::postgres {

/// Where a database is, for whoever opens sessions there, and what makes all of them give up: when
/// a stop is asked for, their connections are cut, and whatever they wait for (a lock, a server
/// that says nothing) fails as connection_lost.
struct endpoint {
    // Implicit: a URL is where a database is.
    endpoint(std::string at, std::stop_token until = {});
    endpoint(const char* at);

    std::string url;
    std::stop_token given_up;
};

/// One thread at a time. Never use it on an I/O thread.
class session {
public:
    /// Errors: postgres_unavailable.
    explicit session(const endpoint& at, const connect_options& options = {});
    session(session&&) = default;
    session& operator=(session&&) = delete;
    session(const session&) = delete;
    session& operator=(const session&) = delete;
    ~session() = default;

    /// Runs any number of statements as one script; without `begin` in it, as one transaction.
    /// Errors: postgres_error.
    void execute(const std::string& script);

    /// One statement with text parameters, whose types the server finds; a binary result.
    /// Errors: postgres_error.
    result query(const std::string& sql, const std::vector<std::string>& with = {});

    /// One statement with typed parameters; a binary result. Errors: postgres_error.
    result query(const std::string& sql, const params& with);

    /// Sends `rows` (copy_rows::stream) to a `copy ... from stdin (format binary)`. Errors:
    /// postgres_error.
    void copy_in(const std::string& sql, std::string_view rows);

private:
    struct cut {
        int socket;
        void operator()() const noexcept;
    };

    void expect_success(const pg_result* answer) const;

    connection_handle handle_;
    /// Goes before the connection does: the number of its socket is nobody else's until then.
    std::unique_ptr<std::stop_callback<cut>> cutting_;
};

/// A transaction, rolled back at its end unless it was committed.
class transaction {
public:
    /// Begins it; `how` is what follows `begin`, such as `isolation level repeatable read`.
    explicit transaction(session& on, std::string_view how = {});
    ~transaction();
    transaction(const transaction&) = delete;
    transaction& operator=(const transaction&) = delete;

    void commit();

private:
    session& on_;
    bool is_open_ = true;
};

/// `name` as SQL identifier in quotes, whatever is in it.
std::string quoted_name(std::string_view name);

}  // namespace teamflow::infra::postgres
