#include "events/json/schema.hpp"

#include <stdexcept>

namespace teamflow::events::json {

namespace bj = boost::json;

bj::object schema_writer::define(const std::string& name, bj::object schema) {
    const auto [entry, added] = definitions_.try_emplace(name, schema);
    if (!added && entry->second != schema) {
        throw std::logic_error("two schemas want the name " + name);
    }
    return reference_to(name);
}

bj::object schema_writer::reference_to(std::string_view name) const {
    return {{"$ref", prefix_ + std::string(name)}};
}

bj::object schema_writer::personal_text() {
    if (personal_ == personal_form::text) {
        return string_schema();
    }
    bj::object schema = struct_of_output<personal>();
    schema["description"] = "Text sealed under the key of this person.";
    return define("personal", std::move(schema));
}

bj::object nullable(bj::object schema) {
    auto* const type = schema.if_contains("type");
    if (type != nullptr && type->is_string() && !schema.contains("enum")) {
        schema["type"] = bj::array{*type, "null"};
        return schema;
    }
    // Whatever stands there already (a reference, a choice) keeps its meaning beside null.
    if (schema.empty() || (type != nullptr && type->is_array())) {
        return schema;
    }
    return {{"anyOf", bj::array{std::move(schema), bj::object{{"type", "null"}}}}};
}

bj::object string_schema(std::string_view format) {
    bj::object schema{{"type", "string"}};
    if (!format.empty()) {
        schema["format"] = format;
    }
    return schema;
}

}  // namespace teamflow::events::json
