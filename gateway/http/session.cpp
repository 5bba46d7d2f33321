#include "gateway/http/session.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <exception>
#include <utility>
#include <variant>

#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include "gateway/http/answer_head.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/http/request_log.hpp"
#include "gateway/http/request_reader.hpp"
#include "gateway/http/websocket_session.hpp"

namespace teamflow::gateway {

namespace {

/// Bodies up to this size go into the same buffer as the head: one write of one piece.
constexpr std::size_t joined_body = 16 * 1024;

template <class Stream>
class session final : public request_reader<Stream>,
                      private body_writer,
                      public std::enable_shared_from_this<session<Stream>> {
public:
    using base = request_reader<Stream>;

    session(Stream stream, worker& owner, const http_service& service, std::string peer)
        : base(std::move(stream), owner, std::move(peer)), service_(service) {
        owner.add(*this);
        if (auto* watch = service_.watch()) {
            watch->connection_opened();
        }
    }

    ~session() {
        if (auto* watch = service_.watch()) {
            watch->connection_closed();
        }
    }

    session(const session&) = delete;
    session& operator=(const session&) = delete;

    void drain() override {
        if (this->waits_for_request() || this->is_lingering()) {
            base::expire();
        }
        tell_closed();
    }

    void cut() override {
        boost::system::error_code ignored;
        stream_.lowest_layer().close(ignored);
        cancellation_.emit(asio::cancellation_type::terminal);
    }

    void expire() override {
        if (is_answering_) {
            answer_late();
        } else {
            base::expire();
        }
    }

    asio::cancellation_slot cancellation_slot() { return cancellation_.slot(); }

    /// The whole life of the connection.
    task<void> run() {
        this->set_deadline_in(bounds_.header_ms);
        if constexpr (base::is_tls) {
            const auto [failure] = co_await stream_.async_handshake(
                asio::ssl::stream_base::server, asio::as_tuple(asio::use_awaitable)
            );
            if (failure) {
                co_return;
            }
        } else {
            stream_.non_blocking(true);
        }
        bool again = true;
        while (again && !worker_.is_draining()) {
            again = co_await serve_one();
            if (again) {
                this->set_deadline_in(bounds_.keep_alive_idle_ms);
            }
        }
        // A peer that ended TLS waits for our end of it, even if it is not to be answered.
        if (!is_handed_on_ && (!is_over_ || base::is_tls)) {
            co_await this->close_gently();
        }
    }

private:
    using base::bounds_;
    using base::head_;
    using base::request_;
    using base::stream_;
    using base::worker_;

    // One request and its answer; true when the connection may carry another.
    task<bool> serve_one() {
        this->clear_request();
        out_.clear();
        bytes_out_ = 0;
        const auto length = co_await this->receive_head();
        if (!length) {
            co_return co_await refuse(length.error());
        }
        const auto parsed = this->take_head(*length);
        if (!parsed) {
            co_return co_await refuse(parsed.error());
        }
        keep_alive_ = head_.keep_alive;
        if (!this->fill_request()) {
            constexpr framing_error bad_id{
                400, "bad_header", "X-Request-ID is not 1 to 128 visible ASCII characters"
            };
            co_return co_await refuse(bad_id);
        }
        auto where = service_.route(request_, match_, parameters_);
        if (where.target == nullptr && head_.expects_continue) {
            // The body was not asked for, so whether it comes is not known.
            keep_alive_ = false;
        } else if (head_.has_body()) {
            const auto received = co_await this->receive_body(where.target);
            if (!received) {
                co_return co_await refuse(received.error());
            }
        }
        this->clear_deadline();
        if (where.target == nullptr) {
            co_return co_await reply(std::move(where.answer));
        }
        is_answering_ = true;
        this->set_deadline_in(where.target->answer_limit.value_or(bounds_.answer_ms));
        auto answer = co_await service_.answer(*where.target, request_);
        if (is_handed_on_) {
            co_return false;
        }
        is_answering_ = false;
        this->clear_deadline();
        co_return co_await reply(std::move(answer));
    }

    // The handler takes too long, whatever it waits for. It is not cancelled: a command that is in
    // the log by now cannot be called back, so its end is awaited without anybody to tell.
    void answer_late() {
        is_answering_ = false;
        is_handed_on_ = true;
        keep_alive_ = false;
        const bool is_read = request_.verb == method::get || request_.verb == method::head;
        std::string_view code = "unavailable";
        std::string detail = "there was no answer in time";
        if (!is_read) {
            code = "outcome_unknown";
            detail += "; what was asked may still happen: send it again with its Idempotency-Key";
        }
        auto answer = problem_response(code, std::move(detail), request_.request_id);
        auto farewell = say_last(this->shared_from_this(), std::move(answer));
        asio::co_spawn(worker_.context(), std::move(farewell), asio::detached);
    }

    static task<void> say_last(std::shared_ptr<session> self, response answer) {
        co_await self->reply(std::move(answer));
        co_await self->close_gently();
    }

    // Answers what was not understood and ends the connection: where the next request would begin
    // is not known.
    task<bool> refuse(framing_error why) {
        if (why.status == 0) {
            is_over_ = true;
            co_return false;
        }
        this->forget_expiry();
        keep_alive_ = false;
        if (request_.request_id.empty()) {
            request_.request_id = worker_.make_request_id();
            request_.over_tls = base::is_tls;
        }
        auto answer = problem_response(why.code, std::string(why.detail), request_.request_id);
        co_return co_await reply(std::move(answer));
    }

    task<bool> reply(response answer) {
        if (auto* producer = std::get_if<body_producer>(&answer.body)) {
            co_return co_await reply_streamed(answer, *producer);
        }
        if (auto* accepted = std::get_if<websocket_acceptance>(&answer.body)) {
            co_return co_await upgrade(answer, std::move(*accepted));
        }
        const auto* shared = std::get_if<shared_text>(&answer.body);
        const std::string_view body =
            shared != nullptr ? **shared : std::get<std::string>(answer.body);
        keep_alive_ = keep_alive_ && !worker_.is_draining();
        append_head(answer, body.size());
        const bool is_silent = request_.verb == method::head || has_no_body(answer.status);
        std::string_view apart;
        if (!is_silent && body.size() <= joined_body) {
            out_ += body;
        } else if (!is_silent) {
            apart = body;
        }
        bytes_out_ = out_.size() + apart.size();
        const auto taken = this->send_now(out_);
        if (taken < out_.size() || !apart.empty()) {
            const auto rest = std::string_view(out_).substr(taken);
            const bool sent = co_await this->send(rest, apart);
            is_over_ = !sent;
        }
        finish(answer.status);
        co_return keep_alive_ && !is_over_;
    }

    task<bool> reply_streamed(response& answer, body_producer& produce) {
        keep_alive_ = keep_alive_ && !head_.http_1_0 && !worker_.is_draining();
        append_head(answer, std::nullopt);
        if (request_.verb != method::head) {
            const auto failure = co_await run_producer(produce);
            on_close({});
            if (failure && !is_over_) {
                auto refusal = service_.answer_to(failure, request_);
                if (bytes_out_ == 0) {
                    out_.clear();
                    co_return co_await reply(std::move(refusal));
                }
                is_over_ = true;
            }
            out_ += head_.http_1_0 ? "" : "0\r\n\r\n";
        }
        if (!is_over_) {
            bytes_out_ += out_.size();
            const bool sent = co_await this->send(out_);
            is_over_ = !sent;
        }
        finish(answer.status);
        co_return keep_alive_ && !is_over_;
    }

    task<std::exception_ptr> run_producer(body_producer& produce) {
        try {
            co_await produce(*this);
            co_return nullptr;
        } catch (...) {
            co_return std::current_exception();
        }
    }

    // body_writer: the head goes out with the first chunk.
    task<void> write(std::string chunk) override {
        if (chunk.empty()) {
            co_return;
        }
        if (!head_.http_1_0) {
            std::array<char, 16> digits{};
            const auto* end =
                std::to_chars(digits.data(), digits.data() + digits.size(), chunk.size(), 16).ptr;
            out_.append(std::string_view(digits.data(), end)).append("\r\n");
            chunk += "\r\n";
        }
        bytes_out_ += out_.size() + chunk.size();
        const bool sent = co_await this->send(out_, chunk);
        out_.clear();
        if (!sent) {
            is_over_ = true;
            throw boost::system::system_error(asio::error::broken_pipe);
        }
    }

    void on_close(std::function<void()> notify) override {
        notify_closed_ = std::move(notify);
        if (!notify_closed_) {
            boost::system::error_code ignored;
            stream_.lowest_layer().cancel(ignored);
        } else if (worker_.is_draining() || is_hung_up_) {
            tell_closed();
        } else {
            watch_peer();
        }
    }

    // While an answer is streamed nobody reads, so that a peer which goes away would be noticed
    // by the next write only.
    void watch_peer() {
        auto& socket = stream_.lowest_layer();
        socket.async_wait(
            asio::socket_base::wait_read,
            [self = this->shared_from_this()](const boost::system::error_code& cancelled) {
                if (!cancelled && self->has_peer_hung_up()) {
                    self->is_hung_up_ = true;
                    self->tell_closed();
                }
            }
        );
    }

    bool has_peer_hung_up() {
        char next = 0;
        const auto socket = stream_.lowest_layer().native_handle();
        const auto count = ::recv(socket, &next, 1, MSG_PEEK | MSG_DONTWAIT);
        return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR);
    }

