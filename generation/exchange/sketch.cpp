#include "generation/exchange/sketch.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "generation/model/names.hpp"

namespace teamflow::generation {

namespace {

namespace bj = boost::json;

struct known_type {
    std::string_view name;
    std::string_view model;
};

/// Names of PostgreSQL and those that people write instead.
constexpr auto known_types = std::to_array<known_type>({
    {"varchar", "string"},
    {"character varying", "string"},
    {"bpchar", "string"},
    {"char", "string"},
    {"string", "string"},
    {"text", "text"},
    {"citext", "text"},
    {"int", "int"},
    {"int2", "int"},
    {"int4", "int"},
    {"integer", "int"},
    {"smallint", "int"},
    {"serial", "int"},
    {"smallserial", "int"},
    {"int8", "bigint"},
    {"bigint", "bigint"},
    {"bigserial", "bigint"},
    {"float", "float"},
    {"float4", "float"},
    {"float8", "float"},
    {"real", "float"},
    {"double", "float"},
    {"double precision", "float"},
    {"doubleprecision", "float"},
    {"numeric", "decimal"},
    {"decimal", "decimal"},
    {"bool", "bool"},
    {"boolean", "bool"},
    {"date", "date"},
    {"timestamp with time zone", "datetime"},
    {"timestamp", "datetime"},
    {"timestamptz", "datetime"},
    {"datetime", "datetime"},
    {"time", "time"},
    {"uuid", "uuid"},
    {"json", "json"},
    {"jsonb", "json"},
});

/// Beyond it a string of a model is a text.
constexpr int longest_string = 2000;

std::string model_type(std::string_view name) {
    const auto found = std::ranges::find(known_types, name, &known_type::name);
    return found == known_types.end() ? "" : std::string(found->model);
}

/// `order_items` to `order_item`, if the plural of that is the table's name again.
std::string singular(const std::string& table) {
    for (const auto& [ending, instead] :
         {std::pair<std::string_view, std::string_view>("ies", "y"), {"es", ""}, {"s", ""}}) {
        if (table.ends_with(ending) && table.size() > ending.size()) {
            const std::string one =
                table.substr(0, table.size() - ending.size()) + std::string(instead);
            if (plural(one) == table) {
                return one;
            }
        }
    }
    return table;
}

bool is_snake(std::string_view name) {
    return snake_name_fault(name).empty();
}

class document_maker {
public:
    document_maker(sketch of, const std::string& app_name) : sketch_(std::move(of)) {
        const bool usable = is_snake(app_name);
        document_ = {{"schema", 1}, {"app", {{"name", usable ? app_name : "imported"}}}};
    }

    std::expected<imported, faults> make() {
        bj::object enums;
        for (const auto& each : sketch_.enums) {
            bj::array values;
            for (const auto& value : each.values) {
                values.emplace_back(value);
            }
            const std::string name = camel_case(each.name);
            lines_["enums." + name] = each.line;
            enums[name] = std::move(values);
        }
        if (!enums.empty()) {
            document_["enums"] = std::move(enums);
        }
        take_link_tables();
        bj::object entities;
        for (auto& table : sketch_.tables) {
            entities[entity_name(table)] = entity(table);
        }
        document_["entities"] = std::move(entities);
        const auto order = [](const fault& of) { return std::tie(of.line, of.path); };
        std::ranges::sort(sketch_.notes, {}, order);
        std::ranges::sort(sketch_.refused, {}, order);
        if (!sketch_.refused.empty()) {
            return std::unexpected(std::move(sketch_.refused));
        }
        return imported{{std::move(document_), std::move(lines_)}, std::move(sketch_.notes)};
    }

private:
    static std::string entity_name(const sketched_table& table) {
        if (!table.entity.empty()) {
            return table.entity;
        }
        return is_snake(table.name) ? camel_case(singular(table.name)) : table.name;
    }

    /// A table whose primary key is two references, and that has nothing else, is a link.
    static bool is_link(const sketched_table& table) {
        return table.columns.size() == 2 && table.keys.size() == 2 &&
               std::ranges::all_of(table.columns, [&](const sketched_column& each) {
                   return each.primary &&
                          std::ranges::count(table.keys, each.name, &sketched_key::column) == 1;
               });
    }

    void take_link_tables() {
        std::vector<sketched_table> entities;
        std::vector<sketched_table> links;
        for (auto& table : sketch_.tables) {
            (is_link(table) ? links : entities).push_back(std::move(table));
        }
        sketch_.tables = std::move(entities);
        for (const auto& table : links) {
            take_link(table);
        }
    }

