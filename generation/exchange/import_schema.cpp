#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <ranges>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

#include "generation/exchange/exchange.hpp"
#include "generation/exchange/schema_field.hpp"
#include "generation/exchange/schema_reader.hpp"
#include "generation/model/check_model.hpp"
#include "generation/model/names.hpp"
#include "generation/model/prose.hpp"

namespace teamflow::generation {

namespace {

namespace bj = boost::json;

/// Columns that each entity has anyway.
bool is_every_ones(std::string_view field) {
    return field == "id" || field == "created_at" || field == "updated_at";
}

/// The name, or one like it where the application needs it for itself (`offset`, `class`).
std::string free_field_name(const std::string& name) {
    const bool is_free = name.empty() || is_every_ones(name) || field_name_fault(name).empty();
    const std::string other = name + "_value";
    return is_free || !field_name_fault(other).empty() ? name : other;
}

std::string free_entity_name(const std::string& name) {
    const std::string other = name + "Record";
    return entity_name_fault(name).empty() || !entity_name_fault(other).empty() ? name : other;
}

/// A schema that has a name, and what became of it.
struct named_schema {
    std::string name;
    schema_place place;
    schema_view view;
    /// Of the entity or enum; empty if it is neither.
    std::string model_name;
    bool is_enum = false;
};

class schema_importer {
public:
    schema_importer(const source& from, const std::string& app_name)
        : root_(from.value.get_object()), from_(from), in_(from) {
        const std::string name = snake_word(app_name);
        const bool usable = snake_name_fault(name).empty();
        app_ = {{"name", usable ? name : "imported"}};
    }

    std::expected<imported, faults> import() {
        read_head();
        find_named();
        choose_entities();
        for (auto& each : named_) {
            if (!each.model_name.empty() && !each.is_enum) {
                read_entity(each);
            }
        }
        add_lists();
        if (entities_.empty()) {
            in_.refuse("", "not_imported", "has no object with properties to make an entity of");
        }
        if (auto refused = in_.take_refused(); !refused.empty()) {
            return std::unexpected(std::move(refused));
        }
        bj::object document{{"schema", 1}, {"app", std::move(app_)}};
        if (!enums_.empty()) {
            document["enums"] = std::move(enums_);
        }
        document["entities"] = std::move(entities_);
        return imported{{std::move(document), std::move(lines_)}, in_.take_notes()};
    }

private:
    /// A list of references, which is a link unless the other side has the key.
    struct listed_entity {
        std::string entity;
        std::string target;
        std::string name;
        std::string path;
    };

    static schema_place member_of(const schema_place& of, std::string_view key) {
        const auto* const object = of.value == nullptr ? nullptr : of.value->if_object();
        const auto* const value = object == nullptr ? nullptr : object->if_contains(key);
        return value == nullptr ? schema_place{} : schema_place{value, joined_path(of.path, key)};
    }

    void read_head() {
        const schema_place whole{&from_.value, ""};
        if (root_.contains("swagger")) {
            in_.refuse(
                "swagger", "not_imported", "OpenAPI 2 is not read: convert it to 3.0 or 3.1"
            );
        }
        const auto version = member_of(whole, "openapi");
        const auto* const text = version.value == nullptr ? nullptr : version.value->if_string();
        if (version.value != nullptr && (text == nullptr || !text->starts_with("3."))) {
            in_.refuse(version.path, "not_imported", "must be a text such as \"3.1.0\"");
        }
        const auto title = member_of(member_of(whole, "info"), "title");
        if (title.value != nullptr && title.value->is_string()) {
            const std::string_view words = title.value->get_string();
            if (!words.empty() && is_prose(words, max_title)) {
                app_["title"] = words;
            }
        }
        if (root_.contains("paths")) {
            in_.note("paths", "are not read: each entity has the five operations");
        }
    }

    void find_named() {
        const schema_place whole{&from_.value, ""};
        if (root_.contains("properties") || root_.contains("allOf")) {
            const auto title = member_of(whole, "title");
            const bool has_title = title.value != nullptr && title.value->is_string();
            add_named(
                has_title ? std::string(title.value->get_string())
                          : std::string(app_.at("name").get_string()),
                whole
            );
        }
        const schema_place all[]{
            member_of(member_of(whole, "components"), "schemas"),
            member_of(whole, "$defs"),
            member_of(whole, "definitions")
        };
        for (const auto& each : all) {
            if (const auto* const schemas = in_.object(each)) {
                for (const auto& member : *schemas) {
                    const std::string name(member.key());
                    add_named(name, {&member.value(), joined_path(each.path, name)});
                }
            }
        }
    }

    void add_named(const std::string& name, const schema_place& place) {
        if (auto view = in_.view({place})) {
            named_.push_back({name, place, std::move(*view), "", false});
        }
    }

    static bool has_properties(const named_schema& of) {
        // What only refers to another schema is that one.
        return of.view.targets.empty() && !of.view.is_choice &&
               schema_reader::find(of.view, "properties").value != nullptr;
    }

