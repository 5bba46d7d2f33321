#pragma once
// Described struct to JSON Schema (2020-12): the walk of read.hpp and write.hpp, as a document.

#include <concepts>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "events/json/described.hpp"
#include "events/json/write.hpp"
#include "events/personal.hpp"
#include "events/time.hpp"

namespace teamflow::events::json {

/// The name of T among the schemas: its own, or the `schema_name` that it declares where two types
/// have the same.
template <class T>
constexpr std::string_view schema_name() {
    if constexpr (requires { T::schema_name; }) {
        return T::schema_name;
    } else {
        return type_name<T>();
    }
}

/// How personal text appears: as the log holds it, or opened as clients see it.
enum class personal_form { sealed, text };

/// Writes schemas that share one set of definitions, such as `components/schemas` of an OpenAPI
/// document. Enumerations and the structs of answers become definitions under their unqualified
/// names; the structs inside of a request are written in place, since a request refuses unknown
/// members where an answer may grow.
class schema_writer {
public:
    /// References are `reference_prefix` and a definition's name.
    schema_writer(std::string reference_prefix, personal_form personal)
        : prefix_(std::move(reference_prefix)), personal_(personal) {}

    /// A reference to what write() makes of a T: every member there, null where empty.
    template <class T>
    boost::json::object answer() {
        return output<T>();
    }

    /// A reference to what read() takes for a T: limits, and what may be left out. `elsewhere`
    /// names the members that do not come with the body (those of the path). A struct becomes the
    /// definition of its name, and so must not be an answer too.
    template <class T>
    boost::json::object request(std::span<const std::string_view> elsewhere = {}) {
        if constexpr (is_struct<T>) {
            return define(std::string(schema_name<T>()), struct_of_input<T>(elsewhere));
        } else {
            return input<T>();
        }
    }

    /// The struct's own schema, not a reference to it.
    template <described_struct T>
    boost::json::object answer_in_place() {
        return struct_of_output<T>();
    }

    /// Everything that references name, by name.
    [[nodiscard]] const std::map<std::string, boost::json::object>& definitions() const {
        return definitions_;
    }

    /// Adds a definition and returns a reference to it. The same again is fine; another schema
    /// under a name that is taken throws std::logic_error.
    boost::json::object define(const std::string& name, boost::json::object schema);

private:
    template <class T>
    static constexpr bool is_struct = described_struct<T> && !std::same_as<T, personal>;

    [[nodiscard]] boost::json::object reference_to(std::string_view name) const;

    template <class T>
    boost::json::object output();
    template <class T>
    boost::json::object input();
    /// What reads and writes alike; `element` makes the schemas of what a T consists of.
    template <class T, class Element>
    boost::json::object either(Element&& element);
    /// The rest of either(): limits, lists, absence.
    template <class T, class Element>
    boost::json::object limited(Element&& element);
    template <class T>
    boost::json::object struct_of_output();
    template <class T>
    boost::json::object struct_of_input(std::span<const std::string_view> elsewhere = {});
    boost::json::object personal_text();

    std::string prefix_;
    personal_form personal_;
    std::map<std::string, boost::json::object> definitions_;
};

/// A schema document of its own for what write() makes of a T, with its definitions in `$defs`.
template <described_struct T>
boost::json::object schema(personal_form personal = personal_form::sealed);

/// The same schema, or null.
boost::json::object nullable(boost::json::object schema);

boost::json::object string_schema(std::string_view format = {});

template <class T>
boost::json::object integer_schema() {
    boost::json::object schema{{"type", "integer"}, {"format", sizeof(T) <= 4 ? "int32" : "int64"}};
    if constexpr (std::unsigned_integral<T>) {
        schema["minimum"] = 0;
    }
    return schema;
}

template <described_enum E>
boost::json::object enum_schema() {
    boost::json::array names;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto descriptor) {
        names.emplace_back(enum_name(descriptor.value));
    });
    return {{"type", "string"}, {"enum", std::move(names)}};
}

template <class T, class Element>
boost::json::object schema_writer::either([[maybe_unused]] Element&& element) {
    if constexpr (std::is_same_v<T, bool>) {
        return {{"type", "boolean"}};
    } else if constexpr (std::integral<T>) {
        return integer_schema<T>();
    } else if constexpr (std::is_same_v<T, double>) {
        return {{"type", "number"}};
    } else if constexpr (std::is_same_v<T, std::string>) {
        return string_schema();
    } else if constexpr (is_id<T> || std::is_same_v<T, uuid>) {
        return string_schema("uuid");
    } else if constexpr (std::is_same_v<T, timestamp>) {
        return string_schema("date-time");
    } else if constexpr (std::is_same_v<T, date>) {
        return string_schema("date");
    } else if constexpr (std::is_same_v<T, personal>) {
        return personal_text();
    } else if constexpr (described_enum<T>) {
        return define(std::string(type_name<T>()), enum_schema<T>());
    } else {
        return limited<T>(std::forward<Element>(element));
    }
}

