#include "generation/regeneration/policy.hpp"

#include <cstddef>

#include <boost/mp11/algorithm.hpp>

#include "events/json/described.hpp"
#include "generation/model/near.hpp"
#include "generation/model/source.hpp"

namespace teamflow::generation {

namespace {

constexpr std::size_t max_policies = 200;
constexpr std::size_t max_stars = 4;

std::vector<std::string_view> policy_names() {
    std::vector<std::string_view> names;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<file_policy>>(
        [&](auto descriptor) { names.push_back(events::json::enum_name(descriptor.value)); }
    );
    return names;
}

std::size_t stars_in(std::string_view pattern) {
    std::size_t count = 0;
    for (const char c : pattern) {
        count += c == '*' ? 1 : 0;
    }
    return count;
}

}  // namespace

std::expected<policies, faults> policies::read(std::string_view text) {
    const auto from = parse_source(text, source_format::yaml);
    if (!from) {
        return std::unexpected(faults{from.error()});
    }
    const auto* const lines = from->value.if_object();
    if (lines == nullptr || lines->size() > max_policies) {
        return std::unexpected(faults{
            {"",
             "wrong_type",
             "must map patterns of paths to policies, at most " + std::to_string(max_policies),
             1}
        });
    }
    policies made;
    faults found;
    for (const auto& line : *lines) {
        const std::string pattern(line.key());
        const std::string name =
            line.value().is_string() ? std::string(line.value().get_string()) : "";
        const auto policy = events::json::enum_value<file_policy>(name);
        if (stars_in(pattern) > max_stars) {
            found.push_back({pattern, "too_long", "has too many stars", from->line_of(pattern)});
        } else if (!policy) {
            const auto known = policy_names();
            found.push_back(
                {pattern,
                 "not_allowed",
                 "`" + name + "` is no policy" + suggestion(name, known),
                 from->line_of(pattern)}
            );
        }
        made.own_.emplace_back(pattern, policy.value_or(file_policy::merge));
    }
    if (!found.empty()) {
        return std::unexpected(std::move(found));
    }
    return made;
}

file_policy policies::of(std::string_view path) const {
    if (path.starts_with(".generator/")) {
        return file_policy::generated;
    }
    for (const auto& [pattern, policy] : own_) {
        if (fits(pattern, path)) {
            return policy;
        }
    }
    return path.starts_with("alembic/versions/") ? file_policy::once : file_policy::merge;
}

bool fits(std::string_view pattern, std::string_view path) {
    if (pattern.empty()) {
        return path.empty();
    }
    if (pattern.front() != '*') {
        return !path.empty() && pattern.front() == path.front() &&
               fits(pattern.substr(1), path.substr(1));
    }
    const bool over_slashes = pattern.starts_with("**");
    const std::string_view rest = pattern.substr(over_slashes ? 2 : 1);
    for (std::size_t taken = 0; taken <= path.size(); ++taken) {
        if (fits(rest, path.substr(taken))) {
            return true;
        }
        if (taken < path.size() && path[taken] == '/' && !over_slashes) {
            return false;
        }
    }
    return false;
}

}  // namespace teamflow::generation
