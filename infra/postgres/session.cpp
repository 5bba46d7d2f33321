#include "infra/postgres/session.hpp"

#include <stdexcept>
#include <utility>

#include <libpq-fe.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

namespace teamflow::infra::postgres {

endpoint::endpoint(std::string at, std::stop_token until)
    : url(std::move(at)), given_up(std::move(until)) {}

endpoint::endpoint(const char* at) : url(at) {}

void session::cut::operator()() const noexcept {
    ::shutdown(socket, SHUT_RDWR);
}

session::session(const endpoint& at, const connect_options& options)
    : handle_(connect_blocking(at.url, options)),
      cutting_(std::make_unique<std::stop_callback<cut>>(at.given_up, cut{PQsocket(handle_.get())})
      ) {
    // Whoever is gone takes the statement along that it waited for, such as an index.
    execute(script_of(options.asks) + "; set client_connection_check_interval = '1s'");
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
    std::vector<int> lengths;
    values.reserve(with.slots_.size());
    lengths.reserve(with.slots_.size());
    for (const params::slot& each : with.slots_) {
        values.push_back(with.data(each));
        lengths.push_back(static_cast<int>(each.size));
    }
    const std::vector<int> formats(values.size(), 1);
    result answer(PQexecParams(
        handle_.get(),
        sql.c_str(),
        static_cast<int>(values.size()),
        with.types_.data(),
        values.data(),
        lengths.data(),
        formats.data(),
        1
    ));
    expect_success(answer.raw());
    return answer;
}

void session::copy_in(const std::string& sql, std::string_view rows) {
    const result begun(PQexec(handle_.get(), sql.c_str()));
    if (PQresultStatus(begun.raw()) != PGRES_COPY_IN) {
        expect_success(begun.raw());
        throw std::logic_error("not a COPY from stdin: " + sql);
    }
    constexpr std::size_t piece = std::size_t{1} << 20U;
    bool sent = true;
    for (std::size_t at = 0; sent && at < rows.size(); at += piece) {
        const auto part = rows.substr(at, piece);
        sent = PQputCopyData(handle_.get(), part.data(), static_cast<int>(part.size())) == 1;
    }
    PQputCopyEnd(handle_.get(), nullptr);
    const result ended(PQgetResult(handle_.get()));
    const result nothing_more(PQgetResult(handle_.get()));
    expect_success(ended.raw());
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

transaction::transaction(session& on, std::string_view how) : on_(on) {
    on_.execute("begin " + std::string(how));
}

transaction::~transaction() {
    if (!is_open_) {
        return;
    }
    try {
        on_.execute("rollback");
    } catch (const postgres_error& failure) {
        // The connection is lost, and with it the transaction.
        spdlog::debug("rollback: {}", failure.what());
    }
}

void transaction::commit() {
    on_.execute("commit");
    is_open_ = false;
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
