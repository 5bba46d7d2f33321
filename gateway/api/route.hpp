#pragma once
// The rows of the table of routes: a description that OpenAPI, authorization and metrics read, and
// a handler. command() and query() make nearly all of them.

#include <concepts>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "commands/writer/command.hpp"
#include "events/json/read.hpp"
#include "events/json/schema.hpp"
#include "gateway/api/call.hpp"
#include "gateway/api/query_parameters.hpp"
#include "gateway/http/handler.hpp"

namespace teamflow::gateway {

using schema_of = std::function<boost::json::object(events::json::schema_writer&)>;

/// One route. Paths are below /api/v1 unless `is_root`.
struct route {
    method verb = method::get;
    std::string path;
    access who = access::anyone;
    std::string summary;
    unsigned success = 200;
    /// What the OpenAPI document groups by; the first segment of the path.
    std::string tag;
    schema_of body;
    schema_of answer;
    schema_of parameters;
    /// Codes of errors of its own, beside those that every route has.
    std::vector<std::string> errors;
    /// A command: takes Idempotency-Key and If-Match, answers with ETag and Event-Position.
    bool is_command = false;
    /// A query that answers with an ETag.
    bool has_version = false;
    /// A query that waits for Min-Position and answers with Event-Position.
    bool has_position = false;
    /// For everybody, but who signs in with a Bearer token is known.
    bool may_sign_in = false;
    bool is_websocket = false;
    /// A stream that browsers follow without headers: a ticket stands for the token. It is a member
    /// `ticket` of `parameters`.
    bool takes_ticket = false;
    bool is_root = false;
    /// Answers 503 with what it answers 200 with.
    bool tells_failure = false;
    /// For what takes longer than others: milliseconds until it is answered 503.
    std::optional<std::uint32_t> answer_limit;
    /// Media types that it can answer with, without parameters, the default first; empty for one
    /// without a body. What the client accepts none of is refused before the handler (406).
    std::vector<std::string_view> media;
    std::function<task<response>(call&)> handle;
    /// What is wrong with the query and the body by themselves, before anything is looked up: pure,
    /// for tests of all routes. Absent where a handler reads them its own way.
    std::function<std::optional<problem>(const request&)> check;
};

using routes = std::vector<route>;

/// A command without a body; it may come with an empty one or with `{}`.
struct no_body {};
BOOST_DESCRIBE_STRUCT(no_body, (), ())

/// How a command answers.
struct command_answer {
    unsigned status = 200;
    /// For 201: the collection under which the new resource is found, `/tasks`.
    std::string location = {};
    std::vector<std::string> errors = {};
    /// Completes the reply with what only read models know, such as totals; may be empty.
    std::function<task<std::string>(call&, std::string)> complete = {};
};

/// Members of a command that come from the path: path parameter, member.
using path_members = std::vector<std::pair<std::string_view, std::string_view>>;

/// The access that a command's role asks for.
constexpr access access_of(events::role least) {
    return static_cast<access>(static_cast<int>(access::viewer) + static_cast<int>(least));
}

/// The JSON value of a body, or 400 and 415. A missing body is `{}`.
std::expected<boost::json::value, problem> parse_body(const request& http);

/// What a command is read from: the body's object with the path's values in it.
struct command_source {
    boost::json::value value;
    /// Members that the path alone may give, and query parameters, which commands have none of.
    events::json::problems faults;
};

/// A problem when the body is no JSON object or the query string is malformed.
std::expected<command_source, problem> read_source(
    const request& http, const path_members& from_path
);

problem validation_problem(events::json::problems errors);
problem validation_problem(events::json::problems found, events::json::problems more);
problem to_problem(const commands::refusal& refused);

/// Sends the command to its writer and answers as api.md says: status, Location, ETag,
/// Event-Position, Idempotency-Replayed. `fingerprint` is what makes equal requests equal.
task<response> run_command(
    call& under_way,
    std::unique_ptr<commands::any_command> command,
    std::string fingerprint,
    const command_answer& how
);

/// Event-Position over several positions: the newest of each partition, none of empty ones.
std::string join_positions(std::vector<events::position> reached);

/// Opens the personal fields of a JSON text on its way out.
task<std::string> open_personal(services& with, std::string json);

/// Waits for Min-Position. A problem when the read models do not reach it in time.
task<std::optional<problem>> wait_for_position(
    call& under_way, std::vector<std::string> projections
);

/// Waits until the archive of the log holds Min-Position. A problem when it does not in time.
task<std::optional<problem>> wait_for_archive(call& under_way);

/// The position up to which these projections, and the archive of the log if it is read too, are
/// known to have read the caller's organization.
std::string read_position_of(
    const call& under_way, std::span<const std::string> projections, bool reads_archive = false
);

/// What a query found.
template <class Answer>
struct found {
    Answer value;
    /// The resource's version, for its ETag.
    std::optional<std::int64_t> version;
    /// Up to where it read the history itself; empty for what read models tell.
    std::vector<events::position> at = {};
};

template <class Answer>
using query_result = std::expected<found<Answer>, problem>;

template <class Answer>
found<Answer> just(Answer value) {
    return {std::move(value), std::nullopt};
}

/// Completes a command with what a pure decision cannot get itself (sealed text, a neighbour's
/// rank), or refuses it.
template <class Command>
using prepare = std::function<task<std::optional<problem>>(call&, Command&)>;

/// A route that issues a command, whose members are the request: those of the path as `from_path`
/// says, all others of the body. What reply() returns is the answer.
template <class Command>
route command(
    method verb,
    std::string path,
    std::string summary,
    command_answer how = {},
    path_members from_path = {},
    prepare<Command> complete = {}
) {
    using Reply = decltype(reply(
        std::declval<const Command&>(),
        std::declval<const commands::view&>(),
        std::declval<const commands::context&>()
    ));
    route made;
    made.verb = verb;
    made.path = std::move(path);
    made.summary = std::move(summary);
    made.success = std::is_same_v<Reply, commands::no_content> ? 204 : how.status;
    made.errors = how.errors;
    made.is_command = true;
    made.who = access::member;
    if constexpr (requires { Command::allowed; }) {
        made.who = access_of(Command::allowed);
    }
    std::vector<std::string_view> elsewhere;
    for (const auto& [parameter, member] : from_path) {
        elsewhere.push_back(member);
    }
    if (boost::mp11::mp_size<events::json::members_of<Command>>::value > elsewhere.size()) {
        made.body = [elsewhere](events::json::schema_writer& out) {
            return out.request<Command>(elsewhere);
        };
    }
    if constexpr (!std::is_same_v<Reply, commands::no_content>) {
        made.answer = [](events::json::schema_writer& out) { return out.answer<Reply>(); };
        made.media = {media::json};
    }
    made.check = [from_path](const request& http) {
        return problem_of(read_command<Command>(http, from_path));
    };
    made.handle = [how = std::move(how),
                   from_path = std::move(from_path),
                   complete = std::move(complete)](call& under_way) {
        return handle_command<Command>(under_way, how, from_path, complete);
    };
    return made;
}

template <class Command>
task<response> handle_command(
    call& under_way,
    const command_answer& how,
    const path_members& from_path,
    const prepare<Command>& complete
) {
    auto read = read_command<Command>(under_way.http, from_path);
    if (!read) {
        co_return to_response(std::move(read.error()), under_way.http.request_id);
    }
    std::string fingerprint;
    if (under_way.idempotency_key) {
        events::json::write(fingerprint, *read);
    }
    if (complete) {
        auto refused = co_await complete(under_way, *read);
        if (refused) {
            co_return to_response(std::move(*refused), under_way.http.request_id);
        }
    }
    auto issued = std::make_unique<commands::command_of<Command>>(std::move(*read));
    co_return co_await run_command(under_way, std::move(issued), std::move(fingerprint), how);
}

/// Reads a command of path and body, all bad fields at once.
template <class Command>
std::expected<Command, problem> read_command(const request& http, const path_members& from_path) {
    auto source = read_source(http, from_path);
    if (!source) {
        return std::unexpected(std::move(source.error()));
    }
    auto made = events::json::read<Command>(source->value);
    if (!made) {
        return std::unexpected(
            validation_problem(std::move(source->faults), std::move(made.error()))
        );
    }
    if (!source->faults.empty()) {
        return std::unexpected(validation_problem(std::move(source->faults)));
    }
    return std::move(*made);
}

/// The problem of a reading that failed.
template <class T>
std::optional<problem> problem_of(std::expected<T, problem> read) {
    return read ? std::nullopt : std::optional(std::move(read.error()));
}

/// A route with a handler of its own, for what is no command: `act(call&, Body)` returns
/// task<response>. Answer is what its body holds (no_body: none).
template <class Body, class Answer, class Act>
route action(
    method verb, std::string path, access who, std::string summary, unsigned status, Act act
) {
    route made;
    made.verb = verb;
    made.path = std::move(path);
    made.who = who;
    made.summary = std::move(summary);
    made.success = status;
    if constexpr (!std::is_same_v<Body, no_body>) {
        made.body = [](events::json::schema_writer& out) { return out.request<Body>(); };
    }
    if constexpr (!std::is_same_v<Answer, no_body>) {
        made.answer = [](events::json::schema_writer& out) { return out.answer<Answer>(); };
        made.media = {media::json};
    }
    made.check = [](const request& http) { return problem_of(read_command<Body>(http, {})); };
    made.handle = [act](call& under_way) { return handle_action<Body>(under_way, act); };
    return made;
}

template <class Body, class Act>
task<response> handle_action(call& under_way, Act act) {
    auto body = read_command<Body>(under_way.http, {});
    if (!body) {
        co_return to_response(std::move(body.error()), under_way.http.request_id);
    }
    co_return co_await act(under_way, std::move(*body));
}

/// What a query reads, beside its path: `projections` are those whose tables it reads (for
/// Min-Position and Event-Position).
struct query_source {
    std::vector<std::string> projections;
    std::vector<std::string> errors = {};
    /// It reads events too, from the archive of the log.
    bool reads_archive = false;
    /// The answer is one resource, with its version as ETag.
    bool has_version = false;
    /// It waits by itself and tells in found::at up to where it has read.
    bool tells_position = false;
};

/// A GET of read models. Parameters is a described struct of query parameters (no_body: none);
/// `ask(call&, Parameters)` returns task<query_result<Answer>>.
template <class Parameters, class Answer, class Ask>
route query(std::string path, access who, std::string summary, query_source from, Ask ask) {
    route made;
    made.verb = method::get;
    made.path = std::move(path);
    made.who = who;
    made.summary = std::move(summary);
    made.errors = from.errors;
    made.has_version = from.has_version;
    made.has_position = from.tells_position || from.reads_archive || !from.projections.empty();
    made.answer = [](events::json::schema_writer& out) { return out.answer<Answer>(); };
    made.media = {media::json};
    if constexpr (!std::is_same_v<Parameters, no_body>) {
        made.parameters = [](events::json::schema_writer& out) {
            return out.request<Parameters>();
        };
    }
    made.check = [](const request& http) { return problem_of(read_parameters<Parameters>(http)); };
    made.handle = [from = std::move(from), ask](call& under_way) -> task<response> {
        return handle_query<Parameters, Answer>(under_way, from, ask);
    };
    return made;
}

template <class Parameters, class Answer, class Ask>
task<response> handle_query(call& under_way, const query_source& from, Ask ask) {
    auto parameters = read_parameters<Parameters>(under_way.http);
    if (!parameters) {
        co_return to_response(std::move(parameters.error()), under_way.http.request_id);
    }
    auto behind = co_await wait_for_position(under_way, from.projections);
    if (!behind && from.reads_archive) {
        behind = co_await wait_for_archive(under_way);
    }
    if (behind) {
        co_return to_response(std::move(*behind), under_way.http.request_id);
    }
    // Taken before the query runs: what it then sees is at least as new.
    std::string position = read_position_of(under_way, from.projections, from.reads_archive);
    query_result<Answer> result = co_await ask(under_way, std::move(*parameters));
    if (!result) {
        co_return to_response(std::move(result.error()), under_way.http.request_id);
    }
    std::string text;
    events::json::write(text, result->value);
    text = co_await open_personal(under_way.with, std::move(text));
    auto answer = json_response(200, std::move(text));
    if (!result->at.empty()) {
        position = join_positions(std::move(result->at));
    }
    if (!position.empty()) {
        answer.add_header("Event-Position", position);
    }
    if (result->version) {
        answer.add_header("ETag", '"' + std::to_string(*result->version) + '"');
    }
    co_return answer;
}

}  // namespace teamflow::gateway
