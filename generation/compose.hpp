#pragma once
// From a model and the pattern library to the files of an application.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "generation/model/model.hpp"
#include "generation/pattern.hpp"

namespace teamflow::generation {

/// A file of the application. `path` is relative and has only forward slashes; `origin` is
/// `pattern@version`, or `generator` for what it writes about itself.
struct generated_file {
    std::string path;
    std::string content;
    std::string origin;
    bool executable = false;
    /// The one that it was made for; empty for a file of the application as a whole.
    std::string entity = {};
};

/// Called with each file as it is made; returns false to stop.
using take_file = std::function<bool(generated_file)>;

/// Makes the files of a checked model, layer by layer, by those patterns whose options are on, then
/// `.generator/app.json` (the canonical model) and `.generator/manifest.json` (the origin and hash
/// of each file). The same model and patterns give the same bytes. Returns false if it was stopped.
/// Throws std::runtime_error with the pattern's name where a pattern cannot be filled in, lacks
/// another one that it requires, or wants the path of another one.
bool compose(
    const model& of,
    const pattern_library& patterns,
    const take_file& take,
    const composition& how = {}
);

/// All of them.
std::vector<generated_file> compose(
    const model& of, const pattern_library& patterns, const composition& how = {}
);

/// The names of the built-in domains, and the YAML of one; empty if there is none.
std::vector<std::string_view> domain_names();
std::string_view domain_source(std::string_view name);

}  // namespace teamflow::generation
