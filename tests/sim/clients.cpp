#include "tests/sim/clients.hpp"

namespace teamflow::sim {

namespace {

using namespace std::chrono_literals;

constexpr duration between_commands = 60ms;

std::string in_words(const commands::command_outcome& outcome) {
    if (const auto* reply = std::get_if<commands::command_reply>(&outcome)) {
        return fmt::format(
            "{} {} v{} at {}{}",
            hash_of(reply->body),
            reply->stream,
            reply->version,
            reply->at.at,
            reply->replayed ? " again" : ""
        );
    }
    if (const auto* refused = std::get_if<commands::refusal>(&outcome)) {
        return "refused: " + refused->message;
    }
    return std::get<commands::unavailable>(outcome).code;
}

}  // namespace

clients::clients(
    world& around, history& book, std::vector<office>& offices, std::function<node*()> pick
)
    : world_(around), history_(book), offices_(offices), pick_(std::move(pick)) {}

void clients::start(std::size_t commands) {
    unfinished_ = commands;
    begin_next(commands);
}

void clients::begin_next(std::size_t left) {
    if (left == 0) {
        return;
    }
    auto what = std::make_shared<operation>();
    what->number = operations_.size() + 1;
    what->at = &offices_[world_.chance.roll(offices_.size())];
    what->draft = what->at->draw_command(world_.chance);
    if (!world_.chance.one_in(5)) {
        what->key = fmt::format("{}/key-{}", to_string(what->at->organization()), what->number);
    }
    operations_.push_back(what);
    send(what);
    world_.after(world_.random_duration(2 * between_commands), [this, left] {
        begin_next(left - 1);
    });
}

void clients::send(const operation_ptr& what) {
    ++what->tries;
    const auto attempt = history_.begin(what->number);
    what->newest_attempt = attempt;
    if (!world_.strikes(world_.rates.loss)) {
        world_.after(world_.packet_delay(), [this, what, attempt] { deliver(what, attempt); });
    }
    if (what->key && world_.strikes(world_.rates.replay / 3)) {
        // A proxy on the way sends it twice.
        const auto copy = history_.begin(what->number);
        world_.after(world_.random_duration(world_.rates.late_max), [this, what, copy] {
            deliver(what, copy);
        });
    }
    wait(what, attempt);
}

void clients::wait(const operation_ptr& what, std::uint64_t attempt) {
    const auto patience = 500ms + world_.random_duration(8s);
    world_.after(patience, [this, what, attempt] {
        if (!what->finished && what->newest_attempt == attempt) {
            // Without a key nothing may be sent again whose outcome is not known.
            what->key ? send(what) : finish(what);
        }
    });
}

void clients::deliver(const operation_ptr& what, std::uint64_t attempt) {
    node* const at = pick_();
    if (at == nullptr) {
        receive(
            what,
            attempt,
            commands::unavailable{.code = "connection_refused", .detail = {}, .retry_after = {}}
        );
        return;
    }
    commands::command_request request;
    request.organization = what->at->organization();
    request.actor = what->draft.actor;
    request.correlation_id = correlation_of(attempt);
    request.if_match = what->draft.if_match;
    if (what->key) {
        request.once =
            commands::request_key{.key = *what->key, .fingerprint = std::to_string(what->number)};
    }
    request.command = std::make_unique<watched_command>(what->draft.make(), history_, attempt);
    world_.note("node {} gets attempt {} of {}", at->number(), attempt, what->number);
    at->execute(
        what->at->partition(),
        std::move(request),
        [this, what, attempt](commands::command_outcome outcome) {
            world_.note("attempt {} of {}: {}", attempt, what->number, in_words(outcome));
            history_.answered(attempt, outcome);
            if (!world_.strikes(world_.rates.loss)) {
                world_.after(
                    world_.packet_delay(),
                    [this, what, attempt, outcome = std::move(outcome)] mutable {
                        receive(what, attempt, std::move(outcome));
                    }
                );
            }
        }
    );
}

void clients::receive(
    const operation_ptr& what, std::uint64_t attempt, commands::command_outcome outcome
) {
    if (what->finished || what->newest_attempt != attempt) {
        return;
    }
    if (const auto* reply = std::get_if<commands::command_reply>(&outcome)) {
        what->at->learn(*reply);
        finish(what);
        return;
    }
    if (std::holds_alternative<commands::refusal>(outcome)) {
        finish(what);
        return;
    }
    const bool may_have_happened =
        std::get<commands::unavailable>(outcome).code == "outcome_unknown";
    if (!what->key && may_have_happened) {
        finish(what);
        return;
    }
    send_again(what);
}

void clients::send_again(const operation_ptr& what) {
    const auto attempt = what->newest_attempt;
    world_.after(20ms + world_.random_duration(500ms), [this, what, attempt] {
        if (!what->finished && what->newest_attempt == attempt) {
            send(what);
        }
    });
}

void clients::finish(const operation_ptr& what) {
    what->finished = true;
    --unfinished_;
}

std::string clients::open_list() const {
    std::string list;
    for (const auto& each : operations_) {
        if (!each->finished) {
            list += fmt::format(
                " {} (partition {}, {} tries)", each->number, each->at->partition(), each->tries
            );
        }
    }
    return list;
}

}  // namespace teamflow::sim
