#pragma once
// Rows that a checked model allows: the data of generated tests and seeds.

#include <cstddef>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "generation/model/model.hpp"

namespace teamflow::generation {

inline constexpr std::size_t sample_count = 5;

/// Limits of a text's length, or of a number, with what the type itself demands.
struct limits {
    double min = 0;
    double max = 0;
};

limits limits_of(const field& of);

/// Digits of a decimal, in all and behind the point.
int digits_of(const field& of);
int places_of(const field& of);

/// `sample_count` bodies of requests without relations, each field filled; unique fields differ.
/// `problem` says for which field there is no value (its name first), and is empty otherwise.
struct samples {
    std::vector<boost::json::object> rows;
    std::string field;
    std::string problem;
};

samples sample_rows(const model& in, const entity& of);

/// Whether this is a value that a request may have for the field.
bool accepts(const model& in, const field& of, const boost::json::value& value);

}  // namespace teamflow::generation
