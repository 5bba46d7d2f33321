#pragma once
// One pipelined PostgreSQL connection, shared by the coroutines of one thread.

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "infra/asio.hpp"
#include "infra/postgres/connect.hpp"
#include "infra/postgres/params.hpp"
#include "infra/postgres/prepared.hpp"
#include "infra/postgres/result.hpp"

namespace teamflow::infra::postgres {

/// SQL with a short name for errors and metrics. Views only: most are constants; text composed at
/// run time must live until the call is answered.
struct statement {
    std::string_view name;
    std::string_view sql;
};

/// One statement of a batch.
struct call {
    statement what;
    params with;
};

struct connection_options {
    connect_options connect;
    /// Session settings, such as {"synchronous_commit", "off"} or {"search_path", "live"}.
    std::vector<std::pair<std::string, std::string>> settings;
    /// Calls sent and not answered; later callers wait.
    std::size_t in_flight_max = 1024;
    /// Bytes of parameters sent and not answered; one larger call may go alone.
    std::size_t in_flight_bytes_max = std::size_t{64} << 20U;
    /// Calls that wait; the next one fails with postgres_unavailable.
    std::size_t waiting_max = 16'384;
    /// Prepared statements kept on the server.
    std::size_t prepared_max = 256;
    /// A server silent for so long with calls in flight counts as lost; zero means never. Must be
    /// longer than the longest statement (set statement_timeout below it).
    std::chrono::milliseconds response_limit{60'000};
};

/// All members must be called on the thread of the executor. Calls are sent at once, in order, and
/// answered in that order. Statements are prepared on first use, without a round trip of their own.
class connection : public std::enable_shared_from_this<connection> {
    struct private_tag {};

public:
    /// Connects and applies the settings. Errors: as `connect`.
    static task<std::shared_ptr<connection>> open(
        asio::any_io_executor executor, std::string url, connection_options options = {}
    );

    connection(
        private_tag,
        asio::any_io_executor executor,
        connection_handle handle,
        connection_options options
    );
    ~connection();
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    /// One statement in a transaction of its own. An error of it does not touch its neighbours.
    /// A statement whose plan no longer fits its tables (SQLSTATE 0A000, 42P01, 26000) is prepared
    /// anew and sent once more, after the calls that were sent meanwhile. The caller keeps the
    /// connection alive until the answer. Errors: postgres_error, postgres_unavailable.
    [[nodiscard]] task<result> query(statement what, params with = {});

    /// All statements in one transaction and one round trip: all are committed, or none and the
    /// first error is thrown. Gives one result for each call. Errors: as `query`.
    [[nodiscard]] task<std::vector<result>> atomically(std::vector<call> calls);

    /// Fails what is in flight and closes. Harmless when closed.
    void close();

    [[nodiscard]] bool is_open() const { return handle_ != nullptr; }

    /// Calls sent or waiting.
    [[nodiscard]] std::size_t load() const { return in_flight_.size() + waiting_.size(); }

    /// Returns when the connection is closed or lost.
    [[nodiscard]] task<void> wait_closed();

    /// Why it is closed; empty while it is open.
    [[nodiscard]] const std::string& close_reason() const { return close_reason_; }

private:
    using completion = std::move_only_function<void(std::exception_ptr, std::vector<result>)>;

    /// What one Sync ends: calls of a user, or upkeep of the prepared statements.
    struct request {
        enum class kind : std::uint8_t { query, batch, prepare, deallocate };

        kind what = kind::query;
        bool retried = false;
        boost::container::small_vector<call, 1> calls;
        boost::container::small_vector<std::shared_ptr<prepared_statement>, 1> prepared;
        std::vector<result> results;
        std::optional<postgres_error> error;
        completion complete;
        std::size_t bytes = 0;
    };

    struct on_readable;
    struct on_writable;

    template <class Answer>
    static completion resuming(auto handler);
    template <class Answer>
    task<Answer> start(request added);
    void submit(request added);
    void send(request next);
    bool send_call(const prepared_statement& prepared, const params& with);
    std::shared_ptr<prepared_statement> prepare(const call& needed);
    void send_deallocate(std::shared_ptr<prepared_statement> unused);
    void send_upkeep(request::kind what, std::shared_ptr<prepared_statement> subject);
    void sync(request sent);
    void flush();
    void await_readable();
    void await_writable();
    void receive();
    void drain();
    void take(pg_result* raw);
    void take_error(const pg_result* failed);
    void finish_front();
    void finish_upkeep(const request& done);
    bool retry(request& failed);
    void send_waiting();
    [[nodiscard]] bool has_room(std::size_t bytes) const;
    void watch();
    void check_progress();
    void lose(std::string reason, std::string sqlstate = {});
    void fail(request& lost, bool was_sent);
    void abandon();
    task<void> apply_settings();

    asio::any_io_executor executor_;
    connection_options options_;
    connection_handle handle_;
    asio::posix::stream_descriptor socket_;
    asio::steady_timer watchdog_;
    asio::steady_timer closed_;
    prepared_statements prepared_;
    std::deque<request> in_flight_;
    std::deque<request> waiting_;
    std::size_t in_flight_bytes_ = 0;
    std::chrono::steady_clock::time_point last_answer_;
    std::string close_reason_;
    std::string close_sqlstate_;
    bool writing_ = false;
    bool watching_ = false;
};

}  // namespace teamflow::infra::postgres
