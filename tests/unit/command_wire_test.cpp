#include "commands/writer/command_wire.hpp"

#include <cstdint>

#include <catch2/catch.hpp>

#include "commands/identity.hpp"
#include "commands/membership.hpp"
#include "commands/organization.hpp"
#include "commands/project.hpp"
#include "commands/read_model.hpp"
#include "commands/task.hpp"
#include "commands/template.hpp"
#include "commands/time_log.hpp"
#include "events/json/parse.hpp"

using namespace teamflow;
using namespace teamflow::commands;
namespace json = teamflow::events::json;

namespace {

/// Values that differ from each other and from what a member is without one.
class sampler {
public:
    template <class T>
    void fill(T& into) {
        if constexpr (std::is_same_v<T, bool>) {
            into = true;
        } else if constexpr (std::integral<T>) {
            into = static_cast<T>(next());
        } else if constexpr (std::is_same_v<T, double>) {
            into = static_cast<double>(next()) + 0.25;
        } else if constexpr (std::is_same_v<T, std::string>) {
            into = R"(a "text" \ with ü and 🎉, number )" + std::to_string(next());
        } else if constexpr (std::is_same_v<T, events::uuid>) {
            into = events::make_uuid_v7(1'700'000'000'000, next(), next());
        } else if constexpr (json::is_id<T>) {
            fill(into.value);
        } else if constexpr (std::is_same_v<T, events::timestamp>) {
            into = events::timestamp(std::chrono::milliseconds(1'700'000'000'125 + next()));
        } else if constexpr (std::is_same_v<T, events::date>) {
            into =
                std::chrono::year(2026) / std::chrono::November / std::chrono::day(next() % 28 + 1);
        } else if constexpr (json::described_enum<T>) {
            into = last<T>();
        } else {
            fill_wrapped(into);
        }
    }

private:
    template <class T>
    void fill_wrapped(T& into) {
        if constexpr (json::is_instance<T, std::optional>) {
            fill(into.emplace());
        } else if constexpr (json::is_instance<T, json::patch>) {
            into.what = T::action::replace;
            fill(into.value);
        } else if constexpr (json::is_instance<T, json::replace>) {
            fill(into.value.emplace());
        } else if constexpr (json::is_text<T>) {
            into.value = "text " + std::to_string(next());
        } else if constexpr (std::is_same_v<T, project_key>) {
            into.value = "KEY" + std::to_string(next() % 100);
        } else if constexpr (std::is_same_v<T, colour>) {
            into.value = "#1e90ff";
        } else if constexpr (json::is_within<T>) {
            into.value = 7;
        } else if constexpr (json::is_defaulted<T>) {
            fill_other(into.value);
        } else if constexpr (json::is_instance<T, std::vector>) {
            into.resize(2);
            fill(into[0]);
            fill(into[1]);
        } else if constexpr (json::is_list<T>) {
            into.values.resize(2);
            fill(into.values[0]);
            fill(into.values[1]);
        } else if constexpr (std::is_same_v<T, std::map<std::string, std::string>>) {
            fill(into["one"]);
            fill(into["two"]);
        } else {
            json::for_each_member<T>([&](auto descriptor) { fill(into.*descriptor.pointer); });
        }
    }

    /// Something else than the default.
    template <class T>
    void fill_other(T& into) {
        if constexpr (std::is_same_v<T, bool>) {
            into = !into;
        } else {
            fill(into);
        }
    }

    template <class E>
    static E last() {
        E found{};
        boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto descriptor) {
            found = descriptor.value;
        });
        return found;
    }

    std::uint32_t next() { return ++count_; }

    std::uint32_t count_ = 0;
};

template <class Command>
Command sample() {
    Command command{};
    sampler values;
    values.fill(command);
    for_each_prepared_member(command, [&](std::string_view, auto& member) { values.fill(member); });
    return command;
}

template <class Command>
command_request request_with(Command command) {
    command_request request;
    request.command = std::make_shared<command_of<Command>>(std::move(command));
    return request;
}

command_request whole_request() {
    auto request = request_with(sample<create_task>());
    sampler values;
    values.fill(request.organization);
    values.fill(request.actor);
    request.actor_name = "system:registration";
    values.fill(request.correlation_id);
    values.fill(request.causation_id);
    request.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    request.if_match = 7;
    request.once = request_key{.key = "o/u/\"k\"", .fingerprint = "abc"};
    return request;
}

/// What comes out at the other end, written once more.
std::string there_and_back(const command_request& request) {
    const auto read = request_from_wire(to_wire(request));
    REQUIRE(read.has_value());
    CHECK(read->command->name() == request.command->name());
    return to_wire(*read);
}

template <class Command>
void check_round_trip() {
    INFO(json::type_name<Command>());
    const auto full = request_with(sample<Command>());
    CHECK(there_and_back(full) == to_wire(full));
}

template <class... Command>
void check_all(boost::mp11::mp_list<Command...>) {
    (check_round_trip<Command>(), ...);
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), by);
}

