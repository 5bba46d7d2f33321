#include "gateway/http/websocket_session.hpp"

#include <deque>
#include <exception>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "gateway/http/percent.hpp"
#include "gateway/http/trace_context.hpp"
#include "infra/log_line.hpp"

namespace teamflow::gateway {

namespace {

namespace beast = boost::beast;
namespace ws = boost::beast::websocket;

/// A close frame holds 125 bytes, two of them the code.
constexpr std::size_t max_reason = 123;

/// Something one coroutine waits for; a signal without waiter is lost, so look first.
class signal {
public:
    explicit signal(asio::io_context& context)
        : timer_(context, asio::steady_timer::time_point::max()) {}

    void notify() { timer_.cancel(); }

    task<void> wait() { co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable)); }

private:
    asio::steady_timer timer_;
};

beast::http::request<beast::http::empty_body> to_beast(const request& from) {
    beast::http::request<beast::http::empty_body> converted;
    converted.method(beast::http::verb::get);
    converted.version(11);
    converted.target(from.target);
    for (const auto& field : from.fields) {
        converted.insert(field.name, field.value);
    }
    return converted;
}

void add_lines(ws::response_type& answer, std::string_view lines) {
    while (!lines.empty()) {
        const auto line = lines.substr(0, lines.find("\r\n"));
        lines.remove_prefix(line.size() + 2);
        const auto colon = line.find(": ");
        answer.set(line.substr(0, colon), line.substr(colon + 2));
    }
}

/// At most max_reason bytes, cut between two characters.
std::string_view fitting_reason(std::string_view reason) {
    reason = reason.substr(0, max_reason);
    while (!is_utf8(reason)) {
        reason.remove_suffix(1);
    }
    return reason;
}

template <class Stream>
class websocket_session final : public websocket, public connection {
public:
    websocket_session(
        Stream stream, worker& owner, const request& from, websocket_acceptance accepted
    )
        : stream_(std::move(stream)),
          request_id_(from.request_id),
          trace_id_(trace_id_of(from.traceparent)),
          worker_(owner),
          bounds_(owner.bounds()),
          accepted_(std::move(accepted)),
          to_write_(owner.context()),
          room_(owner.context()),
          closed_(owner.context()),
          children_ended_(owner.context()) {
        owner.add(*this);
    }

    ~websocket_session() override = default;

    asio::any_io_executor executor() override { return worker_.context().get_executor(); }

    bool offer(std::shared_ptr<const std::string> message) override {
        if (!is_open_ || queue_.size() >= bounds_.websocket_queue_messages ||
            queued_bytes_ + message->size() > bounds_.websocket_queue_bytes) {
            return false;
        }
        queued_bytes_ += message->size();
        queue_.push_back(std::move(message));
        to_write_.notify();
        return true;
    }

    [[nodiscard]] std::size_t waiting() const override {
        return queue_.size() - (is_writing_ ? 1 : 0);
    }

    task<bool> has_room() override {
        while (is_open_ && !is_half_empty()) {
            co_await room_.wait();
        }
        co_return is_open_;
    }

    void close(std::uint16_t code, std::string_view reason) override {
        if (!is_open_) {
            return;
        }
        close_with_.emplace(code);
        const auto fitting = fitting_reason(reason);
        close_with_->reason.assign(fitting.data(), fitting.size());
        begin_closing();
    }

    [[nodiscard]] bool is_open() const override { return is_open_; }

    task<void> until_closed() override {
        while (is_open_) {
            co_await closed_.wait();
        }
    }

    /// Called at each deadline: the next look at the peer, or the end of the patience with it.
    void expire() override {
        const auto now = clock::now();
        const auto write_limit = std::chrono::milliseconds(bounds_.write_stall_ms);
        const auto idle_limit = std::chrono::milliseconds(bounds_.websocket_idle_ms);
        const bool is_stalled = is_writing_ && now - write_began_ > write_limit;
        if (!is_open_ || is_stalled || now - last_seen_ > idle_limit) {
            clear_deadline();
            abandon();
            return;
        }
        set_deadline_in(bounds_.websocket_ping_ms);
        if (!is_pinging_) {
            is_pinging_ = true;
            stream_.async_ping({}, [self = shared()](const boost::system::error_code&) {
                self->is_pinging_ = false;
            });
        }
    }

