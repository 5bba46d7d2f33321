#include "tests/support/http_service.hpp"

#include <memory>
#include <stdexcept>
#include <utility>

#include <catch2/catch.hpp>

#include "infra/postgres/error.hpp"
#include "tests/support/http_fixture.hpp"

namespace teamflow::tests {

namespace {

task<response> hello(request&) {
    co_return gateway::json_response(200, R"({"hello":"world"})");
}

task<response> echo(request& what) {
    co_return gateway::json_response(200, std::move(what.body));
}

task<response> describe(request& what) {
    auto answer = gateway::json_response(201, std::string(what.path_value("id")));
    answer.add_header("ETag", "\"7\"");
    answer.add_header("X-Seen-Query", what.query_text);
    co_return answer;
}

task<response> repeat(request& what) {
    std::string text(what.path_value("id"));
    text.append("|").append(what.header("X-Word").value_or("none")).append("|").append(what.body);
    co_return gateway::json_response(200, std::move(text));
}

task<response> fail(request&) {
    throw std::runtime_error("secret detail");
    co_return response();
}

task<response> be_unavailable(request&) {
    throw gateway::unavailable("storage_full", 7, "the disk is full");
    co_return response();
}

task<response> fail_in_database(request& what) {
    infra::postgres_error::fields told;
    told.sqlstate = what.path_value("state");
    told.message = "secret detail";
    throw infra::postgres_error(std::move(told));
    co_return response();
}

task<void> three_lines(body_writer& out) {
    co_await out.write("one\n");
    co_await out.write("two\n");
    co_await out.write("three\n");
}

task<void> one_line_then_fail(body_writer& out) {
    co_await out.write("one\n");
    throw std::runtime_error("half way");
}

task<void> fail_at_once(body_writer&) {
    throw gateway::unavailable("read_model_behind", 1, "not yet");
    co_return;
}

task<response> stream_lines(request&) {
    co_return streamed(three_lines);
}

task<response> stream_broken(request&) {
    co_return streamed(one_line_then_fail);
}

task<response> stream_unavailable(request&) {
    co_return streamed(fail_at_once);
}

task<response> big(request&) {
    response answer;
    answer.content_type = gateway::media::text;
    answer.body = std::make_shared<const std::string>(1'000'000, 'x');
    co_return answer;
}

}  // namespace

http_service make_service(limits bounds, gateway::observer* watch) {
    gateway::service_options options;
    options.bounds = bounds;
    options.cors_origins = {"https://app.example.org"};
    options.watch = watch;
    http_service service(std::move(options));
    service.add({method::get, "/hello", hello});
    service.add({method::post, "/echo", echo});
    service.add({.verb = method::post, .path = "/small", .handle = echo, .body_limit = 10});
    service.add({method::get, "/things/{id}", describe});
    service.add({method::put, "/things/{id}", repeat});
    service.add({method::get, "/fail", fail});
    service.add({method::get, "/unavailable", be_unavailable});
    service.add({method::get, "/database/{state}", fail_in_database});
    service.add({method::get, "/lines", stream_lines});
    service.add({method::get, "/broken", stream_broken});
    service.add({method::get, "/behind", stream_unavailable});
    service.add({method::get, "/big", big});
    return service;
}

response streamed(body_producer produce) {
    response answer;
    answer.content_type = gateway::media::ndjson;
    answer.body = std::move(produce);
    return answer;
}

std::string get(std::string_view target, std::string_view more) {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n" + std::string(more) + "\r\n";
}

std::string post(std::string_view target, std::string_view body, std::string_view more) {
    return "POST " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n" + std::string(more) +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

unsigned status_and_close(std::uint16_t port, std::string_view bytes) {
    raw_client client(port);
    client.send(bytes);
    const auto answer = client.receive();
    REQUIRE(answer.field("Connection") == "close");
    REQUIRE(client.is_at_end());
    return answer.status;
}

}  // namespace teamflow::tests
