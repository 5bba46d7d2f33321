#include "generation/model/check_model.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "generation/model/check_extras.hpp"
#include "generation/model/check_field.hpp"
#include "generation/model/condition.hpp"
#include "generation/model/names.hpp"
#include "generation/model/near.hpp"
#include "generation/model/prose.hpp"
#include "generation/model/read_model.hpp"
#include "generation/model/samples.hpp"

namespace teamflow::generation {

namespace {

/// What PostgreSQL cuts names to.
constexpr std::size_t max_identifier = 63;

/// Kinds whose limits become a type of their own in the schemas.
bool has_alias(kind what) {
    return what == kind::string || what == kind::text || what == kind::integer ||
           what == kind::bigint || what == kind::floating || what == kind::decimal;
}

bool can_be_filtered(kind what) {
    return what != kind::text && what != kind::json && what != kind::floating &&
           what != kind::decimal && what != kind::time;
}

bool can_be_created(const entity& of) {
    return of.can(operation::create);
}

bool can_be_sorted(kind what) {
    return what != kind::text && what != kind::json;
}

class checker {
public:
    explicit checker(model& of) : model_(of) {}

    faults check() {
        check_app();
        check_enums();
        if (model_.entities.empty()) {
            add("entities", "empty", "a model needs an entity at least");
        } else if (model_.entities.size() > max_entities) {
            add("entities", "too_many", "at most " + std::to_string(max_entities) + " are taken");
        } else {
            check_entities();
            if (std::ranges::none_of(model_.entities, can_be_created)) {
                add("entities", "nothing_to_create", "no entity has the operation `create`");
            }
        }
        return std::move(faults_);
    }

private:
    void add(std::string path, std::string code, std::string message) {
        faults_.push_back({std::move(path), std::move(code), std::move(message), 0});
    }

    void name_fault(const std::string& path, const std::string& why) {
        if (!why.empty()) {
            add(path, "bad_name", "the name " + why);
        }
    }

    void prose(
        const std::string& path,
        const std::optional<std::string>& text,
        std::size_t max = max_description
    ) {
        if (text && !is_prose(*text, max)) {
            add(path,
                "bad_text",
                "must be one line of at most " + std::to_string(max) +
                    " bytes without control characters");
        }
    }

    void check_app() {
        const app& of = model_.app;
        if (const auto why = snake_name_fault(of.name); !why.empty()) {
            add("app.name", "bad_name", why);
        }
        prose("app.title", of.title, max_title);
        prose("app.description", of.description);
        if (of.title && of.title->empty()) {
            add("app.title", "empty", "must not be empty");
        }
        if (of.version && !is_version(*of.version)) {
            add("app.version", "bad_format", "must be three numbers, such as 0.1.0");
        }
        if (of.python && std::ranges::find(pythons, *of.python) == pythons.end()) {
            add("app.python", "not_allowed", "must be one of \"3.11\", \"3.12\", \"3.13\"");
        }
        if (of.api_prefix && !is_path(*of.api_prefix)) {
            add("app.api_prefix",
                "bad_format",
                "must be a path of at most " + std::to_string(max_path) +
                    " characters, a-z, 0-9 and -, as /api/v1");
        }
    }

    /// Classes of one module must not meet, whatever they come from.
    void claim(const std::string& spelling, const std::string& path, const std::string& by) {
        const auto [entry, added] = classes_.try_emplace(spelling, by);
        if (!added) {
            add(path,
                "name_collision",
                "needs the class `" + spelling + "`, as " + entry->second + " does: rename one");
        }
    }

    void check_enums() {
        for (const auto& each : model_.enums) {
            const std::string path = "enums." + each.name;
            name_fault(path, entity_name_fault(each.name));
            claim(each.name, path, path);
            if (each.values.empty() || each.values.size() > max_enum_values) {
                add(path,
                    "bad_length",
                    "must have 1 to " + std::to_string(max_enum_values) + " values");
            }
            if (built_in_kind(each.name)) {
                add(path, "bad_name", "is a built-in type: choose another name");
            }
            std::set<std::string> members;
            for (std::size_t i = 0; i < each.values.size(); ++i) {
                const std::string at = path + "." + std::to_string(i);
                if (const auto why = enum_value_fault(each.values[i]); !why.empty()) {
                    add(at, "bad_name", why);
                } else if (!members.insert(upper_case(each.values[i])).second) {
                    add(at, "duplicate", "stands twice, but for `-` and `_`");
                }
            }
        }
    }