    void drain() override { websocket::close(close_code::going_away, "the server stops"); }

    void cut() override {
        abandon();
        feed_cancellation_.emit(asio::cancellation_type::terminal);
    }

    task<bool> accept(const request& from, std::string fields) {
        const auto handshake = to_beast(from);
        stream_.read_message_max(bounds_.websocket_message_bytes);
        stream_.auto_fragment(false);
        stream_.text(true);
        stream_.set_option(ws::stream_base::decorator([&fields](ws::response_type& answer) {
            // Beast would tell its own name and version.
            answer.set(beast::http::field::server, "teamflow");
            add_lines(answer, fields);
        }));
        stream_.control_callback([this](ws::frame_type kind, beast::string_view) {
            last_seen_ = clock::now();
            if (kind == ws::frame_type::close) {
                begin_closing();
            }
        });
        set_deadline_in(bounds_.websocket_close_ms);
        const auto [failure] =
            co_await stream_.async_accept(handshake, asio::as_tuple(asio::use_awaitable));
        co_return !failure;
    }

    /// From the handshake to the end. Reads here; feed and writer run beside.
    task<void> run() {
        last_seen_ = clock::now();
        set_deadline_in(bounds_.websocket_ping_ms);
        spawn_child(write_queued(shared()), write_cancellation_);
        if (accepted_.run) {
            spawn_child(run_feed(shared()), feed_cancellation_);
        }
        co_await read_all();
        begin_closing();
        while (children_ > 0) {
            co_await children_ended_.wait();
        }
    }

private:
    std::shared_ptr<websocket_session> shared() {
        return std::static_pointer_cast<websocket_session>(shared_from_this());
    }

    [[nodiscard]] bool is_half_empty() const {
        return queue_.size() <= bounds_.websocket_queue_messages / 2 &&
               queued_bytes_ <= bounds_.websocket_queue_bytes / 2;
    }

    void begin_closing() {
        if (!std::exchange(is_open_, false)) {
            return;
        }
        // The close frame goes behind the message that is under way, however slow its reader is.
        set_deadline_in(is_writing_ ? bounds_.write_stall_ms : bounds_.websocket_close_ms);
        to_write_.notify();
        room_.notify();
        closed_.notify();
    }

    void abandon() {
        is_open_ = false;
        boost::system::error_code ignored;
        beast::get_lowest_layer(stream_).close(ignored);
        to_write_.notify();
        room_.notify();
        closed_.notify();
    }

    void spawn_child(task<void> child, asio::cancellation_signal& cancellation) {
        ++children_;
        asio::co_spawn(
            worker_.context(),
            std::move(child),
            asio::bind_cancellation_slot(
                cancellation.slot(),
                [self = shared()](const std::exception_ptr&) {
                    --self->children_;
                    self->children_ended_.notify();
                }
            )
        );
    }

    task<void> read_all() {
        beast::flat_buffer buffer;
        while (true) {
            const auto [failure, size] =
                co_await stream_.async_read(buffer, asio::as_tuple(asio::use_awaitable));
            if (failure) {
                co_return;
            }
            last_seen_ = clock::now();
            if (!stream_.got_text()) {
                close(static_cast<std::uint16_t>(ws::close_code::unknown_data), "text only");
            } else if (accepted_.on_text && is_open_) {
                const auto data = buffer.cdata();
                std::string text(static_cast<const char*>(data.data()), data.size());
                co_await take_text(std::move(text));
            }
            buffer.consume(size);
        }
    }

    void log_failure(std::string_view what, const std::exception& cause) const {
        infra::log_line(
            spdlog::level::err,
            what,
            {{"request_id", request_id_}, {"trace_id", trace_id_}, {"cause", cause.what()}}
        );
    }