    void tell_closed() {
        if (const auto notify = std::exchange(notify_closed_, nullptr)) {
            notify();
        }
    }

    task<bool> upgrade(response& answer, websocket_acceptance accepted) {
        is_over_ = true;
        is_handed_on_ = true;
        std::string fields;
        append_answer_fields(fields, request_, answer, service_);
        finish(101);
        this->unlink();
        co_await run_websocket(
            std::move(stream_), worker_, service_, request_, std::move(fields), std::move(accepted)
        );
        co_return false;
    }

    void append_head(const response& answer, std::optional<std::uint64_t> length) {
        const answer_framing framing{length, keep_alive_, head_.http_1_0};
        append_answer_head(out_, request_, answer, framing, service_, worker_.date_line());
    }

    void finish(unsigned status) {
        auto* watch = service_.watch();
        if (request_.target.empty()) {
            if (watch != nullptr) {
                watch->request_refused(status);
            }
            return;
        }
        const finished_request what{
            .route = request_.route,
            .verb = request_.verb,
            .status = status,
            .elapsed = connection::clock::now() - this->started_,
            .bytes_in = this->bytes_in_,
            .bytes_out = bytes_out_,
            .request_id = request_.request_id,
            .traceparent = request_.traceparent,
            .path = request_.path,
            .peer = request_.peer
        };
        if (watch != nullptr) {
            watch->request_finished(what);
        }
        if (service_.logs_requests()) {
            log_finished(what);
        }
    }

