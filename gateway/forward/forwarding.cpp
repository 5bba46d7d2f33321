#include "gateway/forward/forwarding.hpp"

#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "gateway/http/problem.hpp"
#include "gateway/http/request_log.hpp"

namespace teamflow::gateway {

namespace {

/// What keys are derived from the internal secret for.
constexpr std::uint64_t for_forwarding = 1;
constexpr std::string_view signature_field = "Teamflow-Signature";

using delivery = std::variant<commands::command_outcome, commands::undelivered>;

peer_request make_request(const commands::command_request& command, const infra::hmac_sha256& key) {
    peer_request made{.target = std::string(forwarded_path), .body = commands::to_wire(command)};
    made.fields.emplace_back(signature_field, infra::to_hex(key.sign(made.body)));
    if (!command.request_id.empty()) {
        made.fields.emplace_back("X-Request-ID", command.request_id);
    }
    if (!command.traceparent.empty()) {
        made.fields.emplace_back("traceparent", command.traceparent);
    }
    return made;
}

bool is_client_error(unsigned status) {
    return status >= 400 && status < 500;
}

/// What the other process made of the command. Client errors mean that it was not decided: another
/// secret, or a program that does not know the command.
delivery read_answer(const std::string& address, const peer_answer& answer) {
    if (is_client_error(answer.status)) {
        return commands::undelivered{.why = address + " does not take commands from here"};
    }
    if (answer.status == 503) {
        return commands::undelivered{.why = address + " is not available"};
    }
    auto read = commands::answer_from_wire(answer.body);
    if (answer.status != 200 || !read) {
        throw std::runtime_error(
            fmt::format("{} failed at a command with status {}", address, answer.status)
        );
    }
    if (!*read) {
        return commands::undelivered{.why = address + " does not own the partition"};
    }
    return std::move(**read);
}

}  // namespace

infra::hmac_sha256 make_forwarding_key(const infra::secret_key& internal_secret) {
    return infra::hmac_sha256(internal_secret.derive(for_forwarding).bytes());
}

forwarding::forwarding(
    boost::asio::any_io_executor executor,
    const infra::hmac_sha256& key,
    std::shared_ptr<boost::asio::ssl::context> tls,
    peer_client::limits how
)
    : key_(key), client_(std::move(executor), std::move(tls), how) {}

task<delivery> forwarding::send(
    std::string address, commands::command_request request, commands::answer_patience patience
) {
    peer_client::patience how{
        .until = patience.until, .is_worthwhile = std::move(patience.is_worthwhile)
    };
    auto what = make_request(request, key_);
    const auto answer = co_await client_.post(address, std::move(what), std::move(how));
    if (!answer) {
        co_return commands::undelivered{
            .may_have_happened = answer.error().was_sent, .why = answer.error().why
        };
    }
    if (is_client_error(answer->status)) {
        tell_refusal(address, answer->status);
    } else {
        refusing_.erase(address);
    }
    co_return read_answer(address, *answer);
}

void forwarding::tell_refusal(const std::string& address, unsigned status) {
    if (refusing_.insert(address).second) {
        spdlog::error(
            "{} does not take commands from here (status {}): do both have the same version and "
            "internal secret?",
            address,
            status
        );
    }
}

task<response> answer_forwarded(
    request& http, commands::command_router& router, const infra::hmac_sha256& key
) {
    const auto signature = http.header(signature_field);
    if (!signature ||
        !infra::equal_in_constant_time(infra::to_hex(key.sign(http.body)), *signature)) {
        http.route = {};
        co_return problem_response("not_found", "there is no such path", http.request_id);
    }
    auto command = commands::request_from_wire(http.body);
    if (!command) {
        const auto& first = command.error().front();
        log_request(
            spdlog::level::err,
            "a forwarded command is not known here; do all gateways have the same version?",
            http,
            first.field + " " + first.message
        );
        co_return problem_response("bad_request", "the command is not known here", http.request_id);
    }
    command->request_id = http.request_id;
    const auto answer = co_await router.execute_here(std::move(*command));
    co_return json_response(200, commands::to_wire(answer));
}

}  // namespace teamflow::gateway
