#include "gateway/api/issue.hpp"

#include <utility>

namespace teamflow::gateway {

task<std::expected<commands::command_reply, problem>> issue(
    call& under_way, std::unique_ptr<commands::any_command> command, issuing how
) {
    commands::command_request request;
    request.organization = how.organization;
    request.actor = how.actor;
    request.actor_name = std::move(how.actor_name);
    request.correlation_id = under_way.correlation_id;
    request.traceparent = traceparent_of(under_way.http);
    request.request_id = under_way.http.request_id;
    request.if_match = how.if_match;
    request.once = std::move(how.once);
    request.command = std::move(command);
    auto outcome = co_await under_way.with.commands.execute(std::move(request));
    if (auto* reply = std::get_if<commands::command_reply>(&outcome)) {
        co_return std::move(*reply);
    }
    if (const auto* refused = std::get_if<commands::refusal>(&outcome)) {
        co_return std::unexpected(to_problem(*refused));
    }
    const auto& missing = std::get<commands::unavailable>(outcome);
    throw unavailable(
        missing.code, static_cast<std::uint32_t>(missing.retry_after.count()), missing.detail
    );
}

std::optional<commands::request_key> key_within(
    const call& under_way, std::string_view scope, std::string_view content
) {
    if (!under_way.idempotency_key) {
        return std::nullopt;
    }
    std::string text(to_string(under_way.http.verb));
    text += ' ';
    text += under_way.http.path;
    text += '\n';
    text += content;
    std::string key(scope);
    key += '/';
    key += *under_way.idempotency_key;
    return commands::request_key{
        .key = std::move(key),
        .fingerprint = infra::to_hex(under_way.with.fingerprint_key.sign(text))
    };
}

}  // namespace teamflow::gateway
