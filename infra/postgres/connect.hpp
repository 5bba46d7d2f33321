#pragma once
// Opening a libpq connection without blocking, and reading libpq's errors.

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/posix/stream_descriptor.hpp>

#include "infra/asio.hpp"
#include "infra/postgres/error.hpp"

struct pg_conn;
struct pg_result;

namespace teamflow::infra::postgres {

struct connection_closer {
    void operator()(pg_conn* owned) const noexcept;
};

using connection_handle = std::unique_ptr<pg_conn, connection_closer>;

/// How a peer that vanished without a word is noticed, where TCP leads to it: asked after so long a
/// silence, again after each interval, and given up after so many questions without an answer. A
/// frozen process is no such peer: its kernel answers.
struct keepalive {
    int idle_s = 5;
    int interval_s = 2;
    int count = 5;
};

struct connect_options {
    std::string application_name = "teamflow";
    std::chrono::milliseconds time_limit{5000};
    /// Of both ends: the server, left to its system, would ask after two hours, and keep the locks
    /// of a client whose machine is gone until then.
    keepalive asks;
};

/// The settings of a session, by name, that make the server ask.
std::vector<std::pair<std::string, std::string>> session_settings_of(const keepalive& asks);

/// The same as a script, for the begin of a session.
std::string script_of(const keepalive& asks);

/// An open connection in non-blocking mode, UTF-8, with TCP keepalives and tcp_user_timeout so
/// that a dead server is noticed within some 15 s; the server is not told yet (script_of). `url` is
/// a libpq URI or key/value string; what it sets itself wins over keepalives here. A host name is
/// resolved by libpq, which blocks: use addresses or sockets where that matters. Errors:
/// postgres_unavailable when it cannot be had in time, postgres_error when refused.
task<connection_handle> connect(
    asio::any_io_executor executor, std::string url, connect_options options
);

/// The same, blocking, for the start and stop of the program.
connection_handle connect_blocking(const std::string& url, const connect_options& options);

/// Something to wait on for the socket of `handle`. It has a descriptor of its own, because libpq
/// closes its one at any time, and the number may be in use again before Asio hears of it.
asio::posix::stream_descriptor watch_socket(
    const asio::any_io_executor& executor, const pg_conn* handle
);

/// The fields of a failed result; `connection_lost` is left false.
postgres_error::fields read_error(const pg_result* failed);

/// True for FATAL and PANIC: the server ends the connection after it.
bool ends_connection(const pg_result* failed);

/// libpq's own last words about a connection, on one line.
std::string last_words(const pg_conn* handle);

}  // namespace teamflow::infra::postgres
