#include "gateway/http/service.hpp"

#include <exception>
#include <utility>

#include <fmt/format.h>

#include "gateway/http/problem.hpp"
#include "gateway/http/request_log.hpp"
#include "gateway/http/security_headers.hpp"
#include "infra/crypto/key_store.hpp"
#include "infra/overloaded.hpp"
#include "infra/postgres/error.hpp"

namespace teamflow::gateway {

namespace {

/// RFC 6455, 4.1: the key is 16 bytes in base64.
bool is_websocket_key(std::string_view key) {
    const auto is_base64 = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '+' || c == '/';
    };
    if (key.size() != 24 || !key.ends_with("==")) {
        return false;
    }
    for (const char c : key.substr(0, 22)) {
        if (!is_base64(c)) {
            return false;
        }
    }
    return true;
}

response upgrade_required(const request& what, std::string detail) {
    auto answer = problem_response("upgrade_required", std::move(detail), what.request_id);
    answer.add_header("Upgrade", "websocket");
    answer.add_header("Sec-WebSocket-Version", "13");
    return answer;
}

/// Why the request cannot become a WebSocket, if it cannot.
std::optional<response> refuse_upgrade(const request& what, const cors_policy& cors) {
    const auto upgrade = what.header("Upgrade");
    const auto connection = what.header("Connection");
    if (!upgrade || !list_contains(*upgrade, "websocket") || !connection ||
        !list_contains(*connection, "upgrade")) {
        return upgrade_required(what, "open this resource as a WebSocket");
    }
    if (what.header("Sec-WebSocket-Version") != "13") {
        return upgrade_required(what, "the WebSocket version must be 13");
    }
    if (!is_websocket_key(what.header("Sec-WebSocket-Key").value_or(""))) {
        return problem_response(
            "bad_header", "Sec-WebSocket-Key is missing or malformed", what.request_id
        );
    }
    if (!cors.may_open_websocket(what)) {
        return problem_response(
            "forbidden", "pages of this origin may not open WebSockets", what.request_id
        );
    }
    return std::nullopt;
}

void log_failure(const std::exception& cause, const request& what) {
    log_request(spdlog::level::err, "the request failed", what, cause.what());
}

/// A dependency is not there: the client comes again, and the log says why.
void log_unavailable(const std::exception& cause, const request& what) {
    log_request(spdlog::level::warn, "the request was not served", what, cause.what());
}

/// Whether the server refused for its own state and not for what was asked: rolled back against
/// others, short of resources, shutting down, a disk that fails (PostgreSQL manual, appendix A).
bool is_about_server(const infra::postgres_error& cause) {
    const std::string_view state = cause.sqlstate();
    return state.starts_with("40") || state.starts_with("53") || state.starts_with("57") ||
           state.starts_with("58");
}

/// 503 when the database is not there, its disk is full, or no projector has made the tables of a
/// read model yet; nullopt for a fault of our own.
std::optional<response> without_database(const infra::postgres_error& cause, const request& what) {
    std::string_view code = "database_unavailable";
    if (cause.is_storage_full()) {
        code = "storage_full";
    } else if (cause.sqlstate() == "42P01" || cause.sqlstate() == "3F000") {
        code = "read_model_behind";
    } else if (!cause.is_connection_lost() && !is_about_server(cause) &&
               dynamic_cast<const infra::postgres_unavailable*>(&cause) == nullptr) {
        return std::nullopt;
    }
    return problem_response(code, {}, what.request_id);
}

}  // namespace

http_service::http_service(service_options options)
    : options_(std::move(options)), cors_(options_.cors_origins) {}

void http_service::add(endpoint route) {
    router_.add(route.verb, route.path);
    endpoints_.push_back(std::move(route));
}

void http_service::add_hidden(endpoint route) {
    hidden_.push_back(std::move(route));
}

http_service::destination http_service::route(
    request& what, path_match& match, std::vector<path_parameter>& parameters
) const {
    parameters.clear();
    for (const auto& hidden : hidden_) {
        if (what.path == hidden.path && what.verb == hidden.verb) {
            what.route = hidden.path;
            return {&hidden, {}};
        }
    }
    switch (router_.match(what.verb, what.path, match)) {
        case match_outcome::found:
            break;
        case match_outcome::options:
            return {nullptr, cors_.preflight(what, match.allow)};
        case match_outcome::malformed_path:
            return {
                nullptr,
                problem_response(
                    "bad_request", "the path is not percent-encoded UTF-8", what.request_id
                )
            };
        case match_outcome::method_not_allowed: {
            auto refusal = problem_response("method_not_allowed", {}, what.request_id);
            refusal.add_header("Allow", match.allow);
            return {nullptr, std::move(refusal)};
        }
        case match_outcome::not_found:
            if (what.target == "*") {
                return {nullptr, empty_response(204)};
            }
            return {
                nullptr, problem_response("not_found", "there is no such path", what.request_id)
            };
    }
    const auto& target = endpoints_[match.route];
    what.route = target.path;
    const auto& names = router_.parameters(match.route);
    for (std::size_t i = 0; i < names.size(); ++i) {
        parameters.push_back({names[i], match.values[i]});
    }
    what.path_parameters = parameters;
    if (target.is_websocket) {
        if (auto refusal = refuse_upgrade(what, cors_)) {
            return {nullptr, *std::move(refusal)};
        }
    }
    return {&target, {}};
}

task<response> http_service::answer(const endpoint& target, request& what) const {
    std::exception_ptr failure;
    try {
        auto answer = co_await target.handle(what);
        co_return answer;
    } catch (...) {
        failure = std::current_exception();
    }
    co_return answer_to(failure, what);
}

response http_service::answer_to(const std::exception_ptr& failure, const request& what) const {
    try {
        std::rethrow_exception(failure);
    } catch (const unavailable& cause) {
        log_unavailable(cause, what);
        return problem_response(cause.code(), cause.what(), what.request_id, cause.retry_after_s());
    } catch (const infra::overloaded& cause) {
        log_unavailable(cause, what);
        const auto wait = static_cast<std::uint32_t>(cause.retry_after().count());
        return problem_response("overloaded", cause.what(), what.request_id, wait);
    } catch (const infra::no_person_key&) {
        // Erased while the request was under way: nothing may be sealed for that user any more.
        return problem_response("unauthenticated", "the account was erased", what.request_id);
    } catch (const infra::postgres_error& cause) {
        if (const auto answer = without_database(cause, what)) {
            log_unavailable(cause, what);
            return *answer;
        }
        log_failure(cause, what);
    } catch (const std::exception& cause) {
        log_failure(cause, what);
    }
    return problem_response(
        "internal_error", "the request failed; its id leads to the cause", what.request_id
    );
}

void http_service::append_common_headers(std::string& out, const request& from, const response& to)
    const {
    append_security_headers(out, to, from.over_tls);
    cors_.append_headers(out, from);
}

}  // namespace teamflow::gateway