    bool has_id(const named_schema& of) {
        return std::ranges::count(in_.properties(of.view) | std::views::keys, "id") > 0;
    }

    /// What has an `id` is an entity; where nothing has one, every object with properties is.
    void choose_entities() {
        const bool any_id = std::ranges::any_of(named_, [&](const auto& each) {
            return has_properties(each) && has_id(each);
        });
        for (auto& each : named_) {
            if (has_properties(each)) {
                if (!any_id || has_id(each)) {
                    give_name(each);
                    by_schema_[each.place.value] = &each;
                } else {
                    in_.note(each.place.path, "has no `id`: no entity is made of it");
                }
            } else if (auto texts = each.view.targets.empty() ? listed_texts_of(in_, each.view)
                                                              : std::nullopt) {
                each.is_enum = true;
                give_name(each);
                add_enum(each.model_name, *texts, each.place.path);
                by_schema_[each.place.value] = &each;
            }
        }
    }

    void give_name(named_schema& of) {
        of.model_name = free_entity_name(camel_case(snake_word(of.name)));
        if (of.model_name != of.name) {
            in_.note(of.place.path, "becomes " + of.model_name);
        }
        if (!names_.try_emplace(of.model_name, of.place.path).second) {
            in_.refuse(
                of.place.path,
                "name_collision",
                "becomes " + of.model_name + ", as " + names_.at(of.model_name) + " does"
            );
        }
    }

    void add_enum(const std::string& name, const listed_texts& texts, const std::string& path) {
        bj::array values;
        bool changed = false;
        for (const auto& text : texts.values) {
            const std::string value = enum_word(text);
            changed = changed || value != text;
            values.emplace_back(value);
        }
        if (changed) {
            in_.note(path, "its values become lower case");
        }
        lines_["enums." + name] = from_.line_of(path);
        enums_[name] = std::move(values);
    }

    void read_entity(const named_schema& of) {
        const std::string path = "entities." + of.model_name;
        lines_[path] = from_.line_of(of.place.path);
        bj::object made;
        if (const auto description = schema_description(in_, of.view)) {
            made["description"] = *description;
        }
        const auto required = in_.required(of.view);
        entity_ = {path, of.model_name, {}, {}, {}, {}};
        const auto properties = in_.properties(of.view);
        for (const auto& [name, schemas] : properties) {
            if (const auto view = in_.view(schemas)) {
                read_property(name, *view, schemas.front().path, !required.contains(name));
            }
        }
        made["fields"] = std::move(entity_.fields);
        if (!entity_.relations.empty()) {
            made["relations"] = std::move(entity_.relations);
        }
        if (!entity_.checks.empty()) {
            made["checks"] = std::move(entity_.checks);
        }
        entities_[of.model_name] = std::move(made);
    }

    void read_property(
        const std::string& written, const schema_view& view, const std::string& path, bool optional
    ) {
        const std::string name = free_field_name(snake_word(written));
        if (name.empty()) {
            in_.refuse(path, "bad_name", "no name can be made of `" + written + "`");
        } else if (is_every_ones(name)) {
            if (name == "id" &&
                (in_.type(view) != "string" || in_.text(view, "format") != "uuid")) {
                in_.note(path, "becomes a uuid");
            }
        } else if (const auto* const target = target_of(view); target != nullptr) {
            add_relation(name, target->model_name, view, path, optional);
        } else if (const auto* const listed = listed_target(view)) {
            lists_.push_back({entity_.name, listed->model_name, name, path});
        } else if (const auto owner = owner_of(name, view); !owner.empty()) {
            in_.note(path, "is taken for a reference to " + owner);
            add_relation(name, owner, view, path, optional);
        } else {
            add_field(written, name, view, path, optional);
        }
    }

    const named_schema* named_by(const schema_view& view, bool is_enum) const {
        for (const auto* const target : view.targets) {
            const auto found = by_schema_.find(target);
            if (found != by_schema_.end() && found->second->is_enum == is_enum) {
                return found->second;
            }
        }
        return nullptr;
    }

    const named_schema* target_of(const schema_view& view) const { return named_by(view, false); }

    /// The entity that a list's items refer to.
    const named_schema* listed_target(const schema_view& view) {
        const auto items = schema_reader::find(view, "items");
        if (view.is_choice || in_.type(view) != "array" || items.value == nullptr) {
            return nullptr;
        }
        const auto inner = in_.view({items});
        return inner ? target_of(*inner) : nullptr;
    }

    /// `pet_id` refers to the entity Pet, if it is as simple as a key is.
    std::string owner_of(const std::string& name, const schema_view& view) {
        const auto type = in_.type(view);
        if (!name.ends_with("_id") || (type != "string" && type != "integer")) {
            return "";
        }
        const std::string owner = camel_case(name.substr(0, name.size() - 3));
        const auto is_owner = [&](const auto& each) {
            return !each.second->is_enum && each.second->model_name == owner;
        };
        return std::ranges::any_of(by_schema_, is_owner) ? owner : "";
    }

