#pragma once
// Commands and their outcomes as texts between the processes of one instance.

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "commands/writer/command.hpp"

namespace teamflow::commands {

/// The whole request but for `request_id`, which travels beside it.
std::string to_wire(const command_request& request);

/// The request of a text; or every fault, also of a command or member that only a newer or older
/// program knows.
std::expected<command_request, events::json::problems> request_from_wire(std::string_view text);

/// nullopt: this process does not own the partition; the command was not decided.
using owner_answer = std::optional<command_outcome>;

std::string to_wire(const owner_answer& answer);

std::expected<owner_answer, events::json::problems> answer_from_wire(std::string_view text);

}  // namespace teamflow::commands
