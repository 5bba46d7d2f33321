#include <algorithm>
#include <set>
#include <string>

#include <boost/json/array.hpp>

#include "generation/model/names.hpp"
#include "generation/python/fields.hpp"
#include "generation/python/literal.hpp"
#include "generation/view.hpp"

namespace teamflow::generation {

namespace {

namespace bj = boost::json;
using python::enclose;
using python::imports;
using python::string;

std::string quoted_entity(const std::string& name, bool optional) {
    return string(name + "Entity" + (optional ? " | None" : ""));
}

/// The relation seen from the other side: `tasks`, or `tasks_by_reviewer` where that name is taken
/// or several relations lead here.
std::string back_name(const model& in, const entity& from, const relation& of) {
    const entity& target = *in.find_entity(of.to);
    const std::string plain =
        of.kind == relation_kind::one_to_one ? singular_name(from) : plural_name(from);
    const auto siblings = std::ranges::count(from.relations, of.to, &relation::to);
    const bool taken = target.find_field(plain) != nullptr ||
                       target.find_relation(plain) != nullptr || plain == "metadata" ||
                       plain == "registry";
    return siblings > 1 || taken || target.name == from.name ? plain + "_by_" + of.name : plain;
}

std::vector<std::string> relationships(const model& in, const entity& of) {
    std::vector<std::string> lines;
    for (const auto& each : of.relations) {
        std::vector<std::string> arguments{
            "back_populates=" + string(back_name(in, of, each)),
            "foreign_keys=" + string(of.name + "Entity." + each.column())
        };
        if (each.to == of.name) {
            arguments.push_back("remote_side=" + string(of.name + "Entity.id"));
        }
        lines.push_back(enclose(
            4,
            each.name + ": Mapped[" + quoted_entity(each.to, !each.required.value) +
                "] = relationship(",
            arguments,
            ")"
        ));
    }
    for (const auto& other : in.entities) {
        for (const auto& each : other.relations) {
            if (each.to != of.name) {
                continue;
            }
            const bool one = each.kind == relation_kind::one_to_one;
            const std::string type = one ? quoted_entity(other.name, true)
                                         : "list[" + quoted_entity(other.name, false) + "]";
            std::vector<std::string> arguments{
                "back_populates=" + string(each.name),
                "foreign_keys=" + string(other.name + "Entity." + each.column()),
                R"(passive_deletes="all")"
            };
            lines.push_back(enclose(
                4,
                back_name(in, other, each) + ": Mapped[" + type + "] = relationship(",
                arguments,
                ")"
            ));
        }
    }
    return lines;
}

std::vector<std::string> table_arguments(const entity& of, imports& needs) {
    std::vector<std::string> lines;
    for (const auto& [name, sql] : checks_of(of)) {
        needs.add("sqlalchemy", "CheckConstraint");
        lines.push_back(enclose(8, "CheckConstraint(", {string(sql), "name=" + string(name)}, "),")
        );
    }
    std::set<std::vector<std::string>> seen;
    for (const auto& each : of.indexes) {
        std::vector<std::string> columns;
        for (const auto& name : each) {
            const auto* const relation = of.find_relation(name);
            columns.push_back(relation == nullptr ? name : relation->column());
        }
        const auto* const single = each.size() == 1 ? of.find_field(each[0]) : nullptr;
        const bool is_there = (single != nullptr && single->index.value) ||
                              (each.size() == 1 && of.find_relation(each[0]) != nullptr);
        if (is_there || !seen.insert(columns).second) {
            continue;
        }
        needs.add("sqlalchemy", "Index");
        std::vector<std::string> arguments{"None"};
        for (const auto& column : columns) {
            arguments.push_back(string(column));
        }
        lines.push_back(enclose(8, "Index(", arguments, "),"));
    }
    return lines;
}

/// One element that fits stands in the line of the tuple, as ruff has it.
std::string table_tuple(const std::vector<std::string>& lines) {
    const std::string head = "    __table_args__ = (";
    const std::string only = lines.front().substr(8);
    if (lines.size() == 1 && head.size() + only.size() + 1 <= python::columns) {
        return head + only + ")";
    }
    std::string text = head + "\n";
    for (const auto& each : lines) {
        text += each + "\n";
    }
    return text + "    )";
}

std::string suffixed(const std::string& type, const char* more) {
    return type + more;
}

/// `    name: type = value`
std::string member(const std::string& name, const std::string& type, const std::string& initial) {
    return "    " + name + ": " + type + (initial.empty() ? "" : " = " + initial);
}

struct schema_fields {
    bj::array create;
    bj::array update;
    bj::array output;
    bj::array query;
};

void add_fields(schema_fields& into, const entity& of, imports& needs) {
    for (const auto& each : of.relations) {
        needs.add("src.models.base", "UuidText");
        needs.add("uuid", "UUID");
        const bool required = each.required.value;
        const char* const optional = required ? "" : " | None";
        into.create.emplace_back(
            member(each.column(), suffixed("UuidText", optional), required ? "" : "None")
        );
        into.update.emplace_back(
            member(each.column(), "UuidText | MISSING" + std::string(optional), "MISSING")
        );
        into.output.emplace_back(member(each.column(), suffixed("UUID", optional), ""));
    }
    for (const auto& each : of.fields) {
        const std::string optional = each.nullable.value ? " | None" : "";
        const std::string type = python::schema_type(of, each, needs);
        const std::string absent = type + " | MISSING";
        std::string initial = each.nullable.value ? "None" : "";
        if (each.initial && !each.initial->is_null()) {
            initial = python::initial_value(each, needs);
        }
        into.create.emplace_back(member(each.name, type + optional, initial));
        into.update.emplace_back(member(each.name, absent + optional, "MISSING"));
        into.output.emplace_back(member(each.name, python::value_type(each) + optional, ""));
    }
}

void add_query(schema_fields& into, const entity& of, imports& needs) {
    for (const auto& name : of.api.filters.value_or(std::vector<std::string>{})) {
        const auto* const column = of.find_field(name);
        if (column == nullptr) {
            into.query.emplace_back(member(of.find_relation(name)->column(), "UUID | None", "None")
            );
            continue;
        }
        // Queries are texts: strictness is for JSON.
        const std::string type = column->kind == kind::enumeration || column->kind == kind::uuid
                                     ? python::value_type(*column)
                                     : python::schema_type(of, *column, needs);
        into.query.emplace_back(member(column->name, type + " | None", "None"));
    }
    std::vector<std::string> orders;
    for (const auto& each : of.api.sort.value_or(std::vector<std::string>{"created_at"})) {
        orders.push_back(string(each));
        orders.push_back(string("-" + each));
    }
    const bool by_creation = std::ranges::find(orders, "\"-created_at\"") != orders.end();
    needs.add("typing", "Literal");
    into.query.emplace_back(
        enclose(4, "sort: Literal[", orders, "] = " + (by_creation ? "\"-created_at\"" : orders[0]))
    );
}

void need_types(const field& of, imports& needs) {
    const std::string type = python::value_type(of);
    if (type.starts_with("dt.")) {
        needs.add_module("datetime", "dt");
    } else if (type == "Decimal") {
        needs.add("decimal", "Decimal");
    } else if (type == "UUID") {
        needs.add("uuid", "UUID");
    } else if (type.starts_with("dict")) {
        needs.add("typing", "Any");
    } else if (of.kind == kind::enumeration) {
        needs.add("src.models.entities", of.type);
    }
}

}  // namespace

void add_classes(bj::object& view, const model& in, const entity& of) {
    imports unused;
    bj::array columns;
    for (const auto& each : of.relations) {
        columns.emplace_back(python::mapped_column(in, each, unused));
    }
    for (const auto& each : of.fields) {
        columns.emplace_back(python::mapped_column(in, each, unused));
    }
    view["columns"] = std::move(columns);
    const auto arguments = table_arguments(of, unused);
    view["table_arguments"] = false;
    if (!arguments.empty()) {
        view["table_arguments"] = table_tuple(arguments);
    }
    const auto related = relationships(in, of);
    view["has_relationships"] = !related.empty();
    view["relationships"] = bj::array(related.begin(), related.end());
    schema_fields fields;
    add_fields(fields, of, unused);
    add_query(fields, of, unused);
    view["create_fields"] = std::move(fields.create);
    view["update_fields"] = std::move(fields.update);
    view["output_fields"] = std::move(fields.output);
    view["query_fields"] = std::move(fields.query);
}

std::string entity_imports(const model& of) {
    imports needs;
    needs.add("src.core.database", "Base");
    needs.add("sqlalchemy.orm", "Mapped");
    needs.add("sqlalchemy.orm", "mapped_column");
    std::string first;
    for (const auto& entity : of.entities) {
        for (const auto& each : entity.fields) {
            python::mapped_column(of, each, needs);
            if (each.kind == kind::enumeration) {
                needs.add("src.core.database", "enum_values");
            }
        }
        for (const auto& each : entity.relations) {
            python::mapped_column(of, each, needs);
            needs.add("sqlalchemy.orm", "relationship");
        }
        table_arguments(entity, needs);
    }
    if (!of.enums.empty()) {
        needs.add_plain("enum");
    }
    return needs.text();
}

std::string schema_imports(const model& of) {
    imports needs;
    for (const char* name : {"InputSchema", "ListQuery", "OutputSchema"}) {
        needs.add("src.models.base", name);
    }
    needs.add("pydantic", "MISSING");
    for (const auto& entity : of.entities) {
        schema_fields fields;
        add_fields(fields, entity, needs);
        add_query(fields, entity, needs);
        for (const auto& each : entity.fields) {
            python::alias(entity, each, needs);
            need_types(each, needs);
        }
    }
    return needs.text();
}

}  // namespace teamflow::generation