template <class T, class Element>
boost::json::object schema_writer::limited([[maybe_unused]] Element&& element) {
    if constexpr (is_text<T>) {
        return []<std::size_t Min, std::size_t Max>(const text<Min, Max>&) {
            boost::json::object schema = string_schema();
            if (Min > 0) {
                schema["minLength"] = Min;
            }
            schema["maxLength"] = Max;
            return schema;
        }(T{});
    } else if constexpr (is_instance<T, formatted>) {
        return []<class Format>(const formatted<Format>&) {
            boost::json::object schema = string_schema();
            schema["pattern"] = Format::pattern;
            schema["description"] = Format::expected;
            return schema;
        }(T{});
    } else if constexpr (is_within<T>) {
        return [&]<class Number, auto Min, auto Max>(const within<Number, Min, Max>&) {
            boost::json::object schema = element.template operator()<Number>();
            schema["minimum"] = Min;
            schema["maximum"] = Max;
            return schema;
        }(T{});
    } else if constexpr (is_list<T>) {
        return [&]<class E, std::size_t Max>(std::type_identity<list<E, Max>>) {
            return boost::json::object {
                {"type", "array"},
                {"items", element.template operator()<E>()},
                {"maxItems", Max}
            };
        }(std::type_identity<T>{});
    } else if constexpr (is_instance<T, std::vector>) {
        return {
            {"type", "array"},
            {"items", element.template operator()<typename T::value_type>()}
        };
    } else if constexpr (std::is_same_v<T, std::map<std::string, std::string>>) {
        return {{"type", "object"}, {"additionalProperties", string_schema()}};
    } else if constexpr (is_instance<T, std::optional>) {
        return nullable(element.template operator()<typename T::value_type>());
    } else if constexpr (is_instance<T, patch>) {
        return nullable(element.template operator()<decltype(T::value)>());
    } else if constexpr (is_instance<T, replace>) {
        return element.template operator()<typename decltype(T::value)::value_type>();
    } else if constexpr (is_defaulted<T>) {
        boost::json::object schema = element.template operator()<decltype(T::value)>();
        schema["default"] = boost::json::parse(to_json(T{}));
        return schema;
    } else {
        static_assert(
            std::is_same_v<T, boost::json::value> || std::is_same_v<T, raw>,
            "describe the type or teach the walk about it"
        );
        return {};
    }
}

template <class T>
boost::json::object schema_writer::output() {
    if constexpr (is_struct<T>) {
        const std::string name(schema_name<T>());
        return define(name, struct_of_output<T>());
    } else {
        return either<T>([&]<class E> { return this->template output<E>(); });
    }
}

template <class T>
boost::json::object schema_writer::input() {
    if constexpr (is_struct<T>) {
        return struct_of_input<T>();
    } else {
        return either<T>([&]<class E> { return this->template input<E>(); });
    }
}

template <class T>
boost::json::object schema_writer::struct_of_output() {
    boost::json::object properties;
    boost::json::array required;
    for_each_member<T>([&](auto descriptor) {
        using member_type = std::remove_cvref_t<decltype(std::declval<T&>().*descriptor.pointer)>;
        properties[descriptor.name] = output<member_type>();
        if constexpr (!is_instance<member_type, patch> && !is_instance<member_type, replace>) {
            required.emplace_back(descriptor.name);
        }
    });
    return {
        {"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}
    };
}

template <class T>
boost::json::object schema_writer::struct_of_input(std::span<const std::string_view> elsewhere) {
    boost::json::object properties;
    boost::json::array required;
    for_each_member<T>([&](auto descriptor) {
        using member_type = std::remove_cvref_t<decltype(std::declval<T&>().*descriptor.pointer)>;
        if (std::ranges::find(elsewhere, std::string_view(descriptor.name)) != elsewhere.end()) {
            return;
        }
        properties[descriptor.name] = input<member_type>();
        if constexpr (!may_be_absent<member_type>) {
            required.emplace_back(descriptor.name);
        }
    });
    boost::json::object schema{{"type", "object"}, {"properties", std::move(properties)}};
    if (!required.empty()) {
        schema["required"] = std::move(required);
    }
    schema["additionalProperties"] = false;
    return schema;
}

template <described_struct T>
boost::json::object schema(personal_form personal) {
    schema_writer writer("#/$defs/", personal);
    boost::json::object document{{"$schema", "https://json-schema.org/draft/2020-12/schema"}};
    for (auto& member : writer.answer_in_place<T>()) {
        document[member.key()] = member.value();
    }
    boost::json::object definitions;
    for (const auto& [name, definition] : writer.definitions()) {
        definitions[name] = definition;
    }
    if (!definitions.empty()) {
        document["$defs"] = std::move(definitions);
    }
    return document;
}

}  // namespace teamflow::events::json