    task<void> take_text(std::string text) {
        try {
            co_await accepted_.on_text(shared(), std::move(text));
        } catch (const std::exception& failure) {
            log_failure("a message on a WebSocket failed", failure);
            websocket::close(close_code::internal_error, "internal error");
        }
    }

    static task<void> run_feed(std::shared_ptr<websocket_session> self) {
        try {
            co_await self->accepted_.run(self);
            self->websocket::close(close_code::normal, {});
        } catch (const std::exception& failure) {
            if (self->is_open_) {
                self->log_failure("a feed on a WebSocket failed", failure);
            }
            self->websocket::close(close_code::internal_error, "internal error");
        }
    }

    /// The one writer: what is queued, in order, then the close frame.
    static task<void> write_queued(std::shared_ptr<websocket_session> self) {
        while (self->is_open_) {
            if (self->queue_.empty()) {
                co_await self->to_write_.wait();
                continue;
            }
            const auto message = self->queue_.front();
            self->is_writing_ = true;
            self->write_began_ = clock::now();
            const auto [failure, size] = co_await self->stream_.async_write(
                asio::buffer(*message), asio::as_tuple(asio::use_awaitable)
            );
            self->is_writing_ = false;
            if (failure) {
                self->abandon();
                co_return;
            }
            self->queue_.pop_front();
            self->queued_bytes_ -= message->size();
            if (self->is_half_empty()) {
                self->room_.notify();
            }
        }
        const auto last_word = self->close_with_;
        if (last_word) {
            self->set_deadline_in(self->bounds_.websocket_close_ms);
            co_await self->stream_.async_close(*last_word, asio::as_tuple(asio::use_awaitable));
            self->abandon();
        }
    }

    ws::stream<Stream, false> stream_;
    std::string request_id_;
    std::string trace_id_;
    worker& worker_;
    const limits& bounds_;
    websocket_acceptance accepted_;
    std::deque<std::shared_ptr<const std::string>> queue_;
    std::size_t queued_bytes_ = 0;
    std::optional<ws::close_reason> close_with_;
    clock::time_point last_seen_;
    clock::time_point write_began_;
    bool is_open_ = true;
    bool is_writing_ = false;
    bool is_pinging_ = false;
    unsigned children_ = 0;
    signal to_write_;
    signal room_;
    signal closed_;
    signal children_ended_;
    asio::cancellation_signal feed_cancellation_;
    asio::cancellation_signal write_cancellation_;
};

/// Tells the observer, whatever way the session ends.
class open_websocket {
public:
    explicit open_websocket(observer* watch) : watch_(watch) {
        if (watch_ != nullptr) {
            watch_->websocket_opened();
        }
    }

    ~open_websocket() {
        if (watch_ != nullptr) {
            watch_->websocket_closed();
        }
    }

    open_websocket(const open_websocket&) = delete;
    open_websocket& operator=(const open_websocket&) = delete;

private:
    observer* watch_;
};

template <class Stream>
task<void> accept_and_run(
    Stream stream,
    worker& owner,
    observer* watch,
    const request& from,
    std::string fields,
    websocket_acceptance accepted
) {
    auto session = std::make_shared<websocket_session<Stream>>(
        std::move(stream), owner, from, std::move(accepted)
    );
    const bool is_accepted = co_await session->accept(from, std::move(fields));
    if (is_accepted) {
        const open_websocket counted(watch);
        co_await session->run();
    }
}

}  // namespace

task<void> run_websocket(
    tcp_stream stream,
    worker& owner,
    const http_service& service,
    const request& from,
    std::string fields,
    websocket_acceptance accepted
) {
    return accept_and_run(
        std::move(stream), owner, service.watch(), from, std::move(fields), std::move(accepted)
    );
}

task<void> run_websocket(
    tls_stream stream,
    worker& owner,
    const http_service& service,
    const request& from,
    std::string fields,
    websocket_acceptance accepted
) {
    return accept_and_run(
        std::move(stream), owner, service.watch(), from, std::move(fields), std::move(accepted)
    );
}

}  // namespace teamflow::gateway
