#pragma once
// An organization with people, projects and a task: where tests of tasks, time and templates begin.

#include <string>
#include <string_view>

#include "events/json/parse.hpp"
#include "events/json/read.hpp"
#include "tests/support/decider_spec.hpp"

namespace teamflow::tests {

inline const auto ann = make_id<events::user_id>(10);   // owner
inline const auto adam = make_id<events::user_id>(11);  // admin
inline const auto bob = make_id<events::user_id>(12);   // member
inline const auto bea = make_id<events::user_id>(13);   // member
inline const auto vic = make_id<events::user_id>(14);   // viewer
inline const auto gone = make_id<events::user_id>(15);  // a member once
inline const auto stranger = make_id<events::user_id>(16);

inline const auto site = make_id<events::project_id>(20);
inline const auto shop = make_id<events::project_id>(21);
inline const auto attic = make_id<events::project_id>(22);  // archived
inline const auto ruin = make_id<events::project_id>(23);   // deleted

inline const auto page = make_id<events::task_id>(30);
inline const auto menu = make_id<events::task_id>(31);
inline const auto form = make_id<events::task_id>(32);
inline const auto no_task = make_id<events::task_id>(39);

/// The organization with its people and projects; bob acts.
scenario office();

/// A task of the site, to do, of medium priority, with nothing but a title; its rank grows with
/// its id.
events::task_created task_in(events::task_id id, events::project_id project = site);

/// The office with the tasks `page` and `menu`, in this order; bob acts.
scenario desk();

/// A command from the JSON of its members with ' for "; fails the test when it does not read.
template <class Command>
Command command(std::string text) {
    std::ranges::replace(text, '\'', '"');
    INFO(text);
    const auto value = events::json::parse(text);
    REQUIRE(value.has_value());
    auto read = events::json::read<Command>(*value);
    REQUIRE(read.has_value());
    return *std::move(read);
}

/// `{'<name>':'<id>'<more>}`: the command on one resource.
template <class Command, class Id>
Command command_on(std::string_view name, const Id& id, const std::string& more = {}) {
    return command<Command>(
        "{'" + std::string(name) + "':'" + to_string(id) + "'" + (more.empty() ? "" : ",") + more +
        "}"
    );
}

/// `field:code` of every fault of the body of a command.
template <class Command>
std::vector<std::string> faults_of(std::string text) {
    std::ranges::replace(text, '\'', '"');
    const auto value = events::json::parse(text);
    REQUIRE(value.has_value());
    const auto read = events::json::read<Command>(*value);
    std::vector<std::string> seen;
    if (!read) {
        for (const auto& fault : read.error()) {
            seen.push_back(fault.field + ":" + fault.code);
        }
    }
    return seen;
}

/// A moment of the day of noon().
events::timestamp at(std::string_view time_of_day);

}  // namespace teamflow::tests
