#include "infra/postgres/connect.hpp"

#include <array>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <libpq-fe.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

namespace teamflow::infra::postgres {

namespace {

/// Later keys win, so what stands before `dbname` (which holds the URL) is only a default.
struct keywords {
    explicit keywords(const std::string& url, const connect_options& options, bool blocking)
        : limit_s(fmt::format(
              "{}", std::max<std::int64_t>(2, (options.time_limit.count() + 999) / 1000)
          )),
          idle_s(std::to_string(options.asks.idle_s)),
          interval_s(std::to_string(options.asks.interval_s)),
          count(std::to_string(options.asks.count)) {
        keys = {
            "keepalives",
            "keepalives_idle",
            "keepalives_interval",
            "keepalives_count",
            "tcp_user_timeout",
            "connect_timeout",
            "dbname",
            "application_name",
            "client_encoding",
            nullptr
        };
        values = {
            "1",
            idle_s.c_str(),
            interval_s.c_str(),
            count.c_str(),
            "15000",
            blocking ? limit_s.c_str() : "0",
            url.c_str(),
            options.application_name.c_str(),
            "UTF8",
            nullptr
        };
    }

    keywords(const keywords&) = delete;
    keywords& operator=(const keywords&) = delete;

    std::string limit_s;
    std::string idle_s;
    std::string interval_s;
    std::string count;
    std::array<const char*, 10> keys{};
    std::array<const char*, 10> values{};
};

void ignore_notice(void*, const pg_result*) {}

std::string field(const pg_result* from, int code) {
    const char* text = PQresultErrorField(from, code);
    return text == nullptr ? std::string() : std::string(text);
}

/// A connection while it is being made.
struct attempt {
    explicit attempt(const asio::any_io_executor& executor)
        : socket(executor), deadline(executor) {}

    connection_handle handle;
    asio::posix::stream_descriptor socket;
    asio::steady_timer deadline;
    bool expired = false;
};

task<void> wait_for_socket(
    std::shared_ptr<attempt> current, asio::posix::stream_descriptor::wait_type what
) {
    // libpq may have moved on to another address and so to another socket: take it each time.
    current->socket = watch_socket(current->socket.get_executor(), current->handle.get());
    boost::system::error_code ignored;
    co_await current->socket.async_wait(what, asio::redirect_error(asio::use_awaitable, ignored));
}

}  // namespace

asio::posix::stream_descriptor watch_socket(
    const asio::any_io_executor& executor, const pg_conn* handle
) {
    const int copy = fcntl(PQsocket(handle), F_DUPFD_CLOEXEC, 0);
    if (copy < 0) {
        throw postgres_unavailable("no file descriptor left for a connection");
    }
    return {executor, copy};
}

std::vector<std::pair<std::string, std::string>> session_settings_of(const keepalive& asks) {
    return {
        {"tcp_keepalives_idle", std::to_string(asks.idle_s)},
        {"tcp_keepalives_interval", std::to_string(asks.interval_s)},
        {"tcp_keepalives_count", std::to_string(asks.count)}
    };
}

std::string script_of(const keepalive& asks) {
    std::string script;
    for (const auto& [name, value] : session_settings_of(asks)) {
        script += fmt::format("set {} = {};", name, value);
    }
    return script;
}

void connection_closer::operator()(pg_conn* owned) const noexcept {
    PQfinish(owned);
}

std::string last_words(const pg_conn* handle) {
    std::string text = PQerrorMessage(handle);
    while (!text.empty() && text.back() == '\n') {
        text.pop_back();
    }
    for (char& c : text) {
        c = c == '\n' || c == '\t' ? ' ' : c;
    }
    return text;
}

postgres_error::fields read_error(const pg_result* failed) {
    postgres_error::fields what;
    what.sqlstate = field(failed, PG_DIAG_SQLSTATE);
    what.message = field(failed, PG_DIAG_MESSAGE_PRIMARY);
    what.detail = field(failed, PG_DIAG_MESSAGE_DETAIL);
    what.constraint = field(failed, PG_DIAG_CONSTRAINT_NAME);
    if (what.message.empty()) {
        what.message = PQresultErrorMessage(failed);
    }
    return what;
}

bool ends_connection(const pg_result* failed) {
    const std::string severity = field(failed, PG_DIAG_SEVERITY_NONLOCALIZED);
    return severity == "FATAL" || severity == "PANIC";
}

task<connection_handle> connect(
    asio::any_io_executor executor, std::string url, connect_options options
) {
    auto current = std::make_shared<attempt>(executor);
    const keywords what(url, options, false);
    current->handle.reset(PQconnectStartParams(what.keys.data(), what.values.data(), 1));
    pg_conn* const handle = current->handle.get();
    if (handle == nullptr) {
        throw postgres_unavailable("no memory for a connection");
    }
    PQsetNoticeReceiver(handle, ignore_notice, nullptr);
    current->deadline.expires_after(options.time_limit);
    current->deadline.async_wait([current](boost::system::error_code aborted) {
        if (!aborted) {
            current->expired = true;
            current->socket.close();
        }
    });
    PostgresPollingStatusType next =
        PQstatus(handle) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    while (!current->expired && (next == PGRES_POLLING_READING || next == PGRES_POLLING_WRITING)) {
        const auto wait = next == PGRES_POLLING_READING
                              ? asio::posix::stream_descriptor::wait_read
                              : asio::posix::stream_descriptor::wait_write;
        co_await wait_for_socket(current, wait);
        next = current->expired ? next : PQconnectPoll(handle);
    }
    current->deadline.cancel();
    current->socket.close();
    if (current->expired) {
        throw postgres_unavailable(
            fmt::format("no connection within {} ms", options.time_limit.count())
        );
    }
    if (next != PGRES_POLLING_OK || PQsetnonblocking(handle, 1) != 0) {
        throw postgres_unavailable(last_words(handle));
    }
    co_return std::move(current->handle);
}

connection_handle connect_blocking(const std::string& url, const connect_options& options) {
    const keywords what(url, options, true);
    connection_handle handle(PQconnectdbParams(what.keys.data(), what.values.data(), 1));
    if (handle == nullptr) {
        throw postgres_unavailable("no memory for a connection");
    }
    PQsetNoticeReceiver(handle.get(), ignore_notice, nullptr);
    if (PQstatus(handle.get()) != CONNECTION_OK) {
        throw postgres_unavailable(last_words(handle.get()));
    }
    return handle;
}

}  // namespace teamflow::infra::postgres
