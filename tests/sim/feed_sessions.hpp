#pragma once
// What stands in a simulated node where a connection's session stands: a WebSocket and the body of
// an answer, over a wire.

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/http/body_writer.hpp"
#include "gateway/http/websocket.hpp"
#include "infra/wakeup.hpp"
#include "tests/sim/wire.hpp"

namespace teamflow::sim {

/// A connection as the node ends it.
class feed_session : public wire::node_end {
public:
    /// The server stops.
    virtual void drain() = 0;
};

class feed_socket final : public gateway::websocket, public feed_session {
public:
    /// `most`: messages that wait here.
    feed_socket(boost::asio::any_io_executor executor, std::shared_ptr<wire> to, std::size_t most);

    boost::asio::any_io_executor executor() override { return executor_; }

    bool offer(std::shared_ptr<const std::string> message) override;

    [[nodiscard]] std::size_t waiting() const override { return queue_.size(); }

    gateway::task<bool> has_room() override;

    void close(std::uint16_t code, std::string_view reason) override;

    using websocket::close;

    [[nodiscard]] bool is_open() const override { return is_open_; }

    gateway::task<void> until_closed() override;

    void taken() override { pump(); }

    void lost() override { end(); }

    void drain() override { websocket::close(gateway::close_code::going_away, "the server stops"); }

private:
    void pump();
    void end();

    boost::asio::any_io_executor executor_;
    std::shared_ptr<wire> to_;
    std::size_t most_;
    std::deque<std::shared_ptr<const std::string>> queue_;
    std::shared_ptr<infra::wakeup> room_;
    std::shared_ptr<infra::wakeup> closed_;
    bool is_open_ = true;
};

class feed_body final : public gateway::body_writer, public feed_session {
public:
    feed_body(boost::asio::any_io_executor executor, std::shared_ptr<wire> to);

    boost::asio::any_io_executor executor() override { return executor_; }

    gateway::task<void> write(std::string chunk) override;

    void on_close(std::function<void()> notify) override;

    void taken() override { room_->signal(); }

    void lost() override;

    void drain() override;

private:
    boost::asio::any_io_executor executor_;
    std::shared_ptr<wire> to_;
    std::shared_ptr<infra::wakeup> room_;
    std::function<void()> notify_;
    bool is_closing_ = false;
    bool is_lost_ = false;
};

}  // namespace teamflow::sim
