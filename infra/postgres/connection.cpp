#include "infra/postgres/connection.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

namespace teamflow::infra::postgres {

/// Waits hold the connection weakly. One that is destroyed instead of called (its io_context ends)
/// lets go of the calls in flight, whose coroutines may be what keeps the connection alive.
struct connection::on_readable {
    explicit on_readable(std::weak_ptr<connection> owner) : owner_(std::move(owner)) {}

    on_readable(on_readable&&) noexcept = default;
    on_readable(const on_readable&) = delete;
    on_readable& operator=(const on_readable&) = delete;

    ~on_readable() {
        if (const auto owner = owner_.lock()) {
            owner->abandon();
        }
    }

    void operator()(boost::system::error_code error) {
        const auto owner = std::exchange(owner_, {}).lock();
        if (owner && owner->is_open() && !error) {
            owner->receive();
        }
    }

    std::weak_ptr<connection> owner_;
};

struct connection::on_writable {
    void operator()(boost::system::error_code error) const {
        const auto owner = owner_.lock();
        if (owner && owner->is_open() && !error) {
            owner->writing_ = false;
            owner->flush();
            owner->drain();
        }
    }

    std::weak_ptr<connection> owner_;
};

connection::connection(
    private_tag,
    asio::any_io_executor executor,
    connection_handle handle,
    connection_options options
)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      handle_(std::move(handle)),
      socket_(watch_socket(executor_, handle_.get())),
      watchdog_(executor_),
      closed_(executor_, asio::steady_timer::time_point::max()),
      prepared_(options_.prepared_max) {}

connection::~connection() {
    close();
}

task<std::shared_ptr<connection>> connection::open(
    asio::any_io_executor executor, std::string url, connection_options options
) {
    auto handle = co_await connect(executor, std::move(url), options.connect);
    if (PQenterPipelineMode(handle.get()) != 1) {
        throw postgres_unavailable(last_words(handle.get()));
    }
    auto opened = std::make_shared<connection>(
        private_tag{}, std::move(executor), std::move(handle), std::move(options)
    );
    opened->await_readable();
    co_await opened->apply_settings();
    co_return opened;
}

task<void> connection::apply_settings() {
    static constexpr statement set{"set_config", "select set_config($1, $2, false)"};
    auto settings = session_settings_of(options_.connect.asks);
    settings.insert(settings.end(), options_.settings.begin(), options_.settings.end());
    std::vector<call> calls;
    calls.reserve(settings.size());
    for (const auto& [name, value] : settings) {
        calls.push_back({set, params::of(name, value)});
    }
    co_await atomically(std::move(calls));
}

/// Resumes a caller by way of its executor, never from inside of this class.
template <class Answer>
connection::completion connection::resuming(auto handler) {
    auto executor = asio::get_associated_executor(handler);
    return [executor, handler = std::move(handler)](
               std::exception_ptr error, std::vector<result> results
           ) mutable {
        Answer answer;
        if constexpr (std::is_same_v<Answer, result>) {
            answer = results.empty() ? result() : std::move(results.front());
        } else {
            answer = std::move(results);
        }
        auto resume = [handler = std::move(handler),
                       error = std::move(error),
                       answer = std::move(answer)] mutable {
            handler(std::move(error), std::move(answer));
        };
        asio::post(executor, std::move(resume));
    };
}

template <class Answer>
task<Answer> connection::start(request added) {
    return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr, Answer)>(
        [this](auto handler, request sent) {
            sent.complete = resuming<Answer>(std::move(handler));
            submit(std::move(sent));
        },
        asio::use_awaitable,
        std::move(added)
    );
}

task<result> connection::query(statement what, params with) {
    request added;
    added.what = request::kind::query;
    added.bytes = with.bytes();
    added.calls.push_back({what, std::move(with)});
    return start<result>(std::move(added));
}

task<std::vector<result>> connection::atomically(std::vector<call> calls) {
    request added;
    added.what = request::kind::batch;
    added.calls.reserve(calls.size());
    for (call& each : calls) {
        added.bytes += each.with.bytes();
        added.calls.push_back(std::move(each));
    }
    return start<std::vector<result>>(std::move(added));
}

void connection::submit(request added) {
    if (!is_open()) {
        fail(added, false);
        return;
    }
    if (waiting_.empty() && has_room(added.bytes)) {
        send(std::move(added));
        return;
    }
    if (waiting_.size() < options_.waiting_max) {
        waiting_.push_back(std::move(added));
        return;
    }
    const postgres_unavailable full("too many calls wait for one connection");
    added.complete(std::make_exception_ptr(full), {});
}

bool connection::has_room(std::size_t bytes) const {
    return in_flight_.empty() || (in_flight_.size() < options_.in_flight_max &&
                                  in_flight_bytes_ + bytes <= options_.in_flight_bytes_max);
}

void connection::await_readable() {
    socket_.async_wait(asio::posix::stream_descriptor::wait_read, on_readable(weak_from_this()));
}

void connection::await_writable() {
    writing_ = true;
    socket_.async_wait(asio::posix::stream_descriptor::wait_write, on_writable{weak_from_this()});
}

void connection::watch() {
    if (watching_ || options_.response_limit.count() == 0) {
        return;
    }
    watching_ = true;
    watchdog_.expires_at(last_answer_ + options_.response_limit);
    watchdog_.async_wait([owner = weak_from_this()](boost::system::error_code aborted) {
        const auto self = owner.lock();
        if (self && self->is_open() && !aborted) {
            self->check_progress();
        }
    });
}

void connection::check_progress() {
    watching_ = false;
    if (in_flight_.empty()) {
        return;
    }
    if (std::chrono::steady_clock::now() - last_answer_ >= options_.response_limit) {
        lose(fmt::format("no answer within {} ms", options_.response_limit.count()));
        return;
    }
    watch();
}

task<void> connection::wait_closed() {
    const auto self = shared_from_this();
    boost::system::error_code ignored;
    if (is_open()) {
        co_await closed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

void connection::close() {
    lose("closed by this program");
}

void connection::lose(std::string reason, std::string sqlstate) {
    if (!is_open()) {
        return;
    }
    close_reason_ = std::move(reason);
    close_sqlstate_ = std::move(sqlstate);
    boost::system::error_code ignored;
    socket_.close(ignored);
    handle_.reset();
    watchdog_.cancel();
    closed_.cancel();
    auto sent = std::exchange(in_flight_, {});
    auto unsent = std::exchange(waiting_, {});
    in_flight_bytes_ = 0;
    for (request& each : sent) {
        fail(each, true);
    }
    for (request& each : unsent) {
        fail(each, false);
    }
}

void connection::fail(request& lost, bool was_sent) {
    if (!lost.complete) {
        return;
    }
    if (lost.error) {
        // The server had refused it before the connection went: no doubt about it.
        lost.complete(std::make_exception_ptr(*lost.error), {});
        return;
    }
    postgres_error::fields what;
    what.sqlstate = close_sqlstate_;
    what.message = "connection lost: " + close_reason_;
    what.connection_lost = true;
    what.outcome_unknown = was_sent;
    what.statement = lost.calls.empty() ? std::string() : std::string(lost.calls[0].what.name);
    lost.complete(std::make_exception_ptr(postgres_error(std::move(what))), {});
}

void connection::abandon() {
    const auto dropped_sent = std::exchange(in_flight_, {});
    const auto dropped_unsent = std::exchange(waiting_, {});
}

}  // namespace teamflow::infra::postgres
