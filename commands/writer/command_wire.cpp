#include "commands/writer/command_wire.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "commands/identity.hpp"
#include "commands/membership.hpp"
#include "commands/organization.hpp"
#include "commands/project.hpp"
#include "commands/read_model.hpp"
#include "commands/task.hpp"
#include "commands/template.hpp"
#include "commands/time_log.hpp"
#include "events/json/parse.hpp"

namespace teamflow::commands {

namespace {

using events::json::problems;

/// A command_request without its command.
struct request_document {
    std::string name;
    events::organization_id organization;
    events::user_id actor;
    std::string actor_name;
    events::uuid correlation_id{};
    std::optional<events::uuid> causation_id;
    std::string traceparent;
    std::optional<std::int64_t> if_match;
    std::optional<request_key> once;
};
BOOST_DESCRIBE_STRUCT(
    request_document,
    (),
    (name,
     organization,
     actor,
     actor_name,
     correlation_id,
     causation_id,
     traceparent,
     if_match,
     once)
)

struct reply_document {
    std::string body;
    std::string stream;
    std::int64_t version = 0;
    events::partition_id partition = 0;
    events::offset offset = -1;
    bool replayed = false;
};
BOOST_DESCRIBE_STRUCT(reply_document, (), (body, stream, version, partition, offset, replayed))

struct unavailable_document {
    std::string code;
    std::string detail;
    std::int64_t retry_after = 1;
};
BOOST_DESCRIBE_STRUCT(unavailable_document, (), (code, detail, retry_after))

/// One of the three, or none of them from a process that does not own the partition.
struct answer_document {
    std::optional<reply_document> reply;
    std::optional<refusal> refused;
    std::optional<unavailable_document> missing;
};
BOOST_DESCRIBE_STRUCT(answer_document, (), (reply, refused, missing))

using command_ptr = std::shared_ptr<const any_command>;
using read_result = std::expected<command_ptr, problems>;

template <class Command>
read_result read_as(const boost::json::value& command, const boost::json::object& prepared) {
    auto read = read_command<Command>(command, prepared);
    if (!read) {
        return std::unexpected(std::move(read.error()));
    }
    return std::make_shared<command_of<Command>>(std::move(*read));
}

struct registered {
    std::string_view name;
    read_result (*read)(const boost::json::value&, const boost::json::object&);
};

template <class... Command>
consteval auto register_all(boost::mp11::mp_list<Command...>) {
    return std::array{registered{events::json::type_name<Command>(), &read_as<Command>}...};
}

constexpr auto registry = register_all(command_types());

consteval bool names_are_unique() {
    auto names = registry;
    std::ranges::sort(names, {}, &registered::name);
    return std::ranges::adjacent_find(names, {}, &registered::name) == names.end();
}

static_assert(names_are_unique(), "two commands have the same name");

problems fault(std::string field, std::string code, std::string message) {
    return {{std::move(field), std::move(code), std::move(message)}};
}

template <class Document>
std::expected<Document, problems> read_document(const boost::json::value& value) {
    return events::json::read<Document>(value);
}

std::expected<boost::json::value, problems> parse(std::string_view text) {
    auto value = events::json::parse(text);
    if (!value) {
        return std::unexpected(fault("", "malformed_json", value.error().message));
    }
    return std::move(*value);
}

answer_document document_of(const command_outcome& outcome) {
    if (const auto* reply = std::get_if<command_reply>(&outcome)) {
        return {
            .reply =
                reply_document{
                    .body = reply->body,
                    .stream = reply->stream,
                    .version = reply->version,
                    .partition = reply->at.partition,
                    .offset = reply->at.at,
                    .replayed = reply->replayed
                }
        };
    }
    if (const auto* refused = std::get_if<refusal>(&outcome)) {
        return {.refused = *refused};
    }
    const auto& missing = std::get<unavailable>(outcome);
    return {
        .missing =
            unavailable_document{
                .code = missing.code,
                .detail = missing.detail,
                .retry_after = missing.retry_after.count()
            }
    };
}

}  // namespace

std::string to_wire(const command_request& request) {
    std::string out = R"({"request":)";
    events::json::write(
        out,
        request_document{
            .name = std::string(request.command->name()),
            .organization = request.organization,
            .actor = request.actor,
            .actor_name = request.actor_name,
            .correlation_id = request.correlation_id,
            .causation_id = request.causation_id,
            .traceparent = request.traceparent,
            .if_match = request.if_match,
            .once = request.once
        }
    );
    out += ',';
    request.command->write_to(out);
    out += '}';
    return out;
}

std::expected<command_request, problems> request_from_wire(std::string_view text) {
    const auto value = parse(text);
    if (!value) {
        return std::unexpected(value.error());
    }
    const auto* whole = value->if_object();
    const auto* head = whole == nullptr ? nullptr : whole->if_contains("request");
    const auto* command = whole == nullptr ? nullptr : whole->if_contains("command");
    const auto* prepared = whole == nullptr ? nullptr : whole->if_contains("prepared");
    if (head == nullptr || command == nullptr || prepared == nullptr || !prepared->is_object() ||
        whole->size() != 3) {
        return std::unexpected(fault("", "wrong_type", "is no forwarded command"));
    }
    auto read = read_document<request_document>(*head);
    if (!read) {
        return std::unexpected(std::move(read.error()));
    }
    const auto* known =
        std::ranges::find(registry, std::string_view(read->name), &registered::name);
    if (known == registry.end()) {
        return std::unexpected(fault("request.name", "not_allowed", "is no command known here"));
    }
    auto made = known->read(*command, prepared->get_object());
    if (!made) {
        return std::unexpected(std::move(made.error()));
    }
    command_request request;
    request.organization = read->organization;
    request.actor = read->actor;
    request.actor_name = std::move(read->actor_name);
    request.correlation_id = read->correlation_id;
    request.causation_id = read->causation_id;
    request.traceparent = std::move(read->traceparent);
    request.if_match = read->if_match;
    request.once = std::move(read->once);
    request.command = std::move(*made);
    return request;
}

std::string to_wire(const owner_answer& answer) {
    return events::json::to_json(answer ? document_of(*answer) : answer_document{});
}

std::expected<owner_answer, problems> answer_from_wire(std::string_view text) {
    const auto value = parse(text);
    if (!value) {
        return std::unexpected(value.error());
    }
    auto read = read_document<answer_document>(*value);
    if (!read) {
        return std::unexpected(std::move(read.error()));
    }
    if (auto& reply = read->reply) {
        return command_outcome(command_reply{
            .body = std::move(reply->body),
            .stream = std::move(reply->stream),
            .version = reply->version,
            .at = {reply->partition, reply->offset},
            .replayed = reply->replayed
        });
    }
    if (auto& refused = read->refused) {
        return command_outcome(std::move(*refused));
    }
    if (auto& missing = read->missing) {
        return command_outcome(unavailable{
            .code = std::move(missing->code),
            .detail = std::move(missing->detail),
            .retry_after = std::chrono::seconds(missing->retry_after)
        });
    }
    return owner_answer();
}

}  // namespace teamflow::commands
