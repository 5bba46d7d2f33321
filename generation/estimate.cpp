#include "generation/estimate.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "events/json/described.hpp"

namespace teamflow::generation {

namespace {

/// How many times too much or too little an estimate is said to be at least.
constexpr double least_spread = 4.0 / 3;

/// `teamflow generate` of two built-in domains and of four that were made up, the median of five.
constexpr auto generations = std::to_array<observation>(
    {{24, 0.03}, {74, 0.04}, {144, 0.04}, {262, 0.05}, {423, 0.07}, {1699, 0.17}}
);

constexpr const char* basis =
    "measured on two cores with nothing else to do: a busy machine takes several times as long";

/// Entities on the longest way that begins here. Relations go in no circle, but for those of an
/// entity to itself.
std::size_t chain_from(
    const model& in, const entity& of, std::map<std::string, std::size_t>& known
) {
    if (const auto found = known.find(of.name); found != known.end()) {
        return found->second;
    }
    std::size_t longest = 0;
    for (const auto& each : of.relations) {
        if (each.to != of.name) {
            longest = std::max(longest, chain_from(in, *in.find_entity(each.to), known));
        }
    }
    return known[of.name] = longest + 1;
}

size_class class_of(std::size_t points) {
    constexpr std::size_t medium = 100;
    constexpr std::size_t large = 500;
    return points >= large    ? size_class::large
           : points >= medium ? size_class::medium
                              : size_class::small;
}

struct line {
    double begin = 0;
    double slope = 0;

    [[nodiscard]] double at(double points) const { return begin + slope * points; }
};

/// By least squares; what grows with a model does not shrink with it.
line through(std::span<const observation> measured) {
    const auto count = static_cast<double>(measured.size());
    double points = 0;
    double seconds = 0;
    for (const auto& each : measured) {
        points += each.points / count;
        seconds += each.seconds / count;
    }
    double together = 0;
    double alone = 0;
    for (const auto& each : measured) {
        together += (each.points - points) * (each.seconds - seconds);
        alone += (each.points - points) * (each.points - points);
    }
    const double slope = alone > 0 ? std::max(0.0, together / alone) : 0.0;
    return {seconds - slope * points, slope};
}

double positive(double seconds) {
    constexpr double shortest = 1e-3;
    return std::max(seconds, shortest);
}

std::string range(const duration_estimate& of) {
    return fmt::format(
        "{:.3g} s ({:.3g} to {:.3g}), from {} measurements{}",
        of.likely,
        of.low,
        of.high,
        of.observations,
        of.within_measured ? "" : ", none of them of this size"
    );
}

}  // namespace

complexity complexity_of(const model& of) {
    complexity made;
    made.entities = of.entities.size();
    made.enums = of.enums.size();
    std::map<std::string, std::size_t> known;
    for (const auto& each : of.entities) {
        made.fields += each.fields.size();
        made.relations += each.relations.size();
        made.indexes += each.indexes.size();
        made.checks += each.checks.size();
        made.longest_chain = std::max(made.longest_chain, chain_from(of, each, known));
    }
    made.points = 5 * made.entities + made.fields + 2 * made.relations + made.indexes +
                  made.checks + made.enums;
    made.size = class_of(made.points);
    return made;
}

duration_estimate estimate(double points, std::span<const observation> measured) {
    const line fitted = through(measured);
    double spread = least_spread;
    double least = measured.front().points;
    double most = least;
    for (const auto& each : measured) {
        const double ratio = each.seconds / positive(fitted.at(each.points));
        spread = std::max({spread, ratio, 1 / ratio});
        least = std::min(least, each.points);
        most = std::max(most, each.points);
    }
    const bool within = points >= least && points <= most;
    spread = within ? spread : spread * spread;
    const double likely = positive(fitted.at(points));
    return {
        .low = likely / spread,
        .likely = likely,
        .high = likely * spread,
        .observations = measured.size(),
        .within_measured = within
    };
}

model_estimate estimate(const model& of) {
    const complexity found = complexity_of(of);
    const auto points = static_cast<double>(found.points);
    return {.complexity = found, .generation = estimate(points, generations), .basis = basis};
}

std::string to_string(const model_estimate& of) {
    const complexity& found = of.complexity;
    return fmt::format(
        "complexity: {} points ({}): {} entities, {} fields, {} relations, {} indexes, {} checks, "
        "{} enums; the longest chain of relations has {} entities\n"
        "generation: {}\n{}\n",
        found.points,
        events::json::enum_name(found.size),
        found.entities,
        found.fields,
        found.relations,
        found.indexes,
        found.checks,
        found.enums,
        found.longest_chain,
        range(of.generation),
        of.basis
    );
}

}  // namespace teamflow::generation