    void check_entities() {
        for (const auto& each : model_.entities) {
            entity_names_.push_back(each.name);
        }
        std::map<std::string, std::string> tables;
        for (auto& each : model_.entities) {
            const std::string path = "entities." + each.name;
            if (const auto why = entity_name_fault(each.name); !why.empty()) {
                name_fault(path, why);
                continue;
            }
            for (const char* suffix :
                 {"", "Create", "Update", "Query", "Entity", "Repository", "Service"}) {
                claim(each.name + suffix, path, path);
            }
            prose(path + ".description", each.description);
            if (each.plural) {
                if (const auto why = snake_name_fault(*each.plural); !why.empty()) {
                    add(path + ".plural", "bad_name", why);
                }
            }
            const std::string table = table_of(each);
            const auto [entry, added] = tables.try_emplace(table, each.name);
            if (!added || table == "health" || table == "metrics" || table == "base") {
                add(path,
                    "name_collision",
                    "its plural `" + table + "` is taken by " +
                        (added ? "the application" : entry->second) + ": set another `plural`");
            }
            check_fields(each, path);
            check_relations(each, path);
            check_columns(each, path);
            check_api(each, path + ".api");
        }
        check_extras(model_, [this](std::string where, std::string code, std::string message) {
            add(std::move(where), std::move(code), std::move(message));
        });
        if (faults_.empty()) {
            check_cycles();
            check_samples();
        }
    }

    void check_fields(entity& of, const std::string& entity_path) {
        const std::string all = entity_path + ".fields";
        if (of.fields.empty() || of.fields.size() > max_fields) {
            add(all, "bad_length", "must be 1 to " + std::to_string(max_fields) + " fields");
        }
        for (auto& each : of.fields) {
            const std::string path = all + "." + each.name;
            name_fault(path, field_name_fault(each.name));
            prose(path + ".description", each.description);
            if (!set_kind(each, path)) {
                continue;
            }
            if (has_alias(each.kind)) {
                claim(of.name + camel_case(each.name) + "Value", path, path);
            }
            check_field(
                model_,
                each,
                path,
                [this](std::string where, std::string code, std::string message) {
                    add(std::move(where), std::move(code), std::move(message));
                }
            );
        }
    }

    bool set_kind(field& of, const std::string& path) {
        if (const auto known = built_in_kind(of.type)) {
            of.kind = *known;
            return true;
        }
        if (const auto* const named = model_.find_enum(of.type)) {
            of.kind = kind::enumeration;
            return !named->values.empty();
        }
        auto names = built_in_types();
        for (const auto& each : model_.enums) {
            names.push_back(each.name);
        }
        add(path + ".type", "unknown_type", "is no type or enum" + suggestion(of.type, names));
        return false;
    }

    void check_relations(const entity& of, const std::string& entity_path) {
        for (const auto& each : of.relations) {
            const std::string path = entity_path + ".relations." + each.name;
            name_fault(path, field_name_fault(each.name));
            prose(path + ".description", each.description);
            if (!each.to.empty() && model_.find_entity(each.to) == nullptr) {
                add(path + ".to",
                    "unknown_entity",
                    "is no entity" + suggestion(each.to, entity_names_));
            }
            if (each.required.value && each.on_delete.value == on_delete::set_null) {
                add(path + ".on_delete",
                    "not_allowed",
                    "set_null needs a relation that is not "
                    "required");
            }
            if (each.required.value && each.to == of.name) {
                add(path + ".required",
                    "cycle",
                    "the first row could never be made: it would have "
                    "to refer to another one");
            }
        }
    }

