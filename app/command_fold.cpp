#include "app/command_fold.hpp"

#include <chrono>
#include <iostream>
#include <stdexcept>
#include <stop_token>
#include <thread>

#include "app/signals.hpp"

namespace teamflow::app {

namespace {

void tell_of_brake(bool is_on) {
    std::cerr
        << (is_on ? "teamflow: live read models are behind: this gives way to them\n"
                  : "teamflow: live read models have caught up: this goes on\n");
}

/// Gives sessions up, whatever they wait for, once the process is asked to end: libpq goes on
/// waiting behind a signal.
class interruption_watch {
public:
    interruption_watch() : thread_([this](const std::stop_token& done) { watch(done); }) {}

    [[nodiscard]] std::stop_token given_up() const { return giving_up_.get_token(); }

private:
    void watch(const std::stop_token& done) {
        interruption::leave_to_others();
        while (!done.stop_requested() && !interruption::is_asked()) {
            std::this_thread::sleep_for(look_interval);
        }
        if (interruption::is_asked()) {
            giving_up_.request_stop();
        }
    }

    static constexpr std::chrono::milliseconds look_interval{50};

    std::stop_source giving_up_;
    std::jthread thread_;
};

}  // namespace

void end_if_interrupted() {
    if (interruption::is_asked()) {
        throw std::runtime_error("interrupted: what was made so far is dropped");
    }
}

std::vector<projections::folded_model> fold_for_command(
    const std::string& url,
    const std::string& schema,
    std::span<const projections::projection* const> models,
    const projections::history_part& part
) {
    const interruption_watch watch;
    try {
        return projections::fold_history(
            {url, watch.given_up()},
            schema,
            models,
            part,
            {.between = end_if_interrupted, .gives_way = tell_of_brake}
        );
    } catch (const infra::postgres_error&) {
        // Of a session that was given up.
        end_if_interrupted();
        throw;
    }
}

}  // namespace teamflow::app