    void take_link(const sketched_table& table) {
        const auto& own_column = table.columns.front().name;
        const auto& other_column = table.columns.back().name;
        const auto key_of = [&](const std::string& column) -> const sketched_key& {
            return *std::ranges::find(table.keys, column, &sketched_key::column);
        };
        auto* const own = sketch_.find(key_of(own_column).target);
        const auto* const other = sketch_.find(key_of(other_column).target);
        if (own == nullptr || other == nullptr) {
            sketch_.refuse(table.line, table.name, "must refer to two tables that have an `id`");
            return;
        }
        note_side(table, own_column, snake_case(entity_name(*own)) + "_id");
        sketched_link made{other->name, other->name, table.name, table.note, table.line};
        if (table.name.starts_with(own->name + "_")) {
            made.name = table.name.substr(own->name.size() + 1);
            made.through.clear();
        } else if (own == other && other_column.ends_with("_id")) {
            made.name = other_column.substr(0, other_column.size() - 3);
        }
        const bool is_self = own == other;
        const std::string side = is_self ? made.name : snake_case(entity_name(*other));
        note_side(table, other_column, side + "_id");
        own->links.push_back(std::move(made));
    }

    void note_side(
        const sketched_table& table, const std::string& column, const std::string& named
    ) {
        if (column != named) {
            sketch_.note(table.line, table.name + "." + column, "becomes " + named);
        }
    }

    void add_link(
        bj::object& into,
        const sketched_table& table,
        const sketched_link& link,
        const std::string& path
    ) {
        const auto* const target = sketch_.find(link.target);
        const std::string& place = table.entity.empty() ? table.name : table.entity;
        if (target == nullptr) {
            sketch_.refuse(link.line, place, "there is no table " + link.target);
            return;
        }
        if (into.contains(link.name)) {
            sketch_.refuse(link.line, place, "has the relation `" + link.name + "` twice");
            return;
        }
        bj::object relation{{"to", entity_name(*target)}, {"kind", "many_to_many"}};
        if (!link.through.empty()) {
            relation["through"] = link.through;
        }
        if (!link.note.empty()) {
            relation["description"] = link.note;
        }
        lines_[path + ".relations." + link.name] = link.line;
        into[link.name] = std::move(relation);
    }

    bj::object entity(sketched_table& table) {
        const std::string name = entity_name(table);
        const std::string path = "entities." + name;
        lines_[path] = table.line;
        bj::object made;
        if (!table.note.empty()) {
            made["description"] = table.note;
        }
        if (plural(snake_case(name)) != table.name) {
            made["plural"] = table.name;
        }
        check_primary(table);
        bj::object fields;
        bj::object relations;
        for (const auto& column : table.columns) {
            const auto key = std::ranges::find(table.keys, column.name, &sketched_key::column);
            if (key != table.keys.end()) {
                add_relation(relations, table, column, *key, path);
            } else if (!is_every_ones(column)) {
                lines_[path + ".fields." + column.name] = column.line;
                fields[column.name] = field(table, column);
            }
        }
        for (const auto& link : table.links) {
            add_link(relations, table, link, path);
        }
        take_limits(table, fields);
        made["fields"] = std::move(fields);
        if (!relations.empty()) {
            made["relations"] = std::move(relations);
        }
        add_indexes(made, table, path);
        add_checks(made, table, path);
        return made;
    }

    void check_primary(const sketched_table& table) {
        const auto count = std::ranges::count(table.columns, true, &sketched_column::primary);
        const auto key = std::ranges::find(table.columns, true, &sketched_column::primary);
        if (count == 0) {
            sketch_.note(table.line, table.name, "has no primary key: it gets `id`, a uuid");
        } else if (count > 1 || key->name != "id") {
            sketch_.refuse(
                table.line,
                table.name,
                "must have the single column `id` for its primary key, or that of two references "
                "and "
                "nothing else (many to many)"
            );
        } else if (key->type != "uuid") {
            sketch_.note(key->line, table.name + ".id", "becomes a uuid, and was " + key->type);
        }
    }

    void add_relation(
        bj::object& into,
        const sketched_table& table,
        const sketched_column& column,
        const sketched_key& key,
        const std::string& path
    ) {
        const bool ends = column.name.ends_with("_id") && column.name.size() > 3;
        const std::string name = ends ? column.name.substr(0, column.name.size() - 3) : column.name;
        if (!ends) {
            sketch_.note(
                column.line, table.name + "." + column.name, "becomes the column " + name + "_id"
            );
        }
        const auto* const target = sketch_.find(key.target);
        if (target == nullptr) {
            sketch_.refuse(
                key.line, table.name + "." + column.name, "there is no table " + key.target
            );
            return;
        }
        bj::object relation{
            {"to", entity_name(*target)},
            {"kind", column.unique || key.one_to_one ? "one_to_one" : "many_to_one"}
        };
        if (!column.nullable) {
            relation["required"] = true;
        }
        if (key.on_delete != "restrict") {
            relation["on_delete"] = key.on_delete;
        }
        if (!column.note.empty()) {
            relation["description"] = column.note;
        }
        lines_[path + ".relations." + name] = column.line;
        into[name] = std::move(relation);
    }