    /// Columns of fields and relations, and the back references that other entities' relations
    /// make.
    void check_columns(const entity& of, const std::string& path) {
        std::set<std::string> columns{"id", "created_at", "updated_at"};
        for (const auto& each : of.fields) {
            columns.insert(each.name);
        }
        for (const auto& each : of.relations) {
            for (const auto& name : {each.name, each.column()}) {
                if (!columns.insert(name).second) {
                    add(path + ".relations." + each.name,
                        "name_collision",
                        "needs the name `" + name + "`, which a field or relation has");
                }
            }
        }
        for (const auto& each : of.fields) {
            check_identifier(path + ".fields." + each.name, "ix_" + table_of(of) + "_" + each.name);
        }
        for (const auto& each : of.relations) {
            const auto* const target = model_.find_entity(each.to);
            if (target != nullptr) {
                check_identifier(
                    path + ".relations." + each.name,
                    "fk_" + table_of(of) + "_" + each.column() + "_" + table_of(*target)
                );
            }
        }
        for (std::size_t i = 0; i < of.indexes.size(); ++i) {
            check_index(of, path + ".indexes." + std::to_string(i), of.indexes[i]);
        }
        const std::string checks = path + ".checks.";
        for (const auto& [name, text] : of.checks) {
            check_condition(of, checks + name, name, text);
        }
    }

    void check_index(
        const entity& of, const std::string& path, const std::vector<std::string>& names
    ) {
        if (names.empty() || std::set(names.begin(), names.end()).size() != names.size()) {
            add(path, "bad_index", "must name one or more different fields or relations");
        }
        std::string whole = "ix_" + table_of(of);
        for (const auto& name : names) {
            whole += "_" + name + (of.find_relation(name) == nullptr ? "" : "_id");
        }
        check_identifier(path, whole);
        for (const auto& name : names) {
            const auto* const column = of.find_field(name);
            if (column == nullptr && of.find_relation(name) == nullptr) {
                add(path,
                    "unknown_field",
                    "`" + name + "` is no field or relation" + suggestion(name, columns_of(of)));
            } else if (column != nullptr && !can_be_sorted(column->kind)) {
                add(path, "bad_index", "`" + name + "` is of a type that is not indexed");
            }
        }
    }

    /// Names of keys and indexes are made of those of tables and columns.
    void check_identifier(const std::string& path, const std::string& name) {
        if (name.size() > max_identifier) {
            add(path,
                "too_long",
                "makes the name `" + name + "`, and PostgreSQL takes 63 characters: shorten names");
        }
    }

    static std::string table_of(const entity& of) {
        return of.plural.value_or(plural(snake_case(of.name)));
    }

    static std::vector<std::string_view> columns_of(const entity& of) {
        std::vector<std::string_view> names;
        names.reserve(of.fields.size() + of.relations.size());
        for (const auto& each : of.fields) {
            names.emplace_back(each.name);
        }
        for (const auto& each : of.relations) {
            names.emplace_back(each.name);
        }
        return names;
    }

    void check_condition(
        const entity& of, const std::string& path, const std::string& name, const std::string& text
    ) {
        name_fault(path, snake_name_fault(name));
        check_identifier(path, "ck_" + table_of(of) + "_" + name);
        const auto parsed = condition::parse(text);
        if (!parsed) {
            add(path, "bad_condition", parsed.error());
            return;
        }
        if (parsed->fields().empty()) {
            add(path, "bad_condition", "names no field");
        }
        std::vector<std::string_view> known;
        known.reserve(of.fields.size());
        for (const auto& each : of.fields) {
            known.emplace_back(each.name);
        }
        for (const auto& field : parsed->fields()) {
            if (of.find_field(field) == nullptr) {
                add(path, "unknown_field", "`" + field + "` is no field" + suggestion(field, known)
                );
            }
        }
    }

    void check_api(entity& of, const std::string& path) {
        if (of.api.operations) {
            check_operations(of, path + ".operations");
        }
        names_for(of, path + ".filters", of.api.filters, can_be_filtered, true);
        names_for(of, path + ".sort", of.api.sort, can_be_sorted, false);
    }

