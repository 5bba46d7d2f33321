#include "tests/sim/feed_sessions.hpp"

#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

namespace teamflow::sim {

namespace {

using namespace std::chrono_literals;

/// A follower that takes nothing for so long is cut off.
constexpr duration write_limit = 10s;
constexpr duration forever = 1h;

}  // namespace

feed_socket::feed_socket(
    boost::asio::any_io_executor executor, std::shared_ptr<wire> to, std::size_t most
)
    : executor_(std::move(executor)),
      to_(std::move(to)),
      most_(most),
      room_(std::make_shared<infra::wakeup>(executor_)),
      closed_(std::make_shared<infra::wakeup>(executor_)) {}

bool feed_socket::offer(std::shared_ptr<const std::string> message) {
    if (!is_open_ || queue_.size() >= most_) {
        return false;
    }
    queue_.push_back(std::move(message));
    boost::asio::post(executor_, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            static_cast<feed_socket&>(*self).pump();
        }
    });
    return true;
}

void feed_socket::pump() {
    while (is_open_ && !queue_.empty() && !to_->is_full()) {
        to_->send(*queue_.front());
        queue_.pop_front();
    }
    if (queue_.size() <= most_ / 2) {
        room_->signal();
    }
}

gateway::task<bool> feed_socket::has_room() {
    while (is_open_ && queue_.size() > most_ / 2) {
        co_await room_->wait(forever);
    }
    co_return is_open_;
}

void feed_socket::close(std::uint16_t code, std::string_view reason) {
    if (is_open_) {
        to_->close(code, std::string(reason));
        end();
    }
}

gateway::task<void> feed_socket::until_closed() {
    while (is_open_) {
        co_await closed_->wait(forever);
    }
}

void feed_socket::end() {
    is_open_ = false;
    room_->signal();
    closed_->signal();
}

feed_body::feed_body(boost::asio::any_io_executor executor, std::shared_ptr<wire> to)
    : executor_(std::move(executor)),
      to_(std::move(to)),
      room_(std::make_shared<infra::wakeup>(executor_)) {}

gateway::task<void> feed_body::write(std::string chunk) {
    const auto deadline = infra::steady_clock::now() + write_limit;
    while (!is_lost_ && to_->is_full()) {
        const auto left = deadline - infra::steady_clock::now();
        if (left <= duration::zero()) {
            throw boost::system::system_error(boost::asio::error::timed_out);
        }
        co_await room_->wait(left);
    }
    if (is_lost_) {
        throw boost::system::system_error(boost::asio::error::connection_reset);
    }
    to_->send(std::move(chunk));
}

void feed_body::on_close(std::function<void()> notify) {
    notify_ = std::move(notify);
    if (is_closing_) {
        drain();
    }
}

void feed_body::lost() {
    is_lost_ = true;
    room_->signal();
    drain();
}

void feed_body::drain() {
    is_closing_ = true;
    if (const auto notify = std::exchange(notify_, {})) {
        notify();
    }
}

}  // namespace teamflow::sim
