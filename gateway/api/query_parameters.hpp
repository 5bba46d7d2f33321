#pragma once
// Query parameters as described structs: the same walk, limits and faults as bodies have.

#include <expected>
#include <span>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "events/json/read.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/http/request.hpp"

namespace teamflow::gateway {

enum class parameter_kind { text, number, flag, list };

struct parameter_rule {
    std::string_view name;
    parameter_kind kind;
};

/// The query as a JSON object that the walk can read; 400 for a malformed query string. Unknown and
/// repeated parameters (only lists may repeat) are added to `faults`, fields named `query.<name>`.
std::expected<boost::json::object, problem> parameters_as_json(
    const request& http, std::span<const parameter_rule> rules, events::json::problems& faults
);

/// 422 with fields named `query.<name>`, behind those that were `found` and are named so already.
problem bad_parameters(events::json::problems faults, events::json::problems found = {});

/// How the parameter of a member type is written in a query string.
template <class T>
constexpr parameter_kind kind_of_parameter() {
    namespace json = events::json;
    if constexpr (json::is_instance<T, std::optional>) {
        return kind_of_parameter<typename T::value_type>();
    } else if constexpr (json::is_defaulted<T> || json::is_within<T>) {
        return kind_of_parameter<decltype(T::value)>();
    } else if constexpr (std::is_same_v<T, bool>) {
        return parameter_kind::flag;
    } else if constexpr (std::is_arithmetic_v<T>) {
        return parameter_kind::number;
    } else if constexpr (json::is_instance<T, std::vector> || json::is_list<T>) {
        return parameter_kind::list;
    } else {
        return parameter_kind::text;
    }
}

/// Reads a described struct of query parameters; all faults at once.
template <class Parameters>
std::expected<Parameters, problem> read_parameters(const request& http) {
    std::vector<parameter_rule> rules;
    events::json::for_each_member<Parameters>([&](auto descriptor) {
        using member =
            std::remove_cvref_t<decltype(std::declval<Parameters&>().*descriptor.pointer)>;
        rules.push_back({descriptor.name, kind_of_parameter<member>()});
    });
    events::json::problems faults;
    auto object = parameters_as_json(http, rules, faults);
    if (!object) {
        return std::unexpected(std::move(object.error()));
    }
    auto parameters = events::json::read<Parameters>(boost::json::value(std::move(*object)));
    if (!parameters) {
        return std::unexpected(bad_parameters(std::move(parameters.error()), std::move(faults)));
    }
    if (!faults.empty()) {
        return std::unexpected(bad_parameters({}, std::move(faults)));
    }
    return std::move(*parameters);
}

}  // namespace teamflow::gateway
