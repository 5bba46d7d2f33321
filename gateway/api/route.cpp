#include "gateway/api/route.hpp"

#include <algorithm>

#include "events/json/parse.hpp"
#include "events/stream.hpp"

namespace teamflow::gateway {

namespace asio = infra::asio;

namespace {

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
    return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

/// The charset among the parameters of a media type (RFC 9110, 8.3.1); the rest means nothing here.
bool is_utf8_or_absent(std::string_view parameters) {
    while (!parameters.empty()) {
        const std::size_t end = std::min(parameters.find(';'), parameters.size());
        const std::string_view parameter = trimmed(parameters.substr(0, end));
        parameters.remove_prefix(std::min(end + 1, parameters.size()));
        const std::size_t equals = std::min(parameter.find('='), parameter.size());
        if (!equal_ignoring_case(parameter.substr(0, equals), "charset")) {
            continue;
        }
        std::string_view value = parameter.substr(std::min(equals + 1, parameter.size()));
        if (value.size() > 2 && value.starts_with('"') && value.ends_with('"')) {
            value = value.substr(1, value.size() - 2);
        }
        if (!equal_ignoring_case(value, "utf-8")) {
            return false;
        }
    }
    return true;
}

bool is_json(std::string_view content_type) {
    const std::string_view kind = content_type.substr(0, content_type.find(';'));
    if (!equal_ignoring_case(trimmed(kind), media::json)) {
        return false;
    }
    return is_utf8_or_absent(content_type.substr(std::min(kind.size() + 1, content_type.size())));
}

/// The command as the writer takes it, and its identity for retries.
commands::command_request request_of(
    const call& under_way,
    std::unique_ptr<commands::any_command> command,
    const std::string& fingerprint
) {
    const principal& who = under_way.who;
    commands::command_request made;
    made.organization = who.organization;
    made.actor = who.user;
    made.correlation_id = under_way.correlation_id;
    made.traceparent = traceparent_of(under_way.http);
    made.request_id = under_way.http.request_id;
    made.if_match = under_way.if_match;
    made.command = std::move(command);
    if (under_way.idempotency_key) {
        std::string text(to_string(under_way.http.verb));
        text += ' ';
        text += under_way.http.path;
        text += '\n';
        text += fingerprint;
        made.once = commands::request_key{
            .key = to_string(who.organization) + '/' + to_string(who.user) + '/' +
                   *under_way.idempotency_key,
            .fingerprint = infra::to_hex(under_way.with.fingerprint_key.sign(text))
        };
    }
    return made;
}

task<response> accepted(call& under_way, commands::command_reply reply, const command_answer& how) {
    response answer;
    if (reply.body.empty()) {
        answer = empty_response(204);
    } else {
        std::string body = std::move(reply.body);
        if (how.complete) {
            body = co_await how.complete(under_way, std::move(body));
        }
        body = co_await open_personal(under_way.with, std::move(body));
        answer = json_response(how.status, std::move(body));
    }
    answer.add_header("ETag", '"' + std::to_string(reply.version) + '"');
    answer.add_header("Event-Position", to_string(reply.at));
    if (!how.location.empty()) {
        if (const auto id = events::id_of(reply.stream)) {
            answer.add_header("Location", "/api/v1" + how.location + '/' + events::to_string(*id));
        }
    }
    if (reply.replayed) {
        answer.add_header("Idempotency-Replayed", "true");
    }
    co_return answer;
}

}  // namespace

std::expected<boost::json::value, problem> parse_body(const request& http) {
    if (http.body.empty()) {
        return boost::json::value(boost::json::object{});
    }
    const auto content_type = http.header("Content-Type");
    if (!content_type || !is_json(*content_type)) {
        return std::unexpected(make_problem(
            "unsupported_media_type", "the body must be JSON: Content-Type: application/json"
        ));
    }
    auto value = events::json::parse(http.body);
    if (!value) {
        return std::unexpected(
            make_problem("malformed_json", "the body is no usable JSON: " + value.error().message)
        );
    }
    return std::move(*value);
}

std::expected<command_source, problem> read_source(
    const request& http, const path_members& from_path
) {
    auto body = parse_body(http);
    if (!body) {
        return std::unexpected(std::move(body.error()));
    }
    command_source source{.value = std::move(*body), .faults = {}};
    const auto query = parameters_as_json(http, {}, source.faults);
    if (!query) {
        return std::unexpected(query.error());
    }
    auto* object = source.value.if_object();
    if (object == nullptr) {
        source.faults.push_back({"", "wrong_type", "must be an object"});
        return std::unexpected(validation_problem(std::move(source.faults)));
    }
    for (const auto& [parameter, member] : from_path) {
        if (object->contains(member)) {
            source.faults.push_back(
                {std::string(member), "unknown_field", "comes from the path alone"}
            );
        }
        (*object)[member] = http.path_value(parameter);
    }
    return source;
}

problem validation_problem(events::json::problems found, events::json::problems more) {
    found.insert(
        found.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end())
    );
    return validation_problem(std::move(found));
}

