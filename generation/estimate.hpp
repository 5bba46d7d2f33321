#pragma once
// How large a model is, and how long its generation will take.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "generation/model/model.hpp"

namespace teamflow::generation {

enum class size_class { small, medium, large };
BOOST_DESCRIBE_ENUM(size_class, small, medium, large)

/// `points` weighs the parts by what is generated for them.
struct complexity {
    std::size_t entities = 0;
    std::size_t fields = 0;
    std::size_t relations = 0;
    std::size_t indexes = 0;
    std::size_t checks = 0;
    std::size_t enums = 0;
    /// Entities on the longest way along relations: what a row needs before it can be made.
    std::size_t longest_chain = 0;
    std::size_t points = 0;
    generation::size_class size = size_class::small;
};
BOOST_DESCRIBE_STRUCT(
    complexity,
    (),
    (entities, fields, relations, indexes, checks, enums, longest_chain, points, size)
)

complexity complexity_of(const model& of);

/// What a model of some points took.
struct observation {
    double points = 0;
    double seconds = 0;
};

/// `low` to `high` is where the next measurement is expected; `likely` is the middle.
struct duration_estimate {
    double low = 0;
    double likely = 0;
    double high = 0;
    /// On how many measurements it rests.
    std::size_t observations = 0;
    /// False where the model is larger or smaller than everything that was measured.
    bool within_measured = false;
};
BOOST_DESCRIBE_STRUCT(duration_estimate, (), (low, likely, high, observations, within_measured))

/// A line through the observations (their mean, if there is but one size). The range is as many
/// times wide as the worst of them is off the line, never less than 4/3, and the square of that
/// outside of what was measured. There is one observation at least.
duration_estimate estimate(double points, std::span<const observation> measured);

struct model_estimate {
    generation::complexity complexity;
    /// In seconds.
    duration_estimate generation;
    /// What the figures rest on, and what they do not know.
    std::string basis;
};
BOOST_DESCRIBE_STRUCT(model_estimate, (), (complexity, generation, basis))

/// From the measurements that come with the program.
model_estimate estimate(const model& of);

/// For people.
std::string to_string(const model_estimate& of);

}  // namespace teamflow::generation
