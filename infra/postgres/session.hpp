#pragma once
// A blocking connection, for what has a thread of its own: start, migrations, rebuilds, tests.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "infra/postgres/connect.hpp"
#include "infra/postgres/params.hpp"
#include "infra/postgres/result.hpp"

struct pg_cancel;

namespace teamflow::infra::postgres {

/// One thread at a time. Never use it on an I/O thread.
class session {
public:
    /// Errors: postgres_unavailable.
    explicit session(const std::string& url, const connect_options& options = {});

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

    /// Ends the statement that runs, which then fails with SQLSTATE 57014; harmless when none does.
    /// From any thread, while this lives.
    void cancel();

private:
    struct freeing {
        void operator()(pg_cancel* owned) const noexcept;
    };

    void expect_success(const pg_result* answer) const;

    connection_handle handle_;
    std::unique_ptr<pg_cancel, freeing> canceller_;
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
