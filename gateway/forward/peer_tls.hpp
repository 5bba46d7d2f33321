#pragma once
// How a process knows that it talks to another one of its own instance over TLS.

#include <memory>
#include <string>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

namespace teamflow::gateway {

/// What other processes' certificates are checked against: the authorities of the system, and all
/// certificates in `certificate` (a PEM file, the one that this process serves with; empty for
/// none). TLS 1.2 and 1.3 only. Throws boost::system::system_error when the file cannot be read.
std::shared_ptr<boost::asio::ssl::context> make_peer_tls(const std::string& certificate);

/// Checks the certificate of the next handshake: it must be made out to `host`, or be the very
/// certificate that this process serves with, which all may share. The server name goes along (RFC
/// 6066, 3).
void expect_peer(
    boost::asio::ssl::stream<boost::asio::ip::tcp::socket>& stream, const std::string& host
);

}  // namespace teamflow::gateway
