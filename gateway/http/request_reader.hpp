#pragma once
// Reads one request after the other off a connection, within its limits and deadlines.

#include <algorithm>
#include <expected>
#include <string>
#include <utility>

#include "gateway/http/byte_stream.hpp"
#include "gateway/http/chunked.hpp"
#include "gateway/http/handler.hpp"

namespace teamflow::gateway {

/// The peer is gone, or was idle for too long: there is nobody to answer.
inline constexpr framing_error peer_gone{0, {}, {}};

inline constexpr framing_error too_slow{
    408, "request_timeout", "the request did not arrive within its time"
};

/// Base of the HTTP session: the reading half.
template <class Stream>
class request_reader : public byte_stream<Stream> {
public:
    using base = byte_stream<Stream>;

    request_reader(Stream stream, worker& owner, std::string peer)
        : base(std::move(stream), owner), bounds_(owner.bounds()), peer_(std::move(peer)) {}

protected:
    using base::worker_;

    ~request_reader() = default;

    // The length of the next request's head, at the front of the unread bytes.
    task<std::expected<std::size_t, framing_error>> receive_head() {
        std::size_t scanned = 0;
        waits_for_request_ = this->unread().empty();
        if (!waits_for_request_) {
            begin_request();
        }
        while (true) {
            // An empty line before a request is to be tolerated (RFC 9112, 2.2).
            while (scanned == 0 && this->unread().starts_with("\r\n")) {
                this->consume(2);
            }
            if (!this->unread().empty() && this->unread() != "\r") {
                auto found = find_head_end(this->unread(), scanned, bounds_);
                if (!found || *found > 0) {
                    co_return found;
                }
            }
            const auto outcome = co_await this->fill();
            if (outcome == read_outcome::closed) {
                co_return std::unexpected(peer_gone);
            }
            if (outcome == read_outcome::expired) {
                co_return std::unexpected(waits_for_request_ ? peer_gone : too_slow);
            }
            if (waits_for_request_) {
                begin_request();
            }
        }
    }

    // Reads the head that stands at the front of the unread bytes. Its views are good until
    // clear_request.
    std::expected<void, framing_error> take_head(std::size_t length) {
        this->make_room_behind(length);
        auto parsed = parse_head(this->unread().substr(0, length), head_, bounds_);
        this->consume_pinned(length);
        bytes_in_ = length;
        this->set_deadline(started_ + std::chrono::milliseconds(bounds_.request_ms));
        return parsed;
    }

    void begin_request() {
        waits_for_request_ = false;
        started_ = connection::clock::now();
        this->set_deadline(started_ + std::chrono::milliseconds(bounds_.header_ms));
    }

    // False when the request id cannot be taken over.
    bool fill_request() {
        request_.verb = parse_method(head_.method);
        request_.target = head_.target;
        request_.path = head_.path;
        request_.query_text = head_.query;
        request_.host = head_.host;
        request_.fields = head_.fields;
        request_.path_parameters = {};
        request_.peer = peer_;
        request_.over_tls = base::is_tls;
        request_.traceparent = request_.header("traceparent").value_or(std::string_view());
        const auto id = request_.header("X-Request-ID");
        if (id && is_request_id(*id)) {
            request_.request_id = *id;
            return true;
        }
        request_.request_id = worker_.make_request_id();
        return !id;
    }

    task<std::expected<void, framing_error>> receive_body(const endpoint* target) {
        const std::size_t limit = target != nullptr
                                      ? target->body_limit.value_or(bounds_.body_bytes)
                                      : bounds_.body_bytes;
        if (head_.content_length > limit) {
            co_return std::unexpected(
                framing_error{413, "body_too_large", "the request body is too large"}
            );
        }
        const auto* encoding = head_.find("Content-Encoding");
        if (encoding != nullptr && !equal_ignoring_case(encoding->value, "identity")) {
            co_return std::unexpected(framing_error{
                415, "unsupported_media_type", "compressed request bodies are not accepted"
            });
        }
        if (head_.expects_continue && this->unread().empty()) {
            const bool sent = co_await this->send("HTTP/1.1 100 Continue\r\n\r\n");
            if (!sent) {
                co_return std::unexpected(peer_gone);
            }
            this->set_deadline(started_ + std::chrono::milliseconds(bounds_.request_ms));
        }
        if (head_.chunked) {
            co_return co_await receive_chunks(limit);
        }
        co_return co_await receive_length(static_cast<std::size_t>(head_.content_length));
    }

    // Memory follows what has arrived, not what was announced.
    task<std::expected<void, framing_error>> receive_length(std::size_t length) {
        auto& body = request_.body;
        bytes_in_ += length;
        const auto at_hand = std::min(length, this->unread().size());
        body.append(this->unread().substr(0, at_hand));
        this->consume(at_hand);
        while (body.size() < length) {
            const auto step = std::min(length - body.size(), std::max(body.size(), body_step));
            const auto outcome = co_await this->read_onto(body, step);
            if (outcome != read_outcome::some) {
                co_return std::unexpected(outcome == read_outcome::expired ? too_slow : peer_gone);
            }
        }
        co_return std::expected<void, framing_error>();
    }

    task<std::expected<void, framing_error>> receive_chunks(std::size_t limit) {
        chunk_decoder decoder(limit, bounds_);
        while (true) {
            const auto taken = decoder.feed(this->unread(), request_.body);
            if (!taken) {
                co_return std::unexpected(taken.error());
            }
            this->consume(*taken);
            bytes_in_ += *taken;
            if (decoder.done()) {
                co_return std::expected<void, framing_error>();
            }
            const auto outcome = co_await this->fill();
            if (outcome != read_outcome::some) {
                co_return std::unexpected(outcome == read_outcome::expired ? too_slow : peer_gone);
            }
        }
    }

    // Forgets the last request but for its memory.
    void clear_request() {
        this->unpin();
        // An idle connection is not to hold the memory of its largest body.
        if (request_.body.capacity() > kept_body) {
            request_.body = {};
        }
        request_.body.clear();
        request_.request_id.clear();
        request_.verb = method::other;
        request_.target = {};
        request_.route = {};
        request_.fields = {};
        bytes_in_ = 0;
    }

    [[nodiscard]] bool waits_for_request() const { return waits_for_request_; }

    const limits& bounds_;
    std::string peer_;
    request_head head_;
    request request_;
    connection::clock::time_point started_;
    std::uint64_t bytes_in_ = 0;

private:
    static constexpr std::size_t body_step = 16 * 1024;
    static constexpr std::size_t kept_body = 64 * 1024;

    static bool is_request_id(std::string_view text) {
        return !text.empty() && text.size() <= 128 &&
               std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
    }

    bool waits_for_request_ = true;
};

}  // namespace teamflow::gateway
