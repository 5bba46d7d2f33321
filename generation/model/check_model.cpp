#include "generation/model/check_model.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "generation/model/condition.hpp"
#include "generation/model/names.hpp"
#include "generation/model/near.hpp"
#include "generation/model/pattern_text.hpp"
#include "generation/model/read_model.hpp"
#include "generation/model/samples.hpp"

namespace teamflow::generation {

namespace {

constexpr std::size_t max_description = 2000;
constexpr std::size_t max_enum_values = 100;
constexpr int max_digits = 28;
constexpr std::array<std::string_view, 3> pythons{"3.11", "3.12", "3.13"};

bool is_text(kind what) {
    return what == kind::string || what == kind::text;
}

bool is_number(kind what) {
    return what == kind::integer || what == kind::bigint || what == kind::floating ||
           what == kind::decimal;
}

bool can_be_filtered(kind what) {
    return what != kind::text && what != kind::json && what != kind::floating &&
           what != kind::decimal && what != kind::time;
}

bool can_be_sorted(kind what) {
    return what != kind::text && what != kind::json;
}

bool is_prose(std::string_view text, std::size_t max) {
    return text.size() <= max && std::ranges::none_of(text, [](char c) {
               const auto byte = static_cast<unsigned char>(c);
               return byte < 0x20 || byte == 0x7F;
           });
}

/// `/api/v1`
bool is_path(std::string_view text) {
    if (!text.starts_with('/') || text.size() > 100 || text.ends_with('/') || text.contains("//")) {
        return false;
    }
    return std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '/' || c == '-';
    });
}

