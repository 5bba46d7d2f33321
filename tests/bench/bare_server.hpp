#pragma once
// The least a Beast server can do: what any HTTP figure is compared with.

#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "infra/asio.hpp"

namespace teamflow::bench {

/// Accepts for ever, each connection on the next of the contexts, and answers every request with
/// 200 and `body`. Both arguments outlive the contexts' runs.
infra::task<void> serve_bare(
    boost::asio::ip::tcp::acceptor& acceptor,
    std::vector<boost::asio::io_context*> contexts,
    const std::string& body
);

}  // namespace teamflow::bench
