#pragma once
// A blocking connection for what happens before the threads run: start, migrations, tests.

#include <string>
#include <string_view>
#include <vector>

#include "infra/postgres/connect.hpp"
#include "infra/postgres/params.hpp"
#include "infra/postgres/result.hpp"

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

    /// One statement with binary parameters, for which the server must find the types that they
    /// have; a binary result. Errors: postgres_error.
    result query(const std::string& sql, const params& with);

private:
    void expect_success(const pg_result* answer) const;

    connection_handle handle_;
};

/// `name` as SQL identifier in quotes, whatever is in it.
std::string quoted_name(std::string_view name);

}  // namespace teamflow::infra::postgres
