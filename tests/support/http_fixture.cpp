#include "tests/support/http_fixture.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>

#include <sys/socket.h>
#include <sys/time.h>

#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>

#include "gateway/http/framing.hpp"

namespace teamflow::tests {

using asio::ip::tcp;

io_threads::io_threads(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        auto& context = *contexts_.emplace_back(std::make_unique<asio::io_context>(1));
        work_.push_back(asio::make_work_guard(context));
        threads_.emplace_back([&context] { context.run(); });
    }
}

io_threads::~io_threads() {
    work_.clear();
    for (const auto& context : contexts_) {
        context->stop();
    }
    for (auto& thread : threads_) {
        thread.join();
    }
}

std::vector<asio::io_context*> io_threads::contexts() const {
    std::vector<asio::io_context*> all;
    all.reserve(contexts_.size());
    for (const auto& context : contexts_) {
        all.push_back(context.get());
    }
    return all;
}

running_server::running_server(
    const gateway::http_service& service, const gateway::listen_options& options
)
    : threads_(2), server_(threads_.contexts(), service) {
    server_.start(options);
}

running_server::~running_server() {
    if (!is_stopped_) {
        stop().get();
    }
}

gateway::listen_options running_server::any_port() {
    gateway::listen_options options;
    options.port = 0;
    return options;
}

std::future<bool> running_server::stop() {
    is_stopped_ = true;
    return asio::co_spawn(*threads_.contexts()[1], server_.stop(), asio::use_future);
}

std::string raw_answer::field(std::string_view name) const {
    std::string_view rest = head;
    while (!rest.empty()) {
        const auto line = rest.substr(0, rest.find("\r\n"));
        rest.remove_prefix(std::min(line.size() + 2, rest.size()));
        const auto colon = line.find(": ");
        if (colon != std::string_view::npos &&
            gateway::equal_ignoring_case(line.substr(0, colon), name)) {
            return std::string(line.substr(colon + 2));
        }
    }
    return {};
}

raw_client::raw_client(std::uint16_t port) : socket_(context_) {
    socket_.connect(tcp::endpoint(asio::ip::address_v4::loopback(), port));
    const timeval limit{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

void raw_client::send(std::string_view bytes) {
    boost::system::error_code peer_gone;
    asio::write(socket_, asio::buffer(bytes), peer_gone);
}

bool raw_client::read_more() {
    std::array<char, 16384> buffer{};
    const auto count = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        throw std::runtime_error("nothing came within ten seconds");
    }
    if (count <= 0) {
        return false;
    }
    unread_.append(buffer.data(), static_cast<std::size_t>(count));
    return true;
}

std::string raw_client::take(std::size_t count) {
    auto taken = unread_.substr(0, count);
    unread_.erase(0, count);
    return taken;
}

std::string raw_client::receive_bytes(std::size_t count) {
    while (unread_.size() < count) {
        if (!read_more()) {
            throw std::runtime_error("the connection ended early, after: " + unread_);
        }
    }
    return take(count);
}

std::string raw_client::take_line() {
    while (unread_.find("\r\n") == std::string::npos) {
        if (!read_more()) {
            throw std::runtime_error("the connection ended early, after: " + unread_);
        }
    }
    auto line = take(unread_.find("\r\n"));
    take(2);
    return line;
}

raw_answer raw_client::receive(bool is_head) {
    raw_answer answer;
    for (auto line = take_line(); !line.empty(); line = take_line()) {
        answer.head += line + "\r\n";
    }
    answer.status = static_cast<unsigned>(std::stoul(answer.head.substr(9, 3)));
    if (is_head || answer.status == 204 || answer.status == 304 || answer.status < 200) {
        return answer;
    }
    const auto length = answer.field("Content-Length");
    if (!length.empty()) {
        answer.body = receive_bytes(std::stoul(length));
    } else if (answer.field("Transfer-Encoding") == "chunked") {
        for (auto size = std::stoul(take_line(), nullptr, 16); size > 0;
             size = std::stoul(take_line(), nullptr, 16)) {
            answer.body += receive_bytes(size);
            take_line();
        }
        take_line();
    } else {
        while (read_more()) {
        }
        answer.body = take(unread_.size());
    }
    return answer;
}

bool raw_client::is_at_end() {
    return unread_.empty() && !read_more();
}

void raw_client::shut_sending() {
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

}  // namespace teamflow::tests
