#include "infra/postgres/session.hpp"

#include <libpq-fe.h>

namespace teamflow::infra::postgres {

session::session(const std::string& url, const connect_options& options)
    : handle_(connect_blocking(url, options)) {
    execute(script_of(options.asks));
}

void session::execute(const std::string& script) {
    const result answer(PQexec(handle_.get(), script.c_str()));
    expect_success(answer.raw());
}

result session::query(const std::string& sql, const std::vector<std::string>& with) {
    std::vector<const char*> values;
    values.reserve(with.size());
    for (const std::string& each : with) {
        values.push_back(each.c_str());
    }
    result answer(PQexecParams(
        handle_.get(),
        sql.c_str(),
        static_cast<int>(values.size()),
        nullptr,
        values.data(),
        nullptr,
        nullptr,
        1
    ));
    expect_success(answer.raw());
    return answer;
}

result session::query(const std::string& sql, const params& with) {
    std::vector<const char*> values;
    std::vector<int> sizes;
    for (std::size_t i = 0; i < with.size(); ++i) {
        const auto value = with.sent(i);
        values.push_back(value ? value->data() : nullptr);
        sizes.push_back(value ? static_cast<int>(value->size()) : 0);
    }
    const std::vector<int> binary(with.size(), 1);
    result answer(PQexecParams(
        handle_.get(),
        sql.c_str(),
        static_cast<int>(values.size()),
        nullptr,
        values.data(),
        sizes.data(),
        binary.data(),
        1
    ));
    expect_success(answer.raw());
    return answer;
}

void session::expect_success(const pg_result* answer) const {
    const auto status = PQresultStatus(answer);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) {
        return;
    }
    auto what = read_error(answer);
    what.connection_lost = PQstatus(handle_.get()) == CONNECTION_BAD;
    what.outcome_unknown = what.connection_lost;
    throw postgres_error(std::move(what));
}

std::string quoted_name(std::string_view name) {
    std::string text = "\"";
    for (const char c : name) {
        text += c;
        if (c == '"') {
            text += c;
        }
    }
    return text + '"';
}

}  // namespace teamflow::infra::postgres