owner_answer there_and_back(const owner_answer& answer) {
    auto read = answer_from_wire(to_wire(answer));
    REQUIRE(read.has_value());
    return *std::move(read);
}

}  // namespace

TEST_CASE("every command travels whole", "[wire]") {
    check_all(command_types());
}

TEST_CASE("a command's request travels whole", "[wire]") {
    const auto request = whole_request();
    const auto read = request_from_wire(to_wire(request));
    REQUIRE(read.has_value());
    CHECK(read->organization == request.organization);
    CHECK(read->actor == request.actor);
    CHECK(read->actor_name == request.actor_name);
    CHECK(read->correlation_id == request.correlation_id);
    CHECK(read->causation_id == request.causation_id);
    CHECK(read->traceparent == request.traceparent);
    CHECK(read->if_match == request.if_match);
    CHECK(read->once->key == request.once->key);
    CHECK(read->once->fingerprint == request.once->fingerprint);
}

TEST_CASE("what a patch does not name stays unnamed", "[wire]") {
    edit_task nothing;
    nothing.description.what = json::patch<task_description>::action::clear;
    const auto text = to_wire(request_with(nothing));
    CHECK(text.find(R"("description":null)") != std::string::npos);
    CHECK(text.find("title") == std::string::npos);
    CHECK(there_and_back(request_with(nothing)) == text);
}

TEST_CASE("clear text stays where it is; what was sealed of it travels", "[wire]") {
    const events::personal sealed{.person = {}, .sealed = "c2VhbGVk"};
    start_timer start;
    start.description.emplace().value = "whispered";
    start.sealed_description = sealed;
    add_time_log add;
    add.description.emplace().value = "whispered";
    add.sealed_description = sealed;
    edit_time_log edit;
    edit.description = {json::patch<log_description>::action::replace, {"whispered"}};
    edit.sealed_description = {json::patch<events::personal>::action::replace, sealed};
    for (const auto& text :
         {to_wire(request_with(start)), to_wire(request_with(add)), to_wire(request_with(edit))}) {
        CHECK(text.find("whispered") == std::string::npos);
        CHECK(text.find("c2VhbGVk") != std::string::npos);
    }
}

TEST_CASE("what is no whole command is refused", "[wire]") {
    const auto good = to_wire(whole_request());
    REQUIRE(request_from_wire(good).has_value());
    for (const std::string& bad : {
             std::string(),
             std::string("{}"),
             std::string("[]"),
             std::string("null"),
             good.substr(0, good.size() - 1),
             good + "x",
             replaced(good, "create_task", "make_tea"),
             replaced(good, R"("project_id")", R"("project")"),
             replaced(good, R"("prepared":{)", R"("prepared":{"rank":"a")"),
             replaced(good, R"("prepared":{})", R"("prepared":[])"),
             replaced(good, R"("prepared")", R"("unheard":1,"prepared")"),
             replaced(good, R"("if_match":7)", R"("if_match":"7")"),
             replaced(good, R"("if_match":7)", R"("unheard":7)"),
             replaced(good, R"("organization")", R"("organisation")"),
         }) {
        INFO(bad);
        CHECK(!request_from_wire(bad).has_value());
    }
}

TEST_CASE("every outcome travels whole", "[wire]") {
    SECTION("a reply") {
        const command_reply reply{
            .body = R"({"title":"a \"quoted\" one"})",
            .stream = "task-1",
            .version = 3,
            .at = {.partition = 5, .at = 120},
            .replayed = true
        };
        const auto back = std::get<command_reply>(*there_and_back(command_outcome(reply)));
        CHECK(back.body == reply.body);
        CHECK(back.stream == reply.stream);
        CHECK(back.version == reply.version);
        CHECK(back.at == reply.at);
        CHECK(back.replayed);
    }
    SECTION("a refusal") {
        const refusal refused{
            .code = refusal_code::version_conflict,
            .message = "it has changed",
            .resource = "task",
            .resource_id = "1",
            .errors = {{"title", "required", "is required"}},
            .current_version = 9
        };
        CHECK(std::get<refusal>(*there_and_back(command_outcome(refused))) == refused);
    }
    SECTION("nothing decided") {
        const unavailable missing{
            .code = "overloaded", .detail = "too much", .retry_after = std::chrono::seconds(3)
        };
        const auto back = std::get<unavailable>(*there_and_back(command_outcome(missing)));
        CHECK(back.code == missing.code);
        CHECK(back.detail == missing.detail);
        CHECK(back.retry_after == missing.retry_after);
    }
    SECTION("not the owner") {
        CHECK(!there_and_back(owner_answer()).has_value());
    }
    SECTION("no answer at all") {
        CHECK(!answer_from_wire("").has_value());
        CHECK(!answer_from_wire(R"({"reply":{}})").has_value());
        CHECK(!answer_from_wire(R"({"status":"ok"})").has_value());
    }
}
