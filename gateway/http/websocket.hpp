#pragma once
// A WebSocket as the application sees it, and what the application answers to accept one.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "infra/asio.hpp"

namespace teamflow::gateway {

using infra::task;

/// Close codes (RFC 6455, 7.4.1); 4000 and above are the application's.
enum class close_code : std::uint16_t {
    normal = 1000,
    going_away = 1001,
    policy_violation = 1008,
    message_too_big = 1009,
    internal_error = 1011,
};

/// One open WebSocket. All calls on its connection's thread (`executor`); whoever is elsewhere
/// posts there, holding a shared or weak pointer.
class websocket : public std::enable_shared_from_this<websocket> {
public:
    websocket() = default;
    websocket(const websocket&) = delete;
    websocket& operator=(const websocket&) = delete;
    virtual ~websocket() = default;

    virtual infra::asio::any_io_executor executor() = 0;

    /// Queues one text message. False when the queue is full or the socket is closing; nothing is
    /// dropped from the queue, so the caller decides what a full queue means.
    virtual bool offer(std::shared_ptr<const std::string> message) = 0;

    /// Messages in the queue that are not on their way to the client yet.
    [[nodiscard]] virtual std::size_t waiting() const = 0;

    /// Waits until at most half of the queue's bounds is used. False when the socket is closing.
    /// One waiter at a time.
    virtual task<bool> has_room() = 0;

    /// Sends what is queued no further, then the close frame with `reason` (at most 123 bytes, the
    /// rest is cut); after the close limit the connection is torn down. Later calls do nothing.
    virtual void close(std::uint16_t code, std::string_view reason) = 0;

    void close(close_code code, std::string_view reason) {
        close(static_cast<std::uint16_t>(code), reason);
    }

    /// False from the first sign of closing on, whoever began it.
    [[nodiscard]] virtual bool is_open() const = 0;

    /// Returns when is_open() becomes false. One waiter at a time.
    virtual task<void> until_closed() = 0;
};

/// The body of an answer that accepts the upgrade: the handshake follows, then both run.
struct websocket_acceptance {
    /// The feed. When it returns the socket is closed with 1000; it must return once the socket
    /// is no longer open. An exception closes with 1011.
    std::function<task<void>(std::shared_ptr<websocket>)> run = nullptr;
    /// Called for each text message in turn; the next is read once it has returned, so a slow one
    /// slows the sender down. Empty: messages are read and ignored. Binary messages close (1003).
    std::function<task<void>(std::shared_ptr<websocket>, std::string)> on_text = nullptr;
};

}  // namespace teamflow::gateway
