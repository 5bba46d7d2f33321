#include "app/command_fold.hpp"

#include <iostream>
#include <stdexcept>

#include "app/signals.hpp"

namespace teamflow::app {

namespace {

void tell_of_brake(bool is_on) {
    std::cerr << (is_on ? "teamflow: live read models are behind: this gives way to them\n"
                        : "teamflow: live read models have caught up: this goes on\n");
}

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
    return projections::fold_history(
        url, schema, models, part, {.between = end_if_interrupted, .gives_way = tell_of_brake}
    );
}

}  // namespace teamflow::app