    bj::object field(const sketched_table& table, const sketched_column& column) {
        bj::object made{{"type", type_of(table, column)}};
        if (made.at("type") == "string") {
            const int room = column.arguments.empty() ? 0 : column.arguments.front();
            if (room == 0 || room > longest_string) {
                made["type"] = "text";
            }
            if (room > 0) {
                made["max"] = room;
            }
        }
        if (made.at("type") == "decimal" && !column.arguments.empty()) {
            made["digits"] = column.arguments.front();
            made["places"] = column.arguments.size() > 1 ? column.arguments[1] : 0;
        }
        if (column.nullable) {
            made["nullable"] = true;
        }
        if (column.unique) {
            made["unique"] = true;
        }
        if (column.indexed && !column.unique) {
            made["index"] = true;
        }
        if (column.initial) {
            made["default"] = *column.initial;
        }
        if (!column.note.empty()) {
            made["description"] = column.note;
        }
        for (const auto& member : column.more) {
            made[member.key()] = member.value();
        }
        return made;
    }

    std::string type_of(const sketched_table& table, const sketched_column& column) {
        for (const auto& each : sketch_.enums) {
            if (each.name == column.type) {
                return camel_case(each.name);
            }
        }
        std::string known = model_type(column.type);
        if (known.empty()) {
            sketch_.refuse(
                column.line,
                (table.entity.empty() ? table.name : table.entity) + "." + column.name,
                "no type of a model is like `" + column.type + "`"
            );
        }
        return known;
    }

    /// Checks that a field's min and max make come back as such, told by their names.
    static void take_limits(sketched_table& table, bj::object& fields) {
        std::erase_if(table.checks, [&](const sketched_check& check) {
            for (const auto& [suffix, option, sign] :
                 {std::tuple("_min", "min", " >= "), std::tuple("_max", "max", " <= ")}) {
                for (auto& field : fields) {
                    const std::string name(field.key());
                    const bool named = check.name == name + suffix ||
                                       check.name == "ck_" + table.name + "_" + name + suffix;
                    const std::string begin = name + sign;
                    if (named && check.condition.starts_with(begin)) {
                        field.value().as_object()[option] =
                            bj::parse(check.condition.substr(begin.size()));
                        return true;
                    }
                }
            }
            return false;
        });
    }

    void add_indexes(bj::object& into, const sketched_table& table, const std::string& path) {
        bj::array indexes;
        for (const auto& index : table.indexes) {
            bj::array names;
            for (const auto& column : index.columns) {
                const bool is_key =
                    std::ranges::count(table.keys, column, &sketched_key::column) > 0;
                names.emplace_back(
                    is_key && column.ends_with("_id") ? column.substr(0, column.size() - 3) : column
                );
            }
            lines_[path + ".indexes." + std::to_string(indexes.size())] = index.line;
            indexes.emplace_back(std::move(names));
        }
        if (!indexes.empty()) {
            into["indexes"] = std::move(indexes);
        }
    }

    void add_checks(bj::object& into, const sketched_table& table, const std::string& path) {
        bj::object checks;
        for (const auto& check : table.checks) {
            const std::string prefix = "ck_" + table.name + "_";
            std::string name =
                check.name.starts_with(prefix) ? check.name.substr(prefix.size()) : check.name;
            if (name.empty()) {
                name = "check_" + std::to_string(checks.size() + 1);
            }
            lines_[fmt::format("{}.checks.{}", path, name)] = check.line;
            checks[name] = check.condition;
        }
        if (!checks.empty()) {
            into["checks"] = std::move(checks);
        }
    }

    sketch sketch_;
    bj::object document_;
    std::map<std::string, int, std::less<>> lines_;
};

}  // namespace

bool is_every_ones(const sketched_column& of) {
    return of.primary || of.name == "created_at" || of.name == "updated_at";
}

sketched_column* sketched_table::find(std::string_view column) {
    const auto found = std::ranges::find(columns, column, &sketched_column::name);
    return found == columns.end() ? nullptr : &*found;
}

sketched_table* sketch::find(std::string_view table) {
    const auto found = std::ranges::find(tables, table, &sketched_table::name);
    return found == tables.end() ? nullptr : &*found;
}

void sketch::note(int line, std::string path, std::string message) {
    notes.push_back({std::move(path), "note", std::move(message), line});
}

void sketch::refuse(int line, std::string path, std::string message) {
    refused.push_back({std::move(path), "not_imported", std::move(message), line});
}

std::expected<imported, faults> imported_of(sketch of, const std::string& app_name) {
    if (of.tables.empty()) {
        of.refuse(0, "", "has no tables");
    }
    return document_maker(std::move(of), app_name).make();
}

}  // namespace teamflow::generation
