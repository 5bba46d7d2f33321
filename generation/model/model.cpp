#include "generation/model/model.hpp"

#include <algorithm>
#include <array>

namespace teamflow::generation {

namespace {

constexpr auto types = std::to_array<std::pair<std::string_view, kind>>({
    {"string", kind::string},
    {"text", kind::text},
    {"int", kind::integer},
    {"bigint", kind::bigint},
    {"float", kind::floating},
    {"decimal", kind::decimal},
    {"bool", kind::boolean},
    {"date", kind::date},
    {"datetime", kind::datetime},
    {"time", kind::time},
    {"uuid", kind::uuid},
    {"json", kind::json},
    {"email", kind::email},
    {"url", kind::url},
    {"bytes-ref", kind::reference},
});

template <class T>
const T* find_named(const std::vector<T>& all, std::string_view wanted) {
    const auto found = std::ranges::find(all, wanted, &T::name);
    return found == all.end() ? nullptr : &*found;
}

}  // namespace

bool entity::can(operation wanted) const {
    return !api.operations || std::ranges::find(*api.operations, wanted) != api.operations->end();
}

const field* entity::find_field(std::string_view wanted) const {
    return find_named(fields, wanted);
}

const relation* entity::find_relation(std::string_view wanted) const {
    return find_named(relations, wanted);
}

const relation* entity::find_link(std::string_view wanted) const {
    return find_named(links, wanted);
}

const entity* model::find_entity(std::string_view wanted) const {
    return find_named(entities, wanted);
}

const enumeration* model::find_enum(std::string_view wanted) const {
    return find_named(enums, wanted);
}

std::optional<kind> built_in_kind(std::string_view type) {
    const auto found = std::ranges::find(types, type, &decltype(types)::value_type::first);
    return found == types.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string_view> built_in_types() {
    std::vector<std::string_view> names;
    names.reserve(std::size(types));
    for (const auto& [name, kind] : types) {
        names.push_back(name);
    }
    return names;
}

}  // namespace teamflow::generation