    void add_relation(
        const std::string& property,
        const std::string& target,
        const schema_view& view,
        const std::string& path,
        bool optional
    ) {
        const bool is_key = property.ends_with("_id") && property.size() > 3;
        const std::string name = is_key ? property.substr(0, property.size() - 3) : property;
        if (entity_.relations.contains(name)) {
            in_.note(path, "is left out: the relation `" + name + "` is there");
            return;
        }
        bj::object relation{{"to", target}, {"kind", "many_to_one"}};
        if (!optional && !view.nullable) {
            relation["required"] = true;
        }
        // The description of the schema itself is the other entity's.
        const schema_view own{{view.parts.front()}, {}};
        if (const auto description = schema_description(in_, own)) {
            relation["description"] = *description;
        }
        lines_[entity_.path + ".relations." + name] = from_.line_of(path);
        keys_.emplace(entity_.name, target);
        entity_.relations[name] = std::move(relation);
    }

    void add_field(
        const std::string& written,
        const std::string& name,
        const schema_view& view,
        const std::string& path,
        bool optional
    ) {
        if (name != written) {
            in_.note(path, "becomes " + name);
        }
        if (!entity_.written.try_emplace(name, written).second) {
            in_.refuse(
                path,
                "name_collision",
                "becomes " + name + ", as " + entity_.written[name] + " does"
            );
            return;
        }
        schema_view whole = view;
        const auto enumeration = enum_of(name, whole, path);
        auto field = schema_field_of(in_, whole, path, name, enumeration, optional);
        lines_[entity_.path + ".fields." + name] = from_.line_of(path);
        entity_.fields[name] = std::move(field.document);
        for (const auto& [check, condition] : field.checks) {
            lines_[entity_.path + ".checks." + check] = from_.line_of(path);
            entity_.checks[check] = condition;
        }
    }

    std::optional<std::string> enum_of(
        const std::string& name, schema_view& view, const std::string& path
    ) {
        const auto texts = listed_texts_of(in_, view);
        if (!texts) {
            return std::nullopt;
        }
        view.nullable = view.nullable || texts->has_null;
        if (const auto* const shared = named_by(view, true)) {
            return shared->model_name;
        }
        std::string made = entity_.name + camel_case(name);
        if (!names_.try_emplace(made, path).second) {
            in_.refuse(
                path,
                "name_collision",
                "needs the enum " + made + ", as " + names_.at(made) + " does"
            );
            return std::nullopt;
        }
        add_enum(made, *texts, path);
        return made;
    }

    /// Lists of entities: the other side of a relation, or a link with a table of its own.
    void add_lists() {
        for (const auto& each : lists_) {
            if (keys_.contains({each.target, each.entity})) {
                in_.note(each.path, "is left out: it is the other side of a relation");
                continue;
            }
            keys_.emplace(each.entity, each.target);
            auto& entity = entities_.at(each.entity).as_object();
            auto& relations = entity.emplace("relations", bj::object{}).first->value();
            lines_["entities." + each.entity + ".relations." + each.name] =
                from_.line_of(each.path);
            relations.as_object()[each.name] = {{"to", each.target}, {"kind", "many_to_many"}};
            in_.note(each.path, "becomes a link of many to many");
        }
    }

    /// The entity that is being read.
    struct {
        std::string path;
        std::string name;
        bj::object fields;
        bj::object relations;
        bj::object checks;
        /// The name in the text of each field.
        std::map<std::string, std::string, std::less<>> written;
    } entity_;

    const bj::object& root_;
    const source& from_;
    schema_reader in_;
    std::vector<named_schema> named_;
    std::map<const bj::value*, const named_schema*> by_schema_;
    /// Where each entity and enum comes from.
    std::map<std::string, std::string, std::less<>> names_;
    std::vector<listed_entity> lists_;
    /// From which entity to which there is a relation.
    std::set<std::pair<std::string, std::string>> keys_;
    std::map<std::string, int, std::less<>> lines_;
    bj::object app_;
    bj::object enums_;
    bj::object entities_;
};

}  // namespace

bool is_schema(const source& of) {
    const auto* const root = of.value.if_object();
    return root != nullptr && !root->contains("entities") &&
           std::ranges::any_of(
               std::to_array<std::string_view>(
                   {"openapi", "swagger", "$schema", "$defs", "definitions", "properties"}
               ),
               [&](std::string_view key) { return root->contains(key); }
           );
}

std::expected<imported, faults> import_schema(const source& from, const std::string& app_name) {
    if (!from.value.is_object()) {
        return std::unexpected(faults{{"", "wrong_type", "must be an object", 0}});
    }
    return schema_importer(from, app_name).import();
}

}  // namespace teamflow::generation
