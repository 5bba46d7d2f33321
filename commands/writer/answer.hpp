#pragma once
// What rides with a commit: its envelope, and the answer that a repeated request gets again.

#include <memory>

#include "commands/writer/command.hpp"

namespace teamflow::commands {

/// The record of one event of a decision: everything but its place, its numbers and its ids.
std::shared_ptr<events::record> record_of(
    const command_request& request, const context& context, const events::event& event
);

/// The reply as it is kept in the header of its commit. The body is kept as text inside the JSON,
/// so that it comes back to the letter.
std::string to_answer(const command_reply& reply);

/// The reply of a kept answer, without its position. Throws std::runtime_error when it does not
/// read: the log is damaged.
command_reply from_answer(const std::string& answer);

}  // namespace teamflow::commands