/// `1.20.3`
bool is_version(std::string_view text) {
    int numbers = 1;
    bool digit = false;
    for (const char c : text) {
        if (c == '.') {
            if (!digit) {
                return false;
            }
            numbers += 1;
            digit = false;
        } else if (c >= '0' && c <= '9') {
            digit = true;
        } else {
            return false;
        }
    }
    return digit && numbers == 3 && text.size() <= 30;
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
        prose("app.title", of.title, 100);
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
            add("app.api_prefix", "bad_format", "must be a path of a-z, 0-9 and -, as /api/v1");
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
            const std::string table = each.plural.value_or(plural(snake_case(each.name)));
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
            if (each.kind == kind::string || each.kind == kind::text) {
                claim(of.name + camel_case(each.name) + "Value", path, path);
            } else if (is_number(each.kind)) {
                claim(of.name + camel_case(each.name) + "Value", path, path);
            }
            check_options(each, path);
            if (each.initial && !accepts(model_, each, *each.initial)) {
                add(path + ".default", "not_allowed", "is no value that the field takes");
            }
            if (each.examples) {
                for (std::size_t i = 0; i < each.examples->size(); ++i) {
                    if (!accepts(model_, each, (*each.examples)[i])) {
                        add(path + ".examples." + std::to_string(i),
                            "not_allowed",
                            "is no value that the field takes");
                    }
                }
            }
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

    void only_for(
        bool given, bool allowed, const std::string& path, const char* option, const char* kinds
    ) {
        if (given && !allowed) {
            add(path + "." + option, "not_allowed", std::string("is only for ") + kinds);
        }
    }

    void check_options(const field& of, const std::string& path) {
        const bool text = is_text(of.kind);
        only_for(
            of.min || of.max,
            text || is_number(of.kind),
            path,
            of.min ? "min" : "max",
            "texts and numbers"
        );
        only_for(of.pattern.has_value(), of.kind == kind::string, path, "pattern", "string");
        only_for(of.html.has_value(), of.kind == kind::text, path, "html", "text");
        only_for(of.digits.has_value(), of.kind == kind::decimal, path, "digits", "decimal");
        only_for(of.places.has_value(), of.kind == kind::decimal, path, "places", "decimal");
        only_for(
            of.unique.value,
            of.kind != kind::boolean && of.kind != kind::json && of.kind != kind::text,
            path,
            "unique",
            "types other than bool, json and text"
        );
        only_for(
            of.index.value,
            of.kind != kind::json && of.kind != kind::text,
            path,
            "index",
            "types other than json and text"
        );
        only_for(
            of.initial.has_value(), of.kind != kind::json, path, "default", "types other than json"
        );
        if (of.pattern) {
            if (const auto why = pattern_fault(*of.pattern); !why.empty()) {
                add(path + ".pattern", "bad_pattern", why);
            }
        }
        if (of.pattern && of.html) {
            add(path + ".html", "not_allowed", "does not go with a pattern");
        }
        check_limits(of, path);
    }

    void check_limits(const field& of, const std::string& path) {
        if (of.kind == kind::decimal) {
            const bool sane = digits_of(of) >= 1 && digits_of(of) <= max_digits &&
                              places_of(of) >= 0 && places_of(of) < digits_of(of);
            if (!sane) {
                add(path + (of.digits ? ".digits" : ".places"),
                    "out_of_range",
                    "needs 1 <= digits <= 28 and 0 <= places < digits");
                return;
            }
        }
        field bare;
        bare.kind = of.kind;
        bare.digits = of.digits;
        bare.places = of.places;
        const limits own = limits_of(of);
        limits widest = limits_of(bare);
        if (of.kind == kind::string) {
            widest.max = 2000;
        } else if (of.kind == kind::text) {
            widest.max = 100'000;
        }
        const bool whole = of.kind != kind::floating && of.kind != kind::decimal;
        for (const auto& [option, value] : {std::pair("min", of.min), std::pair("max", of.max)}) {
            if (!value) {
                continue;
            }
            if (*value < widest.min || *value > widest.max) {
                add(path + "." + option, "out_of_range", "is beyond what the type holds");
            } else if (whole && *value != std::floor(*value)) {
                add(path + "." + option, "not_allowed", "must be a whole number");
            } else if (of.kind == kind::decimal && !has_places(*value, places_of(of))) {
                add(path + "." + option, "not_allowed", "has more places than the field");
            }
        }
        if (own.min > own.max || (is_text(of.kind) && own.max < 1)) {
            add(path + (of.max ? ".max" : ".min"), "out_of_range", "leaves no value");
        }
    }

    static bool has_places(double value, int places) {
        const double scaled = value * std::pow(10, places);
        return std::abs(scaled - std::round(scaled)) < 1e-6;
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
        for (std::size_t i = 0; i < of.indexes.size(); ++i) {
            check_index(of, path + ".indexes." + std::to_string(i), of.indexes[i]);
        }
        for (const auto& [name, text] : of.checks) {
            check_condition(of, path + ".checks." + name, name, text);
        }
    }

    void check_index(
        const entity& of, const std::string& path, const std::vector<std::string>& names
    ) {
        if (names.empty() || std::set(names.begin(), names.end()).size() != names.size()) {
            add(path, "bad_index", "must name one or more different fields or relations");
        }
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

    static std::vector<std::string_view> columns_of(const entity& of) {
        std::vector<std::string_view> names;
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
        const auto parsed = condition::parse(text);
        if (!parsed) {
            add(path, "bad_condition", parsed.error());
            return;
        }
        if (parsed->fields().empty()) {
            add(path, "bad_condition", "names no field");
        }
        std::vector<std::string_view> known;
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

    void check_api(const entity& of, const std::string& path) {
        if (of.api.operations) {
            std::set<operation> wanted(of.api.operations->begin(), of.api.operations->end());
            if (wanted.size() != 5) {
                add(path + ".operations",
                    "not_allowed",
                    "must name list, get, create, update and delete, which are all made");
            }
        }
        names_for(of, path + ".filters", of.api.filters, can_be_filtered, true);
        names_for(of, path + ".sort", of.api.sort, can_be_sorted, false);
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
            const bool relation = with_relations && of.find_relation(name) != nullptr;
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
            for (const auto& [name, text] : each.checks) {
                const auto parsed = condition::parse(text);
                if (!std::ranges::all_of(made.rows, [&](const auto& row) {
                        return parsed->allows(row);
                    })) {
                    add(path + ".checks." + name,
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