    const http_service& service_;
    path_match match_;
    std::vector<path_parameter> parameters_;
    std::string out_;
    std::uint64_t bytes_out_ = 0;
    bool keep_alive_ = true;
    // Nothing more can be said to the peer.
    bool is_over_ = false;
    // A handler is at work, within its time.
    bool is_answering_ = false;
    // Another coroutine sees to the connection's end: its WebSocket's, or that of a late answer.
    bool is_handed_on_ = false;
    bool is_hung_up_ = false;
    std::function<void()> notify_closed_;
    asio::cancellation_signal cancellation_;
};

void log_unexpected(const std::exception_ptr& failure) {
    try {
        if (failure) {
            std::rethrow_exception(failure);
        }
    } catch (const boost::system::system_error& error) {
        if (error.code() != asio::error::operation_aborted) {
            spdlog::error("a connection failed: {}", error.what());
        }
    } catch (const std::exception& error) {
        spdlog::error("a connection failed: {}", error.what());
    }
}

/// Holds the session for as long as its coroutine runs.
template <class Stream>
task<void> run_session(std::shared_ptr<session<Stream>> connection) {
    co_await connection->run();
}

template <class Stream>
void spawn_session(
    Stream stream,
    worker& owner,
    const http_service& service,
    std::string peer,
    std::function<void()> on_end
) {
    auto opened =
        std::make_shared<session<Stream>>(std::move(stream), owner, service, std::move(peer));
    const auto slot = opened->cancellation_slot();
    auto life = run_session(opened);
    asio::co_spawn(
        owner.context(),
        std::move(life),
        asio::bind_cancellation_slot(
            slot,
            [opened, on_end = std::move(on_end)](const std::exception_ptr& failure) mutable {
                opened.reset();
                on_end();
                log_unexpected(failure);
            }
        )
    );
}

}  // namespace

void serve(
    asio::ip::tcp::socket socket,
    worker& owner,
    const http_service& service,
    asio::ssl::context* tls,
    std::function<void()> on_end
) {
    boost::system::error_code failure;
    const auto peer = socket.remote_endpoint(failure);
    if (failure) {
        on_end();
        return;
    }
    socket.set_option(asio::ip::tcp::no_delay(true), failure);
    auto address = peer.address().to_string();
    if (tls != nullptr) {
        tls_stream stream(std::move(socket), *tls);
        spawn_session(std::move(stream), owner, service, std::move(address), std::move(on_end));
    } else {
        spawn_session(std::move(socket), owner, service, std::move(address), std::move(on_end));
    }
}

}  // namespace teamflow::gateway
