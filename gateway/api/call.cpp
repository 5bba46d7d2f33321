#include "gateway/api/call.hpp"

#include <algorithm>
#include <charconv>

#include "gateway/http/trace_context.hpp"

namespace teamflow::gateway {

namespace {

problem bad_header(std::string_view name, std::string_view rule) {
    return make_problem("bad_header", std::string(name) + " " + std::string(rule));
}

/// Segments that are no UUID by design: names, weeks, streams.
bool is_id_parameter(std::string_view name) {
    return name == "id" || name.ends_with("_id");
}

std::expected<void, problem> read_ids(call& into) {
    for (const auto& parameter : into.http.path_parameters) {
        if (!is_id_parameter(parameter.name)) {
            continue;
        }
        const auto value = events::parse_uuid(parameter.value);
        if (!value) {
            return std::unexpected(not_found("resource", parameter.value));
        }
        into.ids.emplace_back(parameter.name, *value);
    }
    return {};
}

/// `"7"`, or `*` for any version (RFC 9110, 13.1.1). Versions are compared by the writer.
std::expected<void, problem> read_if_match(call& into) {
    const auto field = into.http.header("If-Match");
    if (!field || *field == "*") {
        return {};
    }
    std::int64_t version = 0;
    const bool quoted = field->size() > 2 && field->starts_with('"') && field->ends_with('"');
    const char* begin = field->data() + 1;
    const char* end = field->data() + field->size() - 1;
    const bool is_number =
        quoted && std::from_chars(begin, end, version) == std::from_chars_result{end, std::errc()};
    if (!is_number || version < 0) {
        return std::unexpected(bad_header("If-Match", "must be one ETag as this API gives it, or *")
        );
    }
    into.if_match = version;
    return {};
}

std::expected<void, problem> read_idempotency_key(call& into) {
    const auto field = into.http.header("Idempotency-Key");
    if (!field) {
        return {};
    }
    const bool visible = std::ranges::all_of(*field, [](char c) { return c > ' ' && c < '\x7f'; });
    if (field->empty() || field->size() > 128 || !visible) {
        return std::unexpected(
            bad_header("Idempotency-Key", "must have 1 to 128 visible ASCII characters")
        );
    }
    into.idempotency_key = *field;
    return {};
}

std::expected<void, problem> read_min_position(call& into) {
    const auto field = into.http.header("Min-Position");
    if (!field) {
        return {};
    }
    auto positions = events::parse_positions(*field);
    const auto known = [&](const events::position& place) {
        return place.partition < into.with.commands.partitions();
    };
    if (!positions || !std::ranges::all_of(*positions, known)) {
        return std::unexpected(make_problem(
            "bad_position", "Min-Position must be a list such as 3@120,7@44 of existing partitions"
        ));
    }
    into.min_position = std::move(*positions);
    return {};
}

/// `Prefer: wait=5` (RFC 7240, 4.3); other preferences are ignored, as the RFC asks.
void read_preference(call& into) {
    into.read_wait = into.with.settings.read_wait;
    const auto field = into.http.header("Prefer");
    const std::size_t at = field ? field->find("wait=") : std::string_view::npos;
    if (at == std::string_view::npos) {
        return;
    }
    const std::string_view digits = field->substr(at + 5);
    std::int64_t seconds = 0;
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
    if (result.ec == std::errc()) {
        const std::chrono::milliseconds longest = into.with.settings.read_wait_max;
        seconds = std::clamp<std::int64_t>(seconds, 0, longest.count() / 1000);
        into.read_wait = std::chrono::seconds(seconds);
    }
}

}  // namespace

std::expected<call, problem> make_call(request& http, services& with) {
    call made{http, with};
    for (const auto& read : {read_ids, read_if_match, read_idempotency_key, read_min_position}) {
        if (auto done = read(made); !done) {
            return std::unexpected(std::move(done.error()));
        }
    }
    read_preference(made);
    const auto request_id = events::parse_uuid(http.request_id);
    made.correlation_id = request_id ? *request_id : with.ids.next();
    return made;
}

std::string traceparent_of(const request& http) {
    return is_traceparent(http.traceparent) ? std::string(http.traceparent) : std::string();
}

problem not_found(std::string_view resource, std::string_view id) {
    auto made = make_problem("not_found", "there is no such " + std::string(resource));
    made.resource = std::string(resource);
    made.resource_id = std::string(id);
    return made;
}

}  // namespace teamflow::gateway
