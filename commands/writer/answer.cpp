#include "commands/writer/answer.hpp"

#include <stdexcept>

#include "events/json/parse.hpp"
#include "events/json/read.hpp"
#include "events/registry.hpp"

namespace teamflow::commands {

namespace {

struct kept_answer {
    std::string stream;
    std::int64_t version = 0;
    std::string body;
};
BOOST_DESCRIBE_STRUCT(kept_answer, (), (stream, version, body))

}  // namespace

std::shared_ptr<events::record> record_of(
    const command_request& request, const context& context, const events::event& event
) {
    auto record = std::make_shared<events::record>();
    auto& head = record->head;
    head.type = events::type_of(event);
    head.schema_version = events::schema_version_of(event);
    head.organization = request.organization;
    head.actor = request.actor_name.empty() ? to_string(request.actor) : request.actor_name;
    head.time = context.now;
    head.correlation_id = request.correlation_id;
    head.causation_id = request.causation_id;
    head.traceparent = request.traceparent;
    record->data = events::encode(event);
    return record;
}

std::string to_answer(const command_reply& reply) {
    return events::json::to_json(
        kept_answer{.stream = reply.stream, .version = reply.version, .body = reply.body}
    );
}

command_reply from_answer(const std::string& answer) {
    const auto value = events::json::parse(answer);
    auto kept = value
                    ? events::json::read<kept_answer>(*value, events::json::unknown_members::ignore)
                    : std::unexpected(events::json::problems{});
    if (!kept) {
        throw std::runtime_error("the kept answer of a repeated request does not read: " + answer);
    }
    return {
        .body = std::move(kept->body),
        .stream = std::move(kept->stream),
        .version = kept->version,
        .at = {},
        .replayed = true
    };
}

}  // namespace teamflow::commands