    /// Afterwards they are in order, and all five are said by nothing.
    void check_operations(entity& of, const std::string& path) {
        auto& wanted = *of.api.operations;
        const std::size_t count = wanted.size();
        std::ranges::sort(wanted);
        const auto repeated = std::ranges::unique(wanted);
        wanted.erase(repeated.begin(), repeated.end());
        if (wanted.empty()) {
            add(path, "empty", "must name one of list, get, create, update and delete at least");
            of.api.operations.reset();
        } else if (wanted.size() < count) {
            add(path, "duplicate", "has an operation twice");
        } else if (wanted.size() == operation_count) {
            of.api.operations.reset();
        }
    }

    void names_for(
        const entity& of,
        const std::string& path,
        const std::optional<std::vector<std::string>>& names,
        bool (*allowed)(kind),
        bool with_relations
    ) {
        if (!names) {
            return;
        }
        std::set<std::string> seen;
        for (std::size_t i = 0; i < names->size(); ++i) {
            const std::string& name = (*names)[i];
            const std::string at = path + "." + std::to_string(i);
            const auto* const column = of.find_field(name);
            const bool relation = with_relations && (of.find_relation(name) != nullptr ||
                                                     of.find_link(name) != nullptr);
            const bool time = !with_relations && (name == "created_at" || name == "updated_at");
            if (column == nullptr && !relation && !time) {
                add(at,
                    "unknown_field",
                    "`" + name + "` is no field" + (with_relations ? " or relation" : "") +
                        suggestion(name, columns_of(of)));
            } else if (column != nullptr && !allowed(column->kind)) {
                add(at, "not_allowed", "`" + name + "` is of a type that does not serve here");
            } else if (!seen.insert(name).second) {
                add(at, "duplicate", "`" + name + "` stands twice");
            }
        }
    }

    /// Relations in a circle: tables could not be made one after the other, and if all of them are
    /// required, no row could ever be the first. A relation to the entity itself is none.
    void check_cycles() {
        std::map<std::string, int> state;
        std::vector<std::string> way;
        const std::function<void(const entity&)> visit = [&](const entity& of) {
            state[of.name] = 1;
            way.push_back(of.name);
            for (const auto& each : of.relations) {
                if (each.to == of.name) {
                    continue;
                }
                if (state[each.to] == 1) {
                    std::string circle;
                    for (auto at = std::ranges::find(way, each.to); at != way.end(); ++at) {
                        circle += *at + " -> ";
                    }
                    add("entities." + of.name + ".relations." + each.name,
                        "cycle",
                        "relations go in a circle (" + circle + each.to +
                            "): leave one of them out, and let the other side be listed");
                } else if (state[each.to] == 0) {
                    visit(*model_.find_entity(each.to));
                }
            }
            way.pop_back();
            state[of.name] = 2;
        };
        for (const auto& each : model_.entities) {
            if (state[each.name] == 0) {
                visit(each);
            }
        }
    }

    void check_samples() {
        for (const auto& each : model_.entities) {
            const std::string path = "entities." + each.name;
            const auto made = sample_rows(model_, each);
            if (!made.problem.empty()) {
                add(path + ".fields." + made.field, "no_samples", made.problem);
                continue;
            }
            const std::string checks = path + ".checks.";
            for (const auto& [name, text] : each.checks) {
                const auto parsed = condition::parse(text);
                if (!std::ranges::all_of(made.rows, [&](const auto& row) {
                        return parsed->allows(row);
                    })) {
                    add(checks + name,
                        "no_samples",
                        "values for tests that keep it cannot be made up: give its fields "
                        "`examples`");
                }
            }
        }
    }

    model& model_;
    faults faults_;
    std::map<std::string, std::string> classes_;
    std::vector<std::string_view> entity_names_;
};

}  // namespace

faults check_model(model& of) {
    return checker(of).check();
}

}  // namespace teamflow::generation
