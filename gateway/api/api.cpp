#include "gateway/api/api.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/asio/query.hpp>
#include <boost/asio/this_coro.hpp>

#include "gateway/api/accept.hpp"
#include "gateway/api/authentication.hpp"
#include "gateway/forward/forwarding.hpp"

namespace teamflow::gateway {

namespace asio = infra::asio;

namespace {

/// A request's body and what was made of it, such as sealed texts.
constexpr std::uint32_t forwarded_bytes = 2 * 1024 * 1024;

std::string offer_of(const route& where) {
    return fmt::format("this resource comes as {}", fmt::join(where.media, ", "));
}

}  // namespace

std::string full_path(const route& where) {
    return where.is_root ? where.path : "/api/v1" + where.path;
}

api::api(routes table, std::vector<place> places)
    : table_(std::move(table)), places_(std::move(places)) {}

void api::install(http_service& into) const {
    for (const route& where : table_) {
        endpoint registered;
        registered.verb = where.verb;
        registered.path = full_path(where);
        registered.is_websocket = where.is_websocket;
        registered.answer_limit = where.answer_limit;
        registered.handle = [this, &where](request& http) { return answer(where, http); };
        into.add(std::move(registered));
    }
    into.add_hidden(
        {.verb = method::post,
         .path = std::string(forwarded_path),
         .handle = [this](request& http) { return answer_process(http); },
         .body_limit = forwarded_bytes}
    );
}

services& api::services_of(const boost::asio::execution_context& thread) const {
    const auto found = std::ranges::find(places_, &thread, &place::thread);
    if (found == places_.end()) {
        throw std::logic_error("a connection lives on a thread without services");
    }
    return *found->with;
}

task<response> api::answer_process(request& http) const {
    const auto executor = co_await asio::this_coro::executor;
    auto& with = services_of(asio::query(executor, asio::execution::context));
    co_return co_await answer_forwarded(http, with.commands, with.forwarding_key);
}

task<response> api::answer(const route& where, request& http) const {
    const auto executor = co_await asio::this_coro::executor;
    auto& with = services_of(asio::query(executor, asio::execution::context));
    principal who;
    if (where.who != access::anyone) {
        auto known = co_await authenticate(http, with, where);
        if (!known) {
            co_return to_response(std::move(known.error()), http.request_id);
        }
        who = *known;
    }
    if (const auto wait = take_rate(http, with, where, who)) {
        const auto seconds = static_cast<std::uint32_t>(wait->count());
        co_return problem_response("rate_limited", {}, http.request_id, seconds);
    }
    if (auto forbidden = check_access(who, where.who)) {
        co_return to_response(std::move(*forbidden), http.request_id);
    }
    auto under_way = make_call(http, with);
    if (!under_way) {
        co_return to_response(std::move(under_way.error()), http.request_id);
    }
    under_way->who = who;
    if (!where.media.empty() && !where.is_root) {
        const auto chosen = preferred_media(http.header("Accept"), where.media);
        if (!chosen) {
            co_return problem_response("not_acceptable", offer_of(where), http.request_id);
        }
        under_way->media = where.media[*chosen];
    }
    co_return co_await where.handle(*under_way);
}

}  // namespace teamflow::gateway
