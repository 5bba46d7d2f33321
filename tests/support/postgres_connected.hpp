#pragma once
// A database and a connection to it, with calls that a test case can write in one line.

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "infra/postgres/connection.hpp"
#include "tests/support/postgres_fixture.hpp"

namespace teamflow::tests {

using shared_connection = std::shared_ptr<infra::postgres::connection>;

struct connected : postgres_fixture {
    explicit connected(infra::postgres::connection_options options = {})
        : connection(run(infra::postgres::connection::open(executor(), url(), std::move(options)))
          ) {}

    infra::postgres::result query(std::string_view sql, infra::postgres::params with = {}) {
        return run(connection->query({"test", sql}, std::move(with)));
    }

    std::vector<infra::postgres::result> atomically(std::vector<infra::postgres::call> calls) {
        return run(connection->atomically(std::move(calls)));
    }

    /// The SQLSTATE that `sql` fails with.
    std::string refusal(std::string_view sql, infra::postgres::params with = {}) {
        try {
            query(sql, std::move(with));
        } catch (const infra::postgres_error& error) {
            return std::string(error.sqlstate());
        }
        return "none";
    }

    template <class T>
    T echo(std::string_view type, const T& value) {
        const std::string sql = fmt::format("select $1::{}", type);
        const infra::postgres::result rows = query(sql, infra::postgres::params::of(value));
        return rows.get<T>(0, 0);
    }

    shared_connection connection;
};

}  // namespace teamflow::tests
