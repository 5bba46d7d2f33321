#pragma once
// A small HTTP client for requests between the processes of one instance: kept-alive connections,
// a bound on everything, no waiting that blocks a thread.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/ssl/context.hpp>

#include "infra/asio.hpp"

namespace teamflow::gateway {

using infra::task;

/// POST with a JSON body.
struct peer_request {
    std::string target;
    std::string body;
    std::vector<std::pair<std::string_view, std::string>> fields = {};
};

struct peer_answer {
    unsigned status = 0;
    std::string body;
};

/// No answer came. `was_sent` is false when the other process cannot have read the whole request.
struct peer_failure {
    bool was_sent = false;
    std::string why;
};

/// Of one I/O thread, like all its connections; ends there, or when the thread has ended.
class peer_client {
public:
    struct limits {
        /// To one address; further requests wait for one of them.
        std::size_t connections = 64;
        /// Requests that wait so; one more fails.
        std::size_t waiting = 4096;
        std::size_t answer_bytes = std::size_t{64} << 20U;
        std::chrono::milliseconds connect{1000};
        /// An unused connection is closed before the other side would (limits::keep_alive_idle_ms).
        std::chrono::milliseconds idle{30'000};
        /// How long an answer may still take once `is_worthwhile` says no.
        std::chrono::milliseconds last_wait{500};
        /// How often deadlines are looked at.
        std::chrono::milliseconds sweep{50};
    };

    struct patience {
        std::chrono::steady_clock::time_point until;
        /// Asked at every sweep; may be empty.
        std::function<bool()> is_worthwhile;
    };

    /// `tls` (peer_tls.hpp) is for addresses with https.
    peer_client(
        boost::asio::any_io_executor executor,
        std::shared_ptr<boost::asio::ssl::context> tls,
        limits how
    );

    /// What is under way fails.
    ~peer_client();
    peer_client(const peer_client&) = delete;
    peer_client& operator=(const peer_client&) = delete;

    /// `address` is `http://HOST:PORT` or `https://HOST:PORT`.
    task<std::expected<peer_answer, peer_failure>> post(
        std::string address, peer_request what, patience how
    );

private:
    struct shared;

    std::shared_ptr<shared> shared_;
};

}  // namespace teamflow::gateway
