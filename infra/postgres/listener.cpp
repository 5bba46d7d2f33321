#include "infra/postgres/listener.hpp"

#include <algorithm>
#include <utility>

#include <libpq-fe.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

#include "infra/postgres/result.hpp"
#include "infra/postgres/session.hpp"

namespace teamflow::infra::postgres {

struct listener::shared {
    shared(asio::any_io_executor on, std::string to)
        : executor(std::move(on)), url(std::move(to)), socket(executor), timer(executor) {}

    asio::any_io_executor executor;
    std::string url;
    std::vector<std::string> channels;
    listener_callbacks callbacks;
    listener_options options;
    connection_handle handle;
    asio::posix::stream_descriptor socket;
    asio::steady_timer timer;
    std::chrono::milliseconds wait{0};
    bool closed = false;
};

namespace {

struct notification_closer {
    void operator()(PGnotify* owned) const noexcept { PQfreemem(owned); }
};

[[noreturn]] void throw_lost(const pg_conn* handle) {
    throw postgres_unavailable(last_words(handle));
}

}  // namespace

listener::listener(
    asio::any_io_executor executor,
    std::string url,
    std::vector<std::string> channels,
    listener_callbacks callbacks,
    listener_options options
)
    : shared_(std::make_shared<shared>(std::move(executor), std::move(url))) {
    shared_->channels = std::move(channels);
    shared_->callbacks = std::move(callbacks);
    shared_->options = std::move(options);
    asio::co_spawn(shared_->executor, run(shared_), asio::detached);
}

listener::~listener() {
    close();
}

void listener::close() {
    shared_->closed = true;
    boost::system::error_code ignored;
    shared_->socket.close(ignored);
    shared_->timer.cancel();
}

task<void> listener::run(std::shared_ptr<shared> state) {
    state->wait = state->options.back_off_min;
    while (!state->closed) {
        try {
            state->handle = co_await connect(state->executor, state->url, state->options.connect);
            begin_listening(*state);
            co_await receive(state);
        } catch (const postgres_error&) {
            // A lost connection is what this loop is for: the next round says what it means.
            state->socket.close();
            state->handle.reset();
        }
        if (state->closed) {
            co_return;
        }
        boost::system::error_code ignored;
        state->timer.expires_after(state->wait);
        co_await state->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        state->wait = std::min(state->wait * 2, state->options.back_off_max);
    }
}

void listener::begin_listening(shared& state) {
    std::string script = script_of(state.options.connect.asks);
    for (const std::string& channel : state.channels) {
        script += "listen " + quoted_name(channel) + ";";
    }
    pg_conn* const handle = state.handle.get();
    state.socket = watch_socket(state.executor, handle);
    // A script this short fits the socket's buffer, so that no wait for writing is needed.
    if (PQsendQuery(handle, script.c_str()) != 1 || PQflush(handle) != 0) {
        throw_lost(handle);
    }
}

task<void> listener::receive(std::shared_ptr<shared> state) {
    pg_conn* const handle = state->handle.get();
    bool listening = false;
    while (!state->closed) {
        boost::system::error_code cancelled;
        co_await state->socket.async_wait(
            asio::posix::stream_descriptor::wait_read,
            asio::redirect_error(asio::use_awaitable, cancelled)
        );
        if (state->closed) {
            co_return;
        }
        if (PQconsumeInput(handle) != 1) {
            throw_lost(handle);
        }
        while (!listening && PQisBusy(handle) == 0) {
            const result answer(PQgetResult(handle));
            if (answer.raw() == nullptr) {
                listening = true;
                state->wait = state->options.back_off_min;
                state->callbacks.listening();
            } else if (PQresultStatus(answer.raw()) != PGRES_COMMAND_OK) {
                throw postgres_error(read_error(answer.raw()));
            }
        }
        while (!state->closed) {
            const std::unique_ptr<PGnotify, notification_closer> each(PQnotifies(handle));
            if (!each) {
                break;
            }
            state->callbacks.notified(each->relname, each->extra);
        }
    }
}

}  // namespace teamflow::infra::postgres
