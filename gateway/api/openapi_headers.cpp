#include "gateway/api/openapi_headers.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace teamflow::gateway {

namespace {

namespace bj = boost::json;

bj::object header(std::string_view description, bj::object schema, bool always = true) {
    return {{"description", description}, {"required", always}, {"schema", std::move(schema)}};
}

bj::object text() {
    return {{"type", "string"}};
}

bj::object matching(std::string_view pattern) {
    return {{"type", "string"}, {"pattern", pattern}};
}

bj::object reference(std::string_view kind, std::string_view name) {
    return {{"$ref", "#/components/" + std::string(kind) + '/' + std::string(name)}};
}

/// Their component is named as they are unless it says more.
void add_header(bj::object& into, std::string_view name, std::string_view component = {}) {
    into[name] = reference("headers", component.empty() ? name : component);
}

bj::object header_parameter(
    std::string_view name, std::string_view description, bj::object schema
) {
    return {
        {"name", name},
        {"in", "header"},
        {"description", description},
        {"schema", std::move(schema)}
    };
}

/// Its name among the components, for statuses whose answers have headers of their own.
std::string_view problem_name(unsigned status) {
    switch (status) {
        case 401:
            return "unauthenticated";
        case 405:
            return "method_not_allowed";
        case 412:
            return "version_conflict";
        case 426:
            return "upgrade_required";
        case 429:
        case 503:
            return "come_again";
        default:
            return "problem";
    }
}

/// Follows the end of the log for as long as the client likes.
bool is_stream(const route& where) {
    return std::ranges::find(where.media, media::event_stream) != where.media.end();
}

bool takes_position(const route& where) {
    return where.has_position && !where.is_websocket;
}

}  // namespace

bj::object header_components() {
    constexpr std::string_view positions = "^[0-9]+@[0-9]+(,[0-9]+@[0-9]+)*$";
    bj::object all;
    all["X-Request-ID"] = header("That of the request, or one made for it", text());
    all["ETag"] = header("The version of the resource, for If-Match", matching(R"(^"[0-9]+"$)"));
    all["Current-ETag"] =
        header("The version that the resource has now", matching(R"(^"[0-9]+"$)"), false);
    all["Event-Position"] =
        header("Where the newest event of the command lies, for Min-Position", matching(positions));
    all["Read-Position"] =
        header("Up to where the answer has read; absent before any event", text(), false);
    all["Location"] = header("The new resource", matching("^/api/v1/"));
    all["Idempotency-Replayed"] = header(
        "The command took effect before, with the same Idempotency-Key",
        {{"type", "string"}, {"const", "true"}},
        false
    );
    all["Retry-After"] = header(
        "Whole seconds until it is worth asking again", {{"type", "integer"}, {"minimum", 0}}
    );
    all["WWW-Authenticate"] = header("How to sign in", {{"type", "string"}, {"const", "Bearer"}});
    all["Allow"] = header("The methods that the resource has", text());
    all["Upgrade"] = header("What to upgrade to", {{"type", "string"}, {"const", "websocket"}});
    return all;
}

bj::object parameter_components() {
    bj::object all;
    const auto add = [&](std::string_view name, std::string_view description, bj::object schema) {
        all[name] = header_parameter(name, description, std::move(schema));
    };
    const bj::object visible{
        {"type", "string"}, {"minLength", 1}, {"maxLength", 128}, {"pattern", "^[!-~]+$"}
    };
    add("Idempotency-Key", "Repeats the answer of the first equal request that took effect", visible
    );
    add("If-Match", "The ETag that the change is based on", text());
    add("Min-Position", "Waits until the answer can tell of this position", text());
    add("Prefer", "`wait=<seconds>`: how long to wait for Min-Position", text());
    add("Last-Event-ID", "The position of the last event seen; wins over `after`", text());
    add("X-Request-ID", "Names the request in its answer, its events and the log", visible);
    add("traceparent", "The trace to carry on (W3C Trace Context)", text());
    return all;
}

