#include "app/patterns.hpp"

#include <iostream>

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>

#include "events/json/described.hpp"
#include "generation/readiness.hpp"

namespace teamflow::app {

namespace {

namespace bj = boost::json;

bj::value json_of(const std::optional<double>& figure) {
    return figure ? bj::value(*figure) : bj::value(nullptr);
}

template <class Enum>
bj::array names_of(const std::vector<Enum>& all) {
    bj::array names;
    for (const auto each : all) {
        names.emplace_back(events::json::enum_name(each));
    }
    return names;
}

bj::object json_of(const generation::found_pattern& found) {
    const auto& [what, figures] = found;
    return {
        {"name", what->name},
        {"version", what->version},
        {"category", events::json::enum_name(what->category)},
        {"layer", events::json::enum_name(what->layer)},
        {"summary", what->summary},
        {"requires", bj::value_from(what->requires_)},
        {"options", names_of(what->options)},
        {"placeholders", bj::value_from(what->placeholders())},
        {"paths", bj::value_from(what->paths)},
        {"runs", figures.runs},
        {"at", figures.at ? bj::value(*figures.at) : bj::value(nullptr)},
        {"success_rate", json_of(figures.success_rate)},
        {"test_coverage", json_of(figures.test_coverage)},
        {"security_level", json_of(figures.security_level)},
        {"observability", json_of(figures.observability)},
        {"readiness", json_of(figures.readiness)},
        {"production_ready", figures.readiness.value_or(0) >= generation::ready_from}
    };
}

void print(const std::vector<generation::found_pattern>& all) {
    for (const auto& [what, figures] : all) {
        const std::string readiness =
            figures.readiness ? fmt::format("{:.1f} % of {} runs", *figures.readiness, figures.runs)
                              : "not measured";
        std::cout << fmt::format(
            "{:22} {:22} {:20} {}\n",
            what->name,
            events::json::enum_name(what->category),
            readiness,
            what->summary
        );
    }
}

}  // namespace

int run_patterns(const patterns_arguments& with) {
    const generation::pattern_library library(with.patterns);
    const auto runs =
        with.runs ? generation::read_runs(*with.runs) : std::vector<generation::proof_run>{};
    generation::pattern_query query;
    for (const auto& word : with.words) {
        query.text += word + " ";
    }
    if (with.category) {
        query.in = events::json::enum_value<generation::category>(*with.category);
    }
    query.production_ready = with.production_ready;
    query.top = with.top;
    const auto found = generation::search(library, query, runs);
    if (with.as_json) {
        bj::array all;
        for (const auto& each : found) {
            all.push_back(json_of(each));
        }
        std::cout << bj::serialize(all) << '\n';
    } else {
        print(found);
    }
    if (found.empty()) {
        std::cerr << "teamflow: no pattern is like that\n";
        return 1;
    }
    return 0;
}

}  // namespace teamflow::app
