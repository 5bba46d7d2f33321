#pragma once
// The live feeds of one node: the real hub, readers and senders, over simulated connections.

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/feeds/feed_parts.hpp"
#include "tests/sim/feed_sessions.hpp"

namespace teamflow::sim {

/// How a follower asks.
struct feed_order {
    events::organization_id organization;
    /// By server-sent events; else by WebSocket.
    bool as_stream = false;
    std::string topics;
    /// The position that it has; without one from the log's end.
    std::optional<events::offset> after;
    /// How long its token is good.
    std::chrono::milliseconds token_life{};
};

class feeding : public std::enable_shared_from_this<feeding> {
public:
    /// The references must outlive everything that is spawned here.
    feeding(
        world& around,
        infra::event_log& log,
        infra::stream_archive& archive,
        const infra::clock& clock,
        boost::asio::any_io_executor executor
    );

    /// Begins to follow the log.
    void start();

    /// A follower has connected.
    void serve(const feed_order& what, const std::shared_ptr<wire>& to);

    /// No new followers; those that are there are told to go.
    void drain();

    /// The process is dead: what was sent arrives, and nothing more is heard of it.
    void cut();

    /// Ends the following.
    void stop();

    /// Nobody follows here, and nothing is left of those who did. Empty; else what there is.
    [[nodiscard]] std::string leftovers() const;

    /// What ended with something that it should not have ended with.
    [[nodiscard]] const std::exception_ptr& failure() const { return failure_; }

private:
    using self_ptr = std::shared_ptr<feeding>;

    struct connection {
        std::weak_ptr<feed_session> session;
        std::shared_ptr<wire> to;
    };

    static infra::task<> begin(self_ptr self);
    static infra::task<> follow(self_ptr self, feed_order what, std::shared_ptr<wire> to);
    infra::task<> run_socket(gateway::feed_parts with, feed_order what, std::shared_ptr<wire> to);
    infra::task<> run_stream(gateway::feed_parts with, feed_order what, std::shared_ptr<wire> to);
    [[nodiscard]] gateway::principal principal_of(const feed_order& what) const;
    void end(wire& to, std::uint16_t code, const std::string& reason) const;
    void add(const std::shared_ptr<feed_session>& session, const std::shared_ptr<wire>& to);

    world& world_;
    infra::event_log& log_;
    infra::stream_archive& archive_;
    const infra::clock& clock_;
    boost::asio::any_io_executor executor_;
    gateway::access_changes changes_{std::chrono::seconds(900)};
    gateway::feed_inbox::bounds inbox_;
    std::size_t queue_ = 0;
    std::unique_ptr<gateway::live_feeds> feeds_;
    std::vector<connection> sessions_;
    std::size_t open_ = 0;
    bool is_draining_ = false;
    bool is_cut_ = false;
    bool is_stopped_ = false;
    std::exception_ptr failure_;
};

}  // namespace teamflow::sim
