#include "gateway/http/problem.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "events/json/write.hpp"

namespace teamflow::gateway {

namespace {

constexpr auto rows = std::to_array<error_row>({
    {"bad_request", 400, "The request is malformed"},
    {"bad_header", 400, "A header field is malformed"},
    {"bad_position", 400, "A position is malformed"},
    {"malformed_json", 400, "The body is no valid JSON"},
    {"malformed_query", 400, "The query string is malformed"},
    {"unauthenticated", 401, "Authentication is needed"},
    {"invalid_credentials", 401, "The credentials are wrong"},
    {"forbidden", 403, "This is not allowed to you"},
    {"not_found", 404, "There is no such resource"},
    {"no_active_timer", 404, "No timer is running"},
    {"method_not_allowed", 405, "The resource does not have this method"},
    {"not_acceptable", 406, "No acceptable representation"},
    {"request_timeout", 408, "The request took too long to arrive"},
    {"already_member", 409, "The person is a member already"},
    {"email_taken", 409, "The e-mail address is taken"},
    {"generation_running", 409, "The generation is running"},
    {"invalid_state", 409, "The state does not allow this"},
    {"invitation_expired", 409, "The invitation has expired"},
    {"invitation_used", 409, "The invitation was used"},
    {"last_owner", 409, "The last owner must stay"},
    {"no_assignable_member", 409, "No member fits the criteria"},
    {"project_key_taken", 409, "The project key is taken"},
    {"project_not_empty", 409, "The project has open tasks"},
    {"rebuild_running", 409, "The read model is being rebuilt already"},
    {"task_closed", 409, "The task is closed"},
    {"template_inactive", 409, "The template is not active"},
    {"timer_already_running", 409, "A timer is running already"},
    {"timer_running", 409, "The timer is still running"},
    {"version_conflict", 412, "The resource has changed"},
    {"body_too_large", 413, "The body is too large"},
    {"target_too_long", 414, "The request target is too long"},
    {"unsupported_media_type", 415, "The media type is not supported"},
    {"expectation_failed", 417, "The expectation cannot be met"},
    {"validation_failed", 422, "The request has bad fields"},
    {"command_too_large", 422, "The command changes too much at once"},
    {"idempotency_key_reused", 422, "The idempotency key was used for another request"},
    {"upgrade_required", 426, "This resource speaks WebSocket"},
    {"rate_limited", 429, "Too many requests"},
    {"headers_too_large", 431, "The header is too large"},
    {"internal_error", 500, "Something went wrong here"},
    {"unavailable", 503, "The service is not available now"},
    {"database_unavailable", 503, "The database is not available now"},
    {"outcome_unknown", 503, "Whether it took effect is not known yet"},
    {"overloaded", 503, "Too much waits already"},
    {"partition_unavailable", 503, "The organization has no writer now"},
    {"read_model_behind", 503, "The read model has not got there yet"},
    {"storage_full", 503, "The storage is full"},
});

}  // namespace

error_row error_of(std::string_view code) {
    const auto* found = std::ranges::find(rows, code, &error_row::code);
    return found == rows.end() ? error_row{code, 409, "A rule forbids this now"} : *found;
}

std::span<const error_row> error_table() {
    return rows;
}

problem make_problem(std::string_view code, std::string detail) {
    const auto row = error_of(code);
    problem made;
    made.type = "urn:teamflow:error:";
    made.type += code;
    made.title = row.title;
    made.status = row.status;
    made.detail = detail.empty() ? std::string(row.title) : std::move(detail);
    made.error = code;
    made.message = made.detail;
    return made;
}

response to_response(problem what, std::string_view request_id, std::uint32_t retry_after_s) {
    what.request_id = request_id;
    response answer;
    answer.status = what.status;
    answer.content_type = media::problem_json;
    answer.body = events::json::to_json(what);
    if (what.current_version.value) {
        answer.add_header("ETag", '"' + std::to_string(*what.current_version.value) + '"');
    }
    if (answer.status == 401) {
        answer.add_header("WWW-Authenticate", "Bearer");
    }
    if (answer.status == 429 || answer.status == 503) {
        answer.add_header("Retry-After", std::to_string(retry_after_s));
    }
    return answer;
}

response problem_response(
    std::string_view code,
    std::string detail,
    std::string_view request_id,
    std::uint32_t retry_after_s
) {
    return to_response(make_problem(code, std::move(detail)), request_id, retry_after_s);
}

}  // namespace teamflow::gateway