problem validation_problem(events::json::problems errors) {
    auto made = make_problem("validation_failed", "the request has fields that cannot be used");
    made.errors = std::move(errors);
    return made;
}

problem to_problem(const commands::refusal& refused) {
    auto made = make_problem(events::json::enum_name(refused.code), refused.message);
    if (!refused.resource.empty()) {
        made.resource = refused.resource;
        made.resource_id = refused.resource_id;
    }
    made.errors = refused.errors;
    made.current_version.value = refused.current_version;
    return made;
}

std::string join_positions(std::vector<events::position> reached) {
    std::erase_if(reached, [](const events::position& place) { return place.at < 0; });
    std::ranges::sort(reached, [](const auto& left, const auto& right) {
        return std::pair(left.partition, -left.at) < std::pair(right.partition, -right.at);
    });
    const auto older = std::ranges::unique(reached, {}, &events::position::partition);
    reached.erase(older.begin(), older.end());
    std::string text;
    for (const auto& position : reached) {
        text += text.empty() ? "" : ",";
        text += to_string(position);
    }
    return text;
}

task<response> run_command(
    call& under_way,
    std::unique_ptr<commands::any_command> command,
    std::string fingerprint,
    const command_answer& how
) {
    auto request = request_of(under_way, std::move(command), fingerprint);
    auto outcome = co_await under_way.with.commands.execute(std::move(request));
    if (auto* reply = std::get_if<commands::command_reply>(&outcome)) {
        co_return co_await accepted(under_way, std::move(*reply), how);
    }
    if (const auto* refused = std::get_if<commands::refusal>(&outcome)) {
        co_return to_response(to_problem(*refused), under_way.http.request_id);
    }
    const auto& missing = std::get<commands::unavailable>(outcome);
    throw unavailable(
        missing.code, static_cast<std::uint32_t>(missing.retry_after.count()), missing.detail
    );
}

task<std::optional<problem>> wait_for_position(
    call& under_way, std::vector<std::string> projections
) {
    if (under_way.min_position.empty() || projections.empty()) {
        co_return std::nullopt;
    }
    const auto deadline = std::chrono::steady_clock::now() + under_way.read_wait;
    const bool reached = co_await under_way.with.positions.wait_for(
        std::move(projections), under_way.min_position, deadline
    );
    if (reached) {
        co_return std::nullopt;
    }
    co_return make_problem(
        "read_model_behind", "the read model has not reached Min-Position yet; ask again"
    );
}

task<std::optional<problem>> wait_for_archive(call& under_way) {
    const bool is_there = co_await infra::await_archived(
        under_way.with.log, under_way.min_position, under_way.read_wait
    );
    if (is_there) {
        co_return std::nullopt;
    }
    co_return make_problem(
        "read_model_behind", "the archive has not reached Min-Position yet; ask again"
    );
}

std::string read_position_of(
    const call& under_way, std::span<const std::string> projections, bool reads_archive
) {
    const auto partition = under_way.partition();
    std::optional<events::offset> reached;
    if (!projections.empty()) {
        reached = under_way.with.positions.reached_by_all(projections, partition).value_or(-1);
    }
    if (reads_archive) {
        const auto archived = under_way.with.log.archived(partition);
        reached = std::min(reached.value_or(archived), archived);
    }
    return reached.value_or(-1) >= 0 ? to_string(events::position{partition, *reached})
                                     : std::string();
}

}  // namespace teamflow::gateway
