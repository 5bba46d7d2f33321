#pragma once
// A small service to try the transport with, and the requests to it.

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/http/service.hpp"

namespace teamflow::tests {

using gateway::body_producer;
using gateway::body_writer;
using gateway::http_service;
using gateway::limits;
using gateway::method;
using gateway::request;
using gateway::response;
using infra::task;

/// Counts what the transport reports.
class counting_observer final : public gateway::observer {
public:
    void request_finished(const gateway::finished_request& what) override {
        ++finished;
        last_status = what.status;
    }

    void request_refused(unsigned status) override {
        ++refused;
        last_status = status;
    }

    void connection_opened() override { ++opened; }

    void connection_closed() override { ++closed; }

    void websocket_opened() override {}

    void websocket_closed() override {}

    std::atomic<unsigned> finished = 0;
    std::atomic<unsigned> refused = 0;
    std::atomic<unsigned> last_status = 0;
    std::atomic<unsigned> opened = 0;
    std::atomic<unsigned> closed = 0;
};

/// GET /hello, /things/{id}, /big, /fail, /unavailable, /lines, /broken and /behind; POST /echo,
/// and /small with a limit of 10 bytes; PUT /things/{id}, whose answer is made of all three parts
/// of the request. Pages of https://app.example.org may read the answers.
http_service make_service(limits bounds = {}, gateway::observer* watch = nullptr);

/// An answer that `produce` writes.
response streamed(body_producer produce);

/// Requests as text; `more` are further header lines, each with its CRLF.
std::string get(std::string_view target, std::string_view more = {});
std::string post(std::string_view target, std::string_view body, std::string_view more = {});

/// The status that `bytes` are answered with. Requires that the connection is closed after it.
unsigned status_and_close(std::uint16_t port, std::string_view bytes);

}  // namespace teamflow::tests
