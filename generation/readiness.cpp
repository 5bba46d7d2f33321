#include "generation/readiness.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <ranges>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <tuple>
#include <utility>

#include <boost/json/parse.hpp>

#include "events/json/described.hpp"
#include "events/json/read.hpp"

namespace teamflow::generation {

namespace {

namespace bj = boost::json;
namespace fs = std::filesystem;

/// Options without which an application is not ready for production.
constexpr std::array<std::pair<option, std::string_view>, 8> wanted{{
    {option::jwt, "everybody may read and change everything: set `auth: jwt`"},
    {option::production, "nothing watches it, limits are not shared: use the mode production"},
    {option::tests, "nothing tells when a change breaks it"},
    {option::documentation, "its routes and tables are not described"},
    {option::sample_data, "an empty database stays empty"},
    {option::dockerfiles, "there is no image to deploy"},
    {option::cicd, "nothing checks what is pushed"},
    {option::environment_configs, "its settings are not listed"},
}};

std::string lower(std::string_view text) {
    std::string made(text);
    std::ranges::transform(made, made.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return made;
}

/// 0 where a word is nowhere.
int score_of(const pattern& of, const std::vector<std::string>& words) {
    const std::array<std::pair<std::string, int>, 4> places{{
        {lower(of.name), 8},
        {lower(of.summary), 4},
        {std::string(events::json::enum_name(of.category)), 2},
        {lower(of.text), 1},
    }};
    int score = 1;
    for (const auto& word : words) {
        int found = 0;
        for (const auto& [text, weight] : places) {
            found += text.contains(word) ? weight : 0;
        }
        if (found == 0) {
            return 0;
        }
        score += found;
    }
    return score;
}

[[noreturn]] void refuse(const fs::path& file, const std::string& why) {
    throw std::runtime_error(file.string() + " is no report of `teamflow prove`: " + why);
}

struct run_document {
    std::string at;
    bool passed = false;
    std::optional<double> observability;
    bj::value patterns;
};
BOOST_DESCRIBE_STRUCT(run_document, (), (at, passed, observability, patterns))

template <class T>
T read_part(const fs::path& file, const bj::value& from) {
    auto made = events::json::read<T>(from, events::json::unknown_members::ignore);
    if (!made) {
        const auto& first = made.error().front();
        refuse(file, first.field + " " + first.message);
    }
    return std::move(*made);
}

proof_run read_run(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    boost::system::error_code failure;
    const bj::value whole = bj::parse(text, failure);
    if (failure) {
        refuse(file, failure.message());
    }
    const auto report = read_part<run_document>(file, whole);
    const auto* const patterns = report.patterns.if_object();
    if (patterns == nullptr) {
        refuse(file, "patterns must be an object");
    }
    proof_run made{report.at, report.passed, report.observability, {}};
    for (const auto& member : *patterns) {
        made.patterns.emplace(member.key(), read_part<measured_pattern>(file, member.value()));
    }
    return made;
}

/// A mean of what was measured.
class mean {
public:
    void add(std::optional<double> value) {
        if (value) {
            sum_ += *value;
            count_ += 1;
        }
    }

    [[nodiscard]] std::optional<double> get() const {
        return count_ == 0 ? std::nullopt : std::optional(sum_ / static_cast<double>(count_));
    }

private:
    double sum_ = 0;
    std::size_t count_ = 0;
};

std::optional<double> readiness_of(const pattern_figures& of) {
    double sum = 0;
    double weights = 0;
    for (const auto& [value, weight] : {
             std::pair(of.success_rate, 40),
             std::pair(of.test_coverage, 30),
             std::pair(of.security_level, 20),
             std::pair(of.observability, 10),
         }) {
        sum += value.value_or(0) * weight;
        weights += value ? weight : 0;
    }
    return of.runs == 0 ? std::nullopt : std::optional(sum / weights);
}

}  // namespace

std::vector<lack> lacks_of(const pattern_library& patterns, const option_set& options) {
    std::vector<lack> all;
    for (const auto& [each, why] : wanted) {
        if (options.contains(each)) {
            continue;
        }
        lack one{std::string(events::json::enum_name(each)), std::string(why), {}};
        for (const auto& pattern : patterns.all()) {
            if (std::ranges::find(pattern.options, each) != pattern.options.end()) {
                one.patterns.push_back(pattern.name);
            }
        }
        all.push_back(std::move(one));
    }
    return all;
}

std::vector<proof_run> read_runs(const fs::path& place) {
    std::vector<fs::path> files;
    if (fs::is_directory(place)) {
        for (const auto& entry : fs::directory_iterator(place)) {
            if (entry.path().extension() == ".json") {
                files.push_back(entry.path());
            }
        }
        std::ranges::sort(files);
    } else {
        files.push_back(place);
    }
    std::vector<proof_run> runs;
    runs.reserve(files.size());
    for (const auto& each : files) {
        runs.push_back(read_run(each));
    }
    return runs;
}

pattern_figures figures_of(const pattern& of, std::span<const proof_run> runs) {
    const std::string origin = of.name + "@" + std::to_string(of.version);
    pattern_figures made;
    mean success;
    mean coverage;
    mean security;
    mean observability;
    for (const auto& run : runs) {
        const auto found = run.patterns.find(origin);
        if (found == run.patterns.end()) {
            continue;
        }
        made.runs += 1;
        made.at = std::max(made.at.value_or(""), run.at);
        success.add(run.passed ? 100.0 : 0.0);
        coverage.add(found->second.coverage);
        if (found->second.findings) {
            security.add(*found->second.findings == 0 ? 100.0 : 0.0);
        }
        observability.add(run.observability);
    }
    made.success_rate = success.get();
    made.test_coverage = coverage.get();
    made.security_level = security.get();
    made.observability = observability.get();
    made.readiness = readiness_of(made);
    return made;
}

std::vector<found_pattern> search(
    const pattern_library& in, const pattern_query& query, std::span<const proof_run> runs
) {
    std::istringstream text(lower(query.text));
    const std::vector<std::string> words{std::istream_iterator<std::string>(text), {}};
    std::vector<std::pair<int, found_pattern>> matches;
    for (const auto& each : in.all()) {
        const int score = score_of(each, words);
        if (score == 0 || (query.in && each.category != *query.in)) {
            continue;
        }
        found_pattern found{&each, figures_of(each, runs)};
        if (!query.production_ready || found.figures.readiness.value_or(0) >= ready_from) {
            matches.emplace_back(score, std::move(found));
        }
    }
    std::ranges::sort(matches, {}, [](const auto& match) {
        return std::tuple(-match.first, match.second.what->name);
    });
    std::vector<found_pattern> best;
    for (auto& [score, found] : matches | std::views::take(query.top)) {
        best.push_back(std::move(found));
    }
    return best;
}

}  // namespace teamflow::generation
