#pragma once
// What selects patterns: features of the model, its style, and what somebody wants generated.

#include <set>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <boost/json/object.hpp>

#include "generation/model/model.hpp"

namespace teamflow::generation {

/// A pattern that names some is taken when all of them are on. In views each is the flag
/// `with_<name>`.
enum class option {
    links,
    soft_delete,
    audit,
    versioned,
    jwt,
    enterprise,
    production,
    tests,
    documentation,
    sample_data,
    dockerfiles,
    cicd,
    environment_configs
};
BOOST_DESCRIBE_ENUM(
    option,
    links,
    soft_delete,
    audit,
    versioned,
    jwt,
    enterprise,
    production,
    tests,
    documentation,
    sample_data,
    dockerfiles,
    cicd,
    environment_configs
)

/// Minimal leaves out what an application needs only where others depend on it: monitoring, a
/// shared rate limit, updates of dependencies, the guide to its operation.
enum class composition_mode { production, minimal };
BOOST_DESCRIBE_ENUM(composition_mode, production, minimal)

/// What is wanted beside the code itself.
struct composition {
    composition_mode mode = composition_mode::production;
    bool tests = true;
    bool documentation = true;
    bool sample_data = true;
    bool dockerfiles = true;
    bool cicd = true;
    bool environment_configs = true;
};
BOOST_DESCRIBE_STRUCT(
    composition,
    (),
    (mode, tests, documentation, sample_data, dockerfiles, cicd, environment_configs)
)

using option_set = std::set<option>;

option_set options_of(const model& of, const composition& how);

void add_options(boost::json::object& view, const option_set& options);

}  // namespace teamflow::generation
