#pragma once
// A command on its way to the partition that decides it, and what comes back.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <boost/describe/class.hpp>

#include "commands/access.hpp"
#include "commands/command_list.hpp"
#include "commands/decider.hpp"
#include "commands/writer/command_json.hpp"
#include "events/record.hpp"

namespace teamflow::commands {

/// Any command type behind one interface: what the writer needs of it (commands/decider.hpp).
class any_command {
public:
    any_command() = default;
    any_command(const any_command&) = delete;
    any_command& operator=(const any_command&) = delete;
    virtual ~any_command() = default;

    [[nodiscard]] virtual std::string_view name() const = 0;
    [[nodiscard]] virtual std::optional<refusal> check(
        const directory& directory, const context& context
    ) const = 0;
    [[nodiscard]] virtual std::vector<std::string> needs(
        const directory& directory, const context& context
    ) const = 0;
    [[nodiscard]] virtual decision decide_on(const view& view, const context& context) const = 0;
    /// The JSON of the reply, personal fields sealed; empty when there is none (204).
    [[nodiscard]] virtual std::string reply_on(const view& view, const context& context) const = 0;
    /// Appends the command as members of a JSON object (commands/writer/command_json.hpp).
    virtual void write_to(std::string& out) const = 0;
};

template <class Command>
class command_of final : public any_command {
    static_assert(listed_command<Command>, "commands/command_list.hpp lacks this command");

public:
    explicit command_of(Command command) : command_(std::move(command)) {}

    [[nodiscard]] std::string_view name() const override {
        return events::json::type_name<Command>();
    }

    [[nodiscard]] std::optional<refusal> check(const directory& directory, const context& context)
        const override {
        return check_access_to<Command>(directory, context);
    }

    [[nodiscard]] std::vector<std::string> needs(const directory& directory, const context& context)
        const override {
        return streams(command_, directory, context);
    }

    [[nodiscard]] decision decide_on(const view& view, const context& context) const override {
        return decide(command_, view, context);
    }

    [[nodiscard]] std::string reply_on(const view& view, const context& context) const override {
        const auto resource = reply(command_, view, context);
        if constexpr (std::is_same_v<decltype(resource), const no_content>) {
            return {};
        } else {
            return events::json::to_json(resource);
        }
    }

    void write_to(std::string& out) const override { write_command(out, command_); }

private:
    Command command_;
};

/// What makes a request repeatable (E6).
struct request_key {
    /// `<organization>/<user>/<Idempotency-Key>`.
    std::string key;
    /// Keyed hash of method, path and body: the same key with another one is refused.
    std::string fingerprint;
};
BOOST_DESCRIBE_STRUCT(request_key, (), (key, fingerprint))

struct command_request {
    events::organization_id organization;
    /// Nil for process managers, who name themselves in `actor_name`.
    events::user_id actor;
    /// `system:<process manager>`; empty for users.
    std::string actor_name;
    events::uuid correlation_id{};
    std::optional<events::uuid> causation_id;
    std::string traceparent;
    /// Of the HTTP request, for the logs of every process that it passes; may be empty.
    std::string request_id;
    /// The version that the client saw last; another one is refused with version_conflict.
    std::optional<std::int64_t> if_match;
    std::optional<request_key> once;
    /// Shared with what sends it again; never null where it is executed.
    std::shared_ptr<const any_command> command;
};

struct command_reply {
    /// As any_command::reply_on.
    std::string body;
    /// The resource's stream and its version after the command: the ETag.
    std::string stream;
    std::int64_t version = 0;
    /// Of the commit's last record; of the newest record known when nothing had to change.
    events::position at;
    /// True when an earlier request with the same idempotency key did the work.
    bool replayed = false;
};

/// The command was not decided, or is known not to have happened: safe to send again.
struct unavailable {
    std::string code;
    std::string detail;
    std::chrono::seconds retry_after{1};
};

using command_outcome = std::variant<command_reply, refusal, unavailable>;

}  // namespace teamflow::commands