bj::object response_components(const bj::object& problem) {
    const auto made = [&](std::string_view description,
                          std::string_view own = {},
                          std::string_view component = {}) {
        bj::object headers;
        add_header(headers, "X-Request-ID");
        if (!own.empty()) {
            add_header(headers, own, component);
        }
        return bj::object{
            {"description", description},
            {"headers", std::move(headers)},
            {"content", {{media::problem_json, {{"schema", problem}}}}}
        };
    };
    bj::object all;
    all["problem"] = made("What went wrong (RFC 9457)");
    all["unauthenticated"] = made("Who asks is not known", "WWW-Authenticate");
    all["method_not_allowed"] =
        made("The path has no such method: to whatever is not described here", "Allow");
    all["version_conflict"] = made("The resource has changed", "ETag", "Current-ETag");
    all["upgrade_required"] = made("The resource speaks WebSocket alone", "Upgrade");
    all["come_again"] = made("Not now: nothing was done, come again", "Retry-After");
    return all;
}

bj::object security_components() {
    return {
        {"bearer", {{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}}},
        {"ticket",
         {{"type", "apiKey"},
          {"in", "query"},
          {"name", "ticket"},
          {"description",
           "From POST /api/v1/auth/tickets, for browsers, which cannot send headers with a"
           " WebSocket or an EventSource"}}}
    };
}

void add_header_parameters(const route& where, bj::array& into) {
    const auto add = [&](std::string_view name) { into.push_back(reference("parameters", name)); };
    if (where.is_command) {
        add("Idempotency-Key");
        add("If-Match");
    }
    if (takes_position(where)) {
        add("Min-Position");
        add("Prefer");
    }
    if (is_stream(where) && takes_position(where)) {
        add("Last-Event-ID");
    }
    add("X-Request-ID");
    add("traceparent");
}

bj::object success_headers(const route& where) {
    bj::object headers;
    add_header(headers, "X-Request-ID");
    if (where.is_command || where.has_version) {
        add_header(headers, "ETag");
    }
    if (where.is_command) {
        add_header(headers, "Event-Position");
        add_header(headers, "Idempotency-Replayed");
    } else if (where.has_position) {
        add_header(headers, "Event-Position", "Read-Position");
    }
    if (where.is_command && where.success == 201) {
        add_header(headers, "Location");
    }
    return headers;
}

bj::object failure_headers() {
    bj::object headers;
    add_header(headers, "X-Request-ID");
    add_header(headers, "Retry-After");
    return headers;
}

std::set<unsigned> problem_statuses(const route& where) {
    std::set<unsigned> statuses{400, 500, 503};
    if (!where.is_root || where.is_websocket) {
        statuses.insert(429);
    }
    if (where.who != access::anyone || where.may_sign_in) {
        statuses.insert({401, 403});
    }
    if (where.path.contains('{')) {
        statuses.insert(404);
    }
    if (!where.media.empty() && !where.is_root) {
        statuses.insert(406);
    }
    if (where.verb != method::get) {
        // A body may come even where none is needed.
        statuses.insert({413, 415});
    }
    if (!where.is_root || where.parameters) {
        statuses.insert(422);
    }
    if (where.is_command) {
        statuses.insert({404, 409, 412});
    }
    if (where.is_websocket) {
        statuses.insert(426);
    }
    for (const auto& code : where.errors) {
        statuses.insert(error_of(code).status);
    }
    return statuses;
}

bj::object problem_reference(unsigned status) {
    return reference("responses", problem_name(status));
}

bj::array security_of(const route& where) {
    bj::array ways;
    const auto add = [&](std::string_view scheme) {
        ways.emplace_back(bj::object{{scheme, bj::array{}}});
    };
    if (where.may_sign_in) {
        ways.emplace_back(bj::object{});
    }
    if (where.who != access::anyone || where.may_sign_in) {
        add("bearer");
    }
    if (where.takes_ticket) {
        add("ticket");
    }
    return ways;
}

}  // namespace teamflow::gateway
