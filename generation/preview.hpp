#pragma once
// What would be generated, without writing it.

#include <cstddef>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "generation/compose.hpp"
#include "generation/model/model.hpp"
#include "generation/pattern.hpp"

namespace teamflow::generation {

struct previewed_file {
    std::string path;
    std::string origin;
    std::size_t bytes = 0;
    std::size_t lines = 0;
};
BOOST_DESCRIBE_STRUCT(previewed_file, (), (path, origin, bytes, lines))

/// The files of an entity, or those of the application as a whole (`entity` is empty), by path.
struct previewed_group {
    std::string entity;
    std::vector<previewed_file> files;
};
BOOST_DESCRIBE_STRUCT(previewed_group, (), (entity, files))

struct preview {
    std::size_t files = 0;
    std::size_t bytes = 0;
    std::size_t lines = 0;
    /// The application first, then the entities in the order of the model.
    std::vector<previewed_group> groups;
};
BOOST_DESCRIBE_STRUCT(preview, (), (files, bytes, lines, groups))

/// Composes all files and keeps their sizes: nothing in it is guessed.
preview preview_of(const model& of, const pattern_library& patterns, const composition& how = {});

/// A table for people: each group with its files, the sum first.
std::string to_string(const preview& of);

}  // namespace teamflow::generation
