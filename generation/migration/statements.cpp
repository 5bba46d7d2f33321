#include "generation/migration/statements.hpp"

#include <cstddef>
#include <string_view>

#include <fmt/format.h>

#include "generation/python/layout.hpp"
#include "generation/python/literal.hpp"

namespace teamflow::generation {

namespace {

using python::enclose;
using python::string;

std::string formatted_name(const std::string& name) {
    return "op.f(" + string(name) + ")";
}

std::string nullable(bool yes) {
    return yes ? "nullable=True" : "nullable=False";
}

std::string default_part(const table_column& of) {
    return "server_default=sa.text(" + string(of.server_default) + ")";
}

std::vector<std::string> quoted(const std::vector<std::string>& names) {
    std::vector<std::string> all;
    all.reserve(names.size());
    for (const auto& each : names) {
        all.push_back(string(each));
    }
    return all;
}

std::string list_of(const std::vector<std::string>& names) {
    return fmt::format("[{}]", fmt::join(quoted(names), ", "));
}

std::vector<std::string> with_name(
    const std::vector<std::string>& columns, const std::string& name
) {
    auto arguments = quoted(columns);
    arguments.push_back(name);
    return arguments;
}

std::string call(const char* function, const std::vector<std::string>& arguments) {
    return enclose(4, std::string(function) + "(", arguments, ")");
}

/// An element of create_table.
std::string constraint_part(const table_constraint& of) {
    const std::string name = "name=" + formatted_name(of.name);
    const auto part = [](const char* type, const std::vector<std::string>& arguments) {
        return enclose(8, std::string(type) + "(", arguments, "),");
    };
    switch (of.kind) {
        case constraint_kind::primary:
            return part("sa.PrimaryKeyConstraint", with_name(of.columns, name));
        case constraint_kind::unique:
            return part("sa.UniqueConstraint", with_name(of.columns, name));
        case constraint_kind::check:
            return part("sa.CheckConstraint", {string(of.condition), name});
        case constraint_kind::foreign:
            break;
    }
    return part(
        "sa.ForeignKeyConstraint",
        {list_of(of.columns), list_of({of.target + ".id"}), name, "ondelete=" + string(of.on_delete)
        }
    );
}

}  // namespace

std::string create_table(const table& of) {
    std::string text = "    op.create_table(\n        " + string(of.name) + ",\n";
    for (const auto& each : of.columns) {
        std::vector<std::string> arguments{string(each.name), each.mapped_type};
        if (!each.server_default.empty()) {
            arguments.push_back(default_part(each));
        }
        arguments.push_back(nullable(each.nullable));
        text += enclose(8, "sa.Column(", arguments, "),") + "\n";
    }
    for (const auto& each : of.constraints) {
        text += constraint_part(each) + "\n";
    }
    text += "    )";
    for (const auto& each : of.indexes) {
        text += "\n" + create_index(of.name, each);
    }
    return text;
}

std::string drop_table(const table& of) {
    return call("op.drop_table", {string(of.name)});
}

std::string rename_table(const std::string& from, const std::string& to) {
    return call("op.rename_table", {string(from), string(to)});
}

std::string add_column(const std::string& table, const table_column& of) {
    std::vector<std::string> arguments{string(of.name), of.type};
    if (of.server_default.empty()) {
        arguments.push_back(nullable(true));
    } else {
        arguments.push_back(default_part(of));
        arguments.push_back(nullable(of.nullable));
    }
    return call(
        "op.add_column", {string(table), fmt::format("sa.Column({})", fmt::join(arguments, ", "))}
    );
}

std::string drop_column(const std::string& table, const table_column& of) {
    return call("op.drop_column", {string(table), string(of.name)});
}

std::string rename_column(
    const std::string& table, const std::string& from, const std::string& to
) {
    return call("op.alter_column", {string(table), string(from), "new_column_name=" + string(to)});
}

std::string alter_type(
    const std::string& table,
    const table_column& from,
    const table_column& to,
    const std::string& sql_using
) {
    std::vector<std::string> arguments{
        string(table), string(to.name), "existing_type=" + from.type, "type_=" + to.type
    };
    if (!sql_using.empty()) {
        arguments.push_back("postgresql_using=" + string(sql_using));
    }
    return call("op.alter_column", arguments);
}

std::string alter_nullable(const std::string& table, const table_column& to) {
    return call(
        "op.alter_column",
        {string(table), string(to.name), "existing_type=" + to.type, nullable(to.nullable)}
    );
}

std::string create_constraint(const std::string& table, const table_constraint& of) {
    const std::string name = formatted_name(of.name);
    switch (of.kind) {
        case constraint_kind::primary:
            return call("op.create_primary_key", {name, string(table), list_of(of.columns)});
        case constraint_kind::unique:
            return call("op.create_unique_constraint", {name, string(table), list_of(of.columns)});
        case constraint_kind::check:
            return call("op.create_check_constraint", {name, string(table), string(of.condition)});
        case constraint_kind::foreign:
            break;
    }
    return call(
        "op.create_foreign_key",
        {name,
         string(table),
         string(of.target),
         list_of(of.columns),
         "[\"id\"]",
         "ondelete=" + string(of.on_delete)}
    );
}

std::string drop_constraint(const std::string& table, const table_constraint& of) {
    const char* const type = of.kind == constraint_kind::foreign  ? "foreignkey"
                             : of.kind == constraint_kind::unique ? "unique"
                             : of.kind == constraint_kind::check  ? "check"
                                                                  : "primary";
    return call(
        "op.drop_constraint", {formatted_name(of.name), string(table), "type_=" + string(type)}
    );
}

std::string create_index(const std::string& table, const table_index& of) {
    std::vector<std::string> arguments{
        formatted_name(of.name),
        string(table),
        list_of(of.columns),
        of.unique ? "unique=True" : "unique=False"
    };
    if (!of.where.empty()) {
        arguments.push_back("postgresql_where=sa.text(" + string(of.where) + ")");
    }
    return call("op.create_index", arguments);
}

std::string drop_index(const std::string& table, const table_index& of) {
    return call("op.drop_index", {formatted_name(of.name), "table_name=" + string(table)});
}

std::string execute(const std::string& sql) {
    // SQLAlchemy takes a colon before a word for a parameter.
    std::string text;
    for (const char c : sql) {
        text += c == ':' ? "\\:" : std::string(1, c);
    }
    constexpr std::size_t longest_part = 80;
    std::vector<std::string> parts;
    while (text.size() > longest_part) {
        const auto blank = text.rfind(' ', longest_part);
        if (blank == std::string::npos || blank + 1 == text.size()) {
            break;
        }
        parts.push_back(string(text.substr(0, blank + 1)));
        text.erase(0, blank + 1);
    }
    parts.push_back(string(text));
    if (parts.size() == 1) {
        return call("op.execute", parts);
    }
    return fmt::format("    op.execute(\n        {}\n    )", fmt::join(parts, "\n        "));
}

}  // namespace teamflow::generation
