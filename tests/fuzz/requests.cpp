// Query strings and bodies of every route, as anybody may send them: each is read, or refused with
// a problem that says what is wrong and is itself sound JSON.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/serialize.hpp>

#include "events/json/parse.hpp"
#include "events/json/write.hpp"
#include "gateway/api/api.hpp"

namespace {

using namespace teamflow;
using namespace teamflow::gateway;

void expect(bool holds) {
    if (!holds) {
        std::abort();
    }
}

struct place {
    std::string name;
    const route* where;
    std::vector<path_parameter> parameters;
};

std::vector<path_parameter> parameters_of(std::string_view path) {
    constexpr std::string_view id = "01900000-0000-7000-8000-000000000000";
    std::vector<path_parameter> found;
    for (auto open = path.find('{'); open != path.npos; open = path.find('{', open + 1)) {
        found.push_back({path.substr(open + 1, path.find('}', open) - open - 1), id});
    }
    return found;
}

std::vector<place> places_of(const routes& table) {
    std::vector<place> places;
    for (const auto& where : table) {
        if (where.check) {
            auto name = std::string(to_string(where.verb)) + ' ' + where.path;
            places.push_back({std::move(name), &where, parameters_of(where.path)});
        }
    }
    return places;
}

const place& chosen(std::string_view name) {
    static const routes table = all_routes();
    static const std::vector<place> places = places_of(table);
    for (const auto& each : places) {
        if (each.name == name) {
            return each;
        }
    }
    return places[std::hash<std::string_view>{}(name) % places.size()];
}

std::string_view take_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

void check_problem(const problem& refused) {
    expect(refused.status == 400 || refused.status == 422);
    expect(refused.status != 422 || !refused.errors.empty());
    for (const auto& fault : refused.errors) {
        expect(!fault.code.empty() && !fault.message.empty());
    }
    expect(events::json::parse(events::json::to_json(refused)).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// Three parts with newlines between them: the route, `POST /tasks`; the query string; the body. A
/// first line that names no route chooses one all the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view input(reinterpret_cast<const char*>(data), size);
    const place& target = chosen(take_line(input));
    const std::array fields{header_field{"Content-Type", "application/json"}};
    request http;
    http.verb = target.where->verb;
    http.fields = fields;
    http.path_parameters = target.parameters;
    http.query_text = take_line(input);
    http.body = input;
    const auto refused = target.where->check(http);
    if (refused) {
        check_problem(*refused);
        return 0;
    }
    // What is accepted does not depend on how it was written.
    if (http.verb != method::get && !http.body.empty()) {
        const auto value = events::json::parse(http.body);
        expect(value.has_value());
        http.body = boost::json::serialize(*value);
        expect(!target.where->check(http));
    }
    return 0;
}
