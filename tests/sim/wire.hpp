#pragma once
// A connection between a follower and a node, as TCP is: whole and in order until it breaks, and
// full while nobody takes.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "infra/asio.hpp"
#include "tests/sim/world.hpp"

namespace teamflow::sim {

class wire : public std::enable_shared_from_this<wire> {
public:
    /// The node's end. Told on its executor, while it lives.
    class node_end {
    public:
        node_end() = default;
        node_end(const node_end&) = delete;
        node_end& operator=(const node_end&) = delete;
        virtual ~node_end() = default;

        virtual infra::asio::any_io_executor executor() = 0;

        /// The follower took something.
        virtual void taken() = 0;

        /// The follower is gone.
        virtual void lost() = 0;
    };

    /// The follower's end. Told nothing more once it has hung up or was told of the end.
    struct follower_end {
        std::function<void(const std::string& text)> hears;
        /// With a WebSocket's close code, 0 without; and the last word.
        std::function<void(std::uint16_t code, const std::string& reason)> ends;
    };

    /// `room`: how many messages it holds. `slowness`: percent of messages that the follower takes
    /// its time with.
    wire(world& around, std::size_t room, std::size_t slowness, follower_end follower);

    /// At most once; the follower may be gone by then.
    void attach(std::weak_ptr<node_end> node);

    [[nodiscard]] bool is_full() const { return under_way_ >= room_; }

    /// From the node.
    void send(std::string text);

    /// From the node: behind everything that was sent.
    void close(std::uint16_t code, std::string reason);

    /// From the follower; what is under way is lost, and the node hears of it some time later.
    void hang_up();

private:
    duration arrival();
    void tell(void (node_end::*what)());

    world& world_;
    std::size_t room_;
    std::size_t slowness_;
    follower_end follower_;
    std::weak_ptr<node_end> node_;
    std::size_t under_way_ = 0;
    instant arrives_{};
    bool is_over_ = false;
    bool is_lost_ = false;
};

}  // namespace teamflow::sim
