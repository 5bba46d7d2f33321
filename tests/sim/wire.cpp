#include "tests/sim/wire.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>

namespace teamflow::sim {

namespace {

using namespace std::chrono_literals;

/// What is stuck for longer than any patience comes seldom.
constexpr std::size_t stuck_one_in = 20;

}  // namespace

wire::wire(world& around, std::size_t room, std::size_t slowness, follower_end follower)
    : world_(around), room_(room), slowness_(slowness), follower_(std::move(follower)) {}

/// Never before what was sent earlier.
duration wire::arrival() {
    auto delay = world_.packet_delay();
    if (world_.strikes(slowness_)) {
        delay += world_.random_duration(world_.chance.one_in(stuck_one_in) ? 10s : 200ms);
    }
    arrives_ = std::max(arrives_, world_.now()) + delay;
    return arrives_ - world_.now();
}

void wire::send(std::string text) {
    ++under_way_;
    world_.after(arrival(), [self = shared_from_this(), text = std::move(text)] {
        if (!self->is_over_) {
            --self->under_way_;
            self->tell(&node_end::taken);
            self->follower_.hears(text);
        }
    });
}

void wire::close(std::uint16_t code, std::string reason) {
    world_.after(arrival(), [self = shared_from_this(), code, reason = std::move(reason)] {
        if (!std::exchange(self->is_over_, true)) {
            self->follower_.ends(code, reason);
        }
    });
}

void wire::attach(std::weak_ptr<node_end> node) {
    node_ = std::move(node);
    if (is_lost_) {
        tell(&node_end::lost);
    }
}

void wire::hang_up() {
    if (std::exchange(is_over_, true)) {
        return;
    }
    world_.after(
        world_.random_duration(world_.is_calm() ? 100ms : 6s),
        [self = shared_from_this()] {
            self->is_lost_ = true;
            self->tell(&node_end::lost);
        }
    );
}

void wire::tell(void (node_end::*what)()) {
    if (const auto at = node_.lock()) {
        boost::asio::post(at->executor(), [node = node_, what] {
            if (const auto still = node.lock()) {
                ((*still).*what)();
            }
        });
    }
}

}  // namespace teamflow::sim
