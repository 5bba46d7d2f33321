#pragma once
// A connection's bytes, plain or TLS: a bounded read buffer, and writes that must make progress.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "gateway/http/worker.hpp"

namespace teamflow::gateway {

using tcp_stream = asio::ip::tcp::socket;
using tls_stream = asio::ssl::stream<asio::ip::tcp::socket>;

enum class read_outcome : std::uint8_t {
    /// There are more unread bytes now.
    some,
    /// The peer has ended the connection, or it broke.
    closed,
    /// The deadline passed.
    expired,
};

/// Base of the sessions; its deadline is the connection's.
template <class Stream>
class byte_stream : public connection {
public:
    byte_stream(Stream stream, worker& owner)
        : stream_(std::move(stream)),
          worker_(owner),
          capacity_(owner.bounds().header_bytes + body_room),
          buffer_(std::make_unique_for_overwrite<char[]>(capacity_)) {}

    void expire() override {
        expired_ = true;
        clear_deadline();
        boost::system::error_code ignored;
        stream_.lowest_layer().cancel(ignored);
    }

protected:
    static constexpr bool is_tls = std::is_same_v<Stream, tls_stream>;
    static constexpr std::size_t stall_slice = 64 * 1024;
    static constexpr std::uint32_t linger_at_stop_ms = 100;

    ~byte_stream() = default;

    [[nodiscard]] std::string_view unread() const {
        return {buffer_.get() + begin_, end_ - begin_};
    }

    void consume(std::size_t count) { begin_ += count; }

    /// Consumes `count` bytes that views go on pointing to: they stay until unpin().
    void consume_pinned(std::size_t count) {
        begin_ += count;
        floor_ = begin_;
    }

    void unpin() { floor_ = 0; }

    /// Before the first `count` unread bytes are pinned: makes sure that others fit behind them.
    void make_room_behind(std::size_t count) {
        if (capacity_ - begin_ - count < body_room) {
            move_down();
        }
    }

    [[nodiscard]] bool has_expired() const { return expired_; }

    /// Everything is said; only the peer's end is awaited.
    [[nodiscard]] bool is_lingering() const { return is_lingering_; }

    /// After an expired deadline: the next operation is not to fail for it.
    void forget_expiry() { expired_ = false; }

    /// Reads more into the buffer, where what is unread moves down when there is no room. There
    /// must be room after that.
    task<read_outcome> fill() {
        if (begin_ == end_ || end_ == capacity_) {
            move_down();
        }
        const auto room = asio::buffer(buffer_.get() + end_, capacity_ - end_);
        const auto [failure, count] =
            co_await stream_.async_read_some(room, asio::as_tuple(asio::use_awaitable));
        if (expired_) {
            co_return read_outcome::expired;
        }
        end_ += count;
        co_return failure ? read_outcome::closed : read_outcome::some;
    }

    /// Appends at most `count` bytes to `text`, past the buffer, which must be empty.
    task<read_outcome> read_onto(std::string& text, std::size_t count) {
        const auto had = text.size();
        text.resize(had + count);
        const auto [failure, got] = co_await stream_.async_read_some(
            asio::buffer(text.data() + had, count), asio::as_tuple(asio::use_awaitable)
        );
        text.resize(had + got);
        if (expired_) {
            co_return read_outcome::expired;
        }
        co_return failure ? read_outcome::closed : read_outcome::some;
    }

    /// Writes both. False when the peer is gone or reads too slowly.
    task<bool> send(std::string_view first, std::string_view second = {}) {
        std::array<asio::const_buffer, 2> pending = {asio::buffer(first), asio::buffer(second)};
        std::size_t since_deadline = stall_slice;
        while (pending[0].size() + pending[1].size() > 0) {
            if (since_deadline >= stall_slice) {
                since_deadline = 0;
                set_deadline_in(worker_.bounds().write_stall_ms);
            }
            const auto [failure, count] =
                co_await stream_.async_write_some(pending, asio::as_tuple(asio::use_awaitable));
            if (failure || expired_) {
                co_return false;
            }
            since_deadline += count;
            advance(pending, count);
        }
        clear_deadline();
        co_return true;
    }

    /// Writes `text` at once if the kernel takes it whole without waiting; returns what it took.
    std::size_t send_now(std::string_view text) {
        if constexpr (is_tls) {
            return 0;
        } else {
            boost::system::error_code would_block;
            return stream_.write_some(asio::buffer(text), would_block);
        }
    }

    /// Ends the sending side and gives the peer time to read what was sent: closing with unread
    /// input would make the kernel reset the connection and the answer with it.
    task<void> close_gently() {
        forget_expiry();
        is_lingering_ = true;
        const auto limit = worker_.bounds().linger_ms;
        set_deadline_in(worker_.is_draining() ? std::min(limit, linger_at_stop_ms) : limit);
        boost::system::error_code ignored;
        if constexpr (is_tls) {
            co_await stream_.async_shutdown(asio::as_tuple(asio::use_awaitable));
        } else {
            stream_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
            auto outcome = read_outcome::some;
            while (outcome == read_outcome::some) {
                consume(unread().size());
                outcome = co_await fill();
            }
        }
        stream_.lowest_layer().close(ignored);
    }

    Stream stream_;
    worker& worker_;

private:
    /// What fits behind the longest head.
    static constexpr std::size_t body_room = 4 * 1024;

    void move_down() {
        std::copy(buffer_.get() + begin_, buffer_.get() + end_, buffer_.get() + floor_);
        end_ -= begin_ - floor_;
        begin_ = floor_;
    }

    static void advance(std::array<asio::const_buffer, 2>& pending, std::size_t count) {
        for (auto& buffer : pending) {
            const auto taken = std::min(count, buffer.size());
            buffer += taken;
            count -= taken;
        }
    }

    std::size_t capacity_;
    std::unique_ptr<char[]> buffer_;
    // Below the floor are bytes that are consumed and still pointed to.
    std::size_t floor_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool expired_ = false;
    bool is_lingering_ = false;
};

}  // namespace teamflow::gateway
