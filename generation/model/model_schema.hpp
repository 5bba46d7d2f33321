#pragma once
// The JSON Schema of models, for editors and for whoever makes models.

#include <boost/json/object.hpp>

namespace teamflow::generation {

/// A document of JSON Schema 2020-12, made from the definitions that read_model() reads and checks
/// by. What it refuses, read_model() refuses too. It cannot say what holds between parts of a
/// model: that a relation's entity is there, that names do not meet, that a default keeps limits.
boost::json::object model_json_schema();

}  // namespace teamflow::generation
