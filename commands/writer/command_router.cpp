#include "commands/writer/command_router.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

namespace teamflow::commands {

namespace {

constexpr std::string_view not_served = "partition_unavailable";

unavailable no_owner(events::partition_id partition, const std::string& why) {
    return {
        .code = std::string(not_served),
        .detail = fmt::format(
            "no process decides commands of partition {} at the moment ({}); nothing was done, try "
            "again",
            partition,
            why
        )
    };
}

unavailable no_answer(const std::string& why) {
    return {
        .code = "outcome_unknown",
        .detail = fmt::format(
            "the process that decides this command did not answer ({}); whether it took effect is "
            "not known. Send it again with the same Idempotency-Key",
            why
        )
    };
}

/// Not decided, and known not to have happened: somebody else may take it.
bool may_go_on(const command_outcome& outcome) {
    const auto* missing = std::get_if<unavailable>(&outcome);
    return missing != nullptr && missing->code == not_served;
}

}  // namespace

command_router::command_router(
    command_service& here, remote_commands& elsewhere, routing_counters& counters, limits how
)
    : here_(here), elsewhere_(elsewhere), counters_(counters), limits_(how) {}

infra::task<command_outcome> command_router::execute(command_request request) {
    const auto partition = events::partition_of(request.organization, partitions());
    const auto deadline = std::chrono::steady_clock::now() + limits_.owner_wait;
    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::steady_timer pause(executor);
    auto length = limits_.pause_min;
    bool may_have_happened = false;
    while (true) {
        auto result = co_await attempt(request);
        auto* outcome = std::get_if<command_outcome>(&result);
        if (outcome != nullptr && !may_go_on(*outcome)) {
            co_return std::move(*outcome);
        }
        const auto* lost = std::get_if<undelivered>(&result);
        may_have_happened = may_have_happened || (lost != nullptr && lost->may_have_happened);
        const bool is_over = std::chrono::steady_clock::now() >= deadline;
        if (may_have_happened && (is_over || !request.once)) {
            co_return no_answer(lost != nullptr ? lost->why : "its partition has no owner now");
        }
        if (is_over) {
            co_return outcome != nullptr ? std::move(*outcome) : no_owner(partition, lost->why);
        }
        pause.expires_after(length);
        co_await pause.async_wait(boost::asio::use_awaitable);
        length = std::min(2 * length, limits_.pause_max);
    }
}

infra::task<std::variant<command_outcome, undelivered>> command_router::attempt(
    const command_request& request
) {
    const auto partition = events::partition_of(request.organization, partitions());
    const auto& writer = here_.writer(partition);
    if (writer.takes_commands()) {
        co_return co_await here_.execute(request);
    }
    auto address = writer.owner_address();
    if (address.empty() || address == here_.address()) {
        co_return undelivered{.why = "its last owner is gone"};
    }
    ++counters_.forwarded;
    answer_patience patience{
        .until = std::chrono::steady_clock::now() + limits_.answer_wait,
        .is_worthwhile = [&writer, address] { return writer.owner_address() == address; }
    };
    auto result = co_await elsewhere_.send(std::move(address), request, std::move(patience));
    if (std::holds_alternative<undelivered>(result)) {
        ++counters_.undelivered;
    }
    co_return result;
}

infra::task<owner_answer> command_router::execute_here(command_request request) {
    const auto partition = events::partition_of(request.organization, partitions());
    if (!here_.writer(partition).takes_commands()) {
        ++counters_.misdirected;
        co_return std::nullopt;
    }
    ++counters_.received;
    co_return co_await here_.execute(std::move(request));
}

}  // namespace teamflow::commands
