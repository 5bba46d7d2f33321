#include <algorithm>
#include <set>
#include <string>

#include <boost/json/array.hpp>

#include "generation/model/check_extras.hpp"
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
                       target.find_relation(plain) != nullptr ||
                       target.find_link(plain) != nullptr || plain == "metadata" ||
                       plain == "registry" || (target.versioned.value && plain == "version");
    return siblings > 1 || taken || target.name == from.name ? plain + "_by_" + of.name : plain;
}

std::string link_relationship(const entity& of, const relation& link) {
    const std::string table = link_table(of, link);
    const auto join = [&](const std::string& name, const std::string& column) {
        return string(name + "Entity.id == " + table + ".c." + column);
    };
    std::vector<std::string> arguments{
        "secondary=" + string(table),
        "primaryjoin=" + join(of.name, link_source(of)),
        "secondaryjoin=" + join(link.to, link_target(of, link)),
        R"(lazy="selectin")",
        "passive_deletes=True"
    };
    if (link.to == of.name) {
        // Without it SQLAlchemy does not load what is of the same class.
        arguments.emplace_back("join_depth=1");
    }
    return enclose(
        4,
        link.name + ": Mapped[list[" + quoted_entity(link.to, false) + "]] = relationship(",
        arguments,
        ")"
    );
}

std::vector<std::string> relationships(const model& in, const entity& of) {
    std::vector<std::string> lines;
    lines.reserve(of.links.size() + of.relations.size());
    for (const auto& each : of.links) {
        lines.push_back(link_relationship(of, each));
    }
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
    for (const auto& column : unique_while_live(of)) {
        needs.add("sqlalchemy", "Index");
        needs.add("sqlalchemy", "text");
        lines.push_back(enclose(
            8,
            "Index(",
            {string("uq_" + plural_name(of) + "_" + column),
             string(column),
             "unique=True",
             R"(postgresql_where=text("deleted_at IS NULL"))"},
            "),"
        ));
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

/// The same for a member that has a value if it is left out.
std::string member(const field& of, const std::string& type, imports& needs) {
    if (of.initial && of.initial->is_string() && python::value_type(of) == "str") {
        const std::string_view text = of.initial->get_string();
        return python::enclose_text(4, of.name + ": " + type + " = ", text, "");
    }
    return member(of.name, type, python::initial_value(of, needs));
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
        const bool has_initial = each.initial && !each.initial->is_null();
        into.create.emplace_back(
            has_initial ? member(each, type + optional, needs)
                        : member(each.name, type + optional, each.nullable.value ? "None" : "")
        );
        into.update.emplace_back(member(each.name, absent + optional, "MISSING"));
        const bool is_time = each.kind == kind::time;
        if (is_time) {
            needs.add("src.models.base", "LocalTime");
        }
        into.output.emplace_back(
            member(each.name, (is_time ? "LocalTime" : python::value_type(each)) + optional, "")
        );
    }
}

void add_links(schema_fields& into, const entity& of, imports& needs) {
    for (const auto& each : of.links) {
        needs.add("src.models.base", "Links");
        needs.add("src.models.base", "LinkIds");
        needs.add("pydantic", "Field");
        into.create.emplace_back(member(each.name, "Links", "Field(default_factory=list)"));
        into.update.emplace_back(member(each.name, "Links | MISSING", "MISSING"));
        into.output.emplace_back(member(each.name, "LinkIds", ""));
    }
}

void add_query(schema_fields& into, const entity& of, imports& needs) {
    for (const auto& name : of.api.filters.value_or(std::vector<std::string>{})) {
        const auto* const column = of.find_field(name);
        if (column == nullptr) {
            const auto* const relation = of.find_relation(name);
            const std::string asked = relation == nullptr ? name : relation->column();
            needs.add("uuid", "UUID");
            into.query.emplace_back(member(asked, "UUID | None", "None"));
            continue;
        }
        // Queries are texts: strictness is for JSON.
        const std::string type = column->kind == kind::enumeration || column->kind == kind::uuid
                                     ? python::value_type(*column)
                                     : python::schema_type(of, *column, needs);
        into.query.emplace_back(member(column->name, type + " | None", "None"));
    }
    std::vector<std::string> orders;
    for (const auto& each : sorts_of(of)) {
        orders.push_back(string(each));
        orders.push_back(string("-" + each));
    }
    needs.add("typing", "Literal");
    const std::string open = "sort: Literal[";
    std::string whole = enclose(4, open, orders, R"(] = "-created_at")");
    // Where the type fits, it is the value that gets a line of its own.
    const std::string type = enclose(4, open, orders, "] = (");
    if (whole.contains('\n') && !type.contains('\n')) {
        whole = type + "\n        \"-created_at\"\n    )";
    }
    into.query.emplace_back(std::move(whole));
}

void need_types(const field& of, imports& needs) {
    const std::string type = python::value_type(of);
    if (type.starts_with("dt.") && of.kind != kind::time) {
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
        columns.emplace_back(python::mapped_column(in, stored(of, each), unused));
    }
    for (const auto& each : of.fields) {
        columns.emplace_back(python::mapped_column(in, stored(of, each), unused));
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
    add_links(fields, of, unused);
    add_query(fields, of, unused);
    if (of.versioned.value) {
        fields.output.emplace_back(member("version", "int", ""));
    }
    view["create_fields"] = std::move(fields.create);
    view["update_fields"] = std::move(fields.update);
    view["output_fields"] = std::move(fields.output);
    view["query_fields"] = std::move(fields.query);
}

std::string entity_imports(const model& of) {
    imports needs;
    const bool all_soft =
        std::ranges::all_of(of.entities, [](const entity& each) { return each.soft_delete.value; });
    if (!all_soft || has_links(of)) {
        needs.add("src.core.database", "Base");
    }
    needs.add("sqlalchemy.orm", "Mapped");
    needs.add("sqlalchemy.orm", "mapped_column");
    if (has_soft_delete(of)) {
        needs.add("src.core.database", "SoftDelete");
    }
    if (has_versions(of)) {
        needs.add("src.core.database", "Versioned");
    }
    for (const auto& entity : of.entities) {
        if (!entity.links.empty()) {
            for (const char* name : {"Column", "ForeignKey", "Table", "Uuid"}) {
                needs.add("sqlalchemy", name);
            }
            needs.add("sqlalchemy.orm", "relationship");
        }
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
        add_links(fields, entity, needs);
        add_query(fields, entity, needs);
        for (const auto& each : entity.fields) {
            python::alias(entity, each, needs);
            need_types(each, needs);
        }
    }
    return needs.text();
}

}  // namespace teamflow::generation
