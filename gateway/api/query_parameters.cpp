#include "gateway/api/query_parameters.hpp"

#include <algorithm>
#include <charconv>

#include <boost/json/array.hpp>

namespace teamflow::gateway {

namespace {

boost::json::value number_value(std::string_view text) {
    std::int64_t whole = 0;
    const char* end = text.data() + text.size();
    if (std::from_chars(text.data(), end, whole) == std::from_chars_result{end, std::errc()}) {
        return whole;
    }
    double number = 0;
    const bool read = std::from_chars(text.data(), end, number, std::chars_format::fixed) ==
                      std::from_chars_result{end, std::errc()};
    // What is no number stays a text, and the walk says that it is of the wrong type.
    return read ? boost::json::value(number) : boost::json::value(text);
}

boost::json::value flag_value(std::string_view text) {
    if (text == "true" || text == "false") {
        return text == "true";
    }
    return boost::json::value(text);
}

std::string named(std::string_view parameter) {
    return "query." + std::string(parameter);
}

}  // namespace

std::expected<boost::json::object, problem> parameters_as_json(
    const request& http, std::span<const parameter_rule> rules, events::json::problems& faults
) {
    const auto query = http.query();
    if (!query) {
        return std::unexpected(make_problem("malformed_query", std::string(query.error())));
    }
    boost::json::object object;
    for (const auto& [name, value] : query->pairs()) {
        const auto rule = std::ranges::find(rules, name, &parameter_rule::name);
        if (rule == rules.end()) {
            faults.push_back({named(name), "unknown_field", "is not a parameter of this query"});
        } else if (rule->kind == parameter_kind::list) {
            auto& list = object[name];
            list.is_array() ? void() : void(list.emplace_array());
            list.as_array().emplace_back(value);
        } else if (object.contains(name)) {
            faults.push_back({named(name), "repeated", "may be given once"});
        } else if (rule->kind == parameter_kind::number) {
            object[name] = number_value(value);
        } else if (rule->kind == parameter_kind::flag) {
            object[name] = flag_value(value);
        } else {
            object[name] = value;
        }
    }
    return object;
}

problem bad_parameters(events::json::problems faults, events::json::problems found) {
    for (auto& fault : faults) {
        fault.field = named(fault.field);
        found.push_back(std::move(fault));
    }
    auto made = make_problem("validation_failed", "the query has parameters that cannot be used");
    made.errors = std::move(found);
    return made;
}

}  // namespace teamflow::gateway
