#pragma once
// One property of a schema as a field of a model.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "generation/exchange/schema_reader.hpp"

namespace teamflow::generation {

struct schema_field {
    boost::json::object document;
    /// Name and condition of what only a check can say.
    std::vector<std::pair<std::string, std::string>> checks;
};

/// The texts that are allowed, if the schema lists them; null among them is not in the list. What
/// is listed and is no text is noted, and then nothing is returned.
struct listed_texts {
    std::vector<std::string> values;
    bool has_null = false;
};

std::optional<listed_texts> listed_texts_of(schema_reader& in, const schema_view& of);

/// `path` is where the property stands, `name` that of the field; `enumeration` the model's enum,
/// if the schema lists texts. The result may be null, and so has `nullable`, where the schema says
/// so or where it is `optional` and nothing is there by default. What has no words in a model is
/// noted: lists and objects become json.
schema_field schema_field_of(
    schema_reader& in,
    const schema_view& of,
    const std::string& path,
    const std::string& name,
    const std::optional<std::string>& enumeration,
    bool optional
);

/// The description in one line, if it is one that a model can have.
std::optional<std::string> schema_description(schema_reader& in, const schema_view& of);

/// A value of an enum: as it is if a model may have it, otherwise in snake_case.
std::string enum_word(std::string_view text);

/// Any name as snake_case: `petId`, `pet-id` and `Pet ID` to `pet_id`. Empty if nothing is left.
std::string snake_word(std::string_view name);

}  // namespace teamflow::generation
