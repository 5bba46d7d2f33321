#pragma once
// A request as handlers see it.

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gateway/http/framing.hpp"
#include "gateway/http/method.hpp"
#include "gateway/http/query_string.hpp"

namespace teamflow::gateway {

/// A parameter of the route's path template, decoded.
struct path_parameter {
    std::string_view name;
    std::string_view value;
};

/// Lives as long as its handler runs; all views end with it. One thread at a time.
struct request {
    method verb = method::get;
    /// As sent, and its two parts before decoding.
    std::string_view target;
    std::string_view path;
    std::string_view query_text;
    std::string_view host;
    /// Of the head only: trailers are dropped.
    std::span<const header_field> fields;
    std::span<const path_parameter> path_parameters;
    /// The path template that matched (`/tasks/{id}`); empty when none did.
    std::string_view route;
    std::string body;
    /// Taken over from X-Request-ID, or a fresh UUIDv7.
    std::string request_id;
    /// As sent, unchecked; empty when absent.
    std::string_view traceparent;
    /// The peer's IP address as text.
    std::string_view peer;
    bool over_tls = false;

    /// The first field of that name, in any case.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const {
        for (const auto& field : fields) {
            if (equal_ignoring_case(field.name, name)) {
                return field.value;
            }
        }
        return std::nullopt;
    }

    /// The value of `{name}` in the route's template; empty when the template has none.
    [[nodiscard]] std::string_view path_value(std::string_view name) const {
        for (const auto& parameter : path_parameters) {
            if (parameter.name == name) {
                return parameter.value;
            }
        }
        return {};
    }

    /// The query's parameters, or what is wrong with them (answer 400): parsed at each call.
    [[nodiscard]] std::expected<query_string, std::string_view> query() const {
        return query_string::parse(query_text);
    }
};

}  // namespace teamflow::gateway
