#include <algorithm>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "generation/exchange/exchange.hpp"
#include "generation/migration/tables.hpp"
#include "generation/model/names.hpp"
#include "generation/model/samples.hpp"
#include "generation/view.hpp"

namespace teamflow::generation {

namespace {

/// Without what neither DDL that is read again nor DBML has a word for.
model without_extras(model of) {
    of.app.auth = {};
    for (auto& each : of.entities) {
        each.soft_delete = {};
        each.audit = {};
        each.versioned = {};
    }
    return of;
}

bool is_of_model(const table_column& of) {
    return of.field != nullptr || of.relation != nullptr;
}

std::string sql_names(const std::vector<std::string>& columns) {
    std::string text;
    for (const auto& name : columns) {
        text += (text.empty() ? "" : ", ") + sql_name(name);
    }
    return text;
}

/// Names of enums are those of types, in snake_case.
std::string column_type(const table_column& of) {
    const bool is_enum = of.field != nullptr && of.field->kind == kind::enumeration;
    return is_enum ? snake_case(of.field->type) : of.sql_type;
}

std::string sql_column(const table_column& of) {
    std::string text = "    " + sql_name(of.name) + " ";
    const bool is_enum = of.field != nullptr && of.field->kind == kind::enumeration;
    text += is_enum ? sql_name(column_type(of)) : of.sql_type;
    text += of.nullable ? "" : " NOT NULL";
    if (of.field != nullptr && of.field->initial && !of.field->initial->is_null()) {
        text += " DEFAULT " + sql_literal(*of.field, *of.field->initial);
    }
    return text;
}

std::string sql_constraint(const table_constraint& of) {
    const std::string begin = "    CONSTRAINT " + sql_name(of.name) + " ";
    switch (of.kind) {
        case constraint_kind::primary:
            return begin + "PRIMARY KEY (" + sql_names(of.columns) + ")";
        case constraint_kind::unique:
            return begin + "UNIQUE (" + sql_name(of.columns.front()) + ")";
        case constraint_kind::check:
            return begin + "CHECK (" + of.condition + ")";
        case constraint_kind::foreign:
            break;
    }
    return fmt::format(
        R"({}FOREIGN KEY ({}) REFERENCES {} ("id") ON DELETE {})",
        begin,
        sql_name(of.columns.front()),
        sql_name(of.target),
        of.on_delete
    );
}

std::string description_of(const table_column& of) {
    return of.field != nullptr ? of.field->description.value_or("")
                               : of.relation->description.value_or("");
}

std::string sql_columns(const table& of) {
    std::string text;
    if (of.link != nullptr) {
        for (const auto& each : of.columns) {
            text += (text.empty() ? "" : ",\n") + sql_column(each);
        }
        return text;
    }
    text = "    \"id\" UUID NOT NULL,\n";
    for (const auto& each : of.columns | std::views::filter(is_of_model)) {
        text += sql_column(each) + ",\n";
    }
    return text +
           "    \"created_at\" TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),\n"
           "    \"updated_at\" TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now()";
}

const std::optional<std::string>& description_of(const table& of) {
    return of.link != nullptr ? of.link->description : of.entity->description;
}

std::string sql_table(const table& of) {
    std::string text = "CREATE TABLE " + sql_name(of.name) + " (\n" + sql_columns(of);
    for (const auto& each : of.constraints) {
        text += ",\n" + sql_constraint(each);
    }
    text += "\n);\n";
    for (const auto& each : of.indexes) {
        text += fmt::format(
            "CREATE INDEX {} ON {} ({});\n",
            sql_name(each.name),
            sql_name(of.name),
            sql_names(each.columns)
        );
    }
    if (const auto& told = description_of(of)) {
        text += fmt::format("COMMENT ON TABLE {} IS {};\n", sql_name(of.name), sql_text(*told));
    }
    for (const auto& each : of.columns | std::views::filter(is_of_model)) {
        if (const auto told = description_of(each); !told.empty()) {
            text += fmt::format(
                "COMMENT ON COLUMN {}.{} IS {};\n",
                sql_name(of.name),
                sql_name(each.name),
                sql_text(told)
            );
        }
    }
    return text;
}

std::string export_sql(const model& of) {
    std::string text;
    for (const auto& each : of.enums) {
        std::string values;
        for (const auto& value : each.values) {
            values += (values.empty() ? "" : ", ") + sql_text(value);
        }
        text +=
            fmt::format("CREATE TYPE {} AS ENUM ({});\n", sql_name(snake_case(each.name)), values);
    }
    const model plain = without_extras(of);
    for (const auto& each : tables_of(plain)) {
        text += (text.empty() ? "" : "\n") + sql_table(each);
    }
    return text;
}

/// A text in single quotes, where a backslash escapes.
std::string dbml_text(std::string_view text) {
    std::string made = "'";
    for (const char c : text) {
        made += c == '\'' || c == '\\' ? "\\" : "";
        made += c;
    }
    return made + "'";
}

std::string dbml_type(const table_column& of) {
    std::string type = column_type(of);
    for (char& c : type) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    if (type == "timestamp with time zone") {
        return "timestamptz";
    }
    if (type.starts_with("numeric(")) {
        return fmt::format("numeric({},{})", digits_of(*of.field), places_of(*of.field));
    }
    const bool is_enum = of.field != nullptr && of.field->kind == kind::enumeration;
    return is_enum || type.contains(' ') ? "\"" + type + "\"" : type;
}

std::string dbml_default(const field& of) {
    const auto& value = *of.initial;
    if (value.is_bool()) {
        return value.get_bool() ? "true" : "false";
    }
    if (value.is_string()) {
        return dbml_text(std::string_view(value.get_string()));
    }
    return sql_literal(of, value);
}

bool is_unique(const table& in, const table_column& column) {
    for (const auto& each : in.constraints) {
        if (each.kind == constraint_kind::unique && each.columns.front() == column.name) {
            return true;
        }
    }
    return false;
}

std::string dbml_column(const table& in, const table_column& of) {
    std::string settings = of.nullable ? "null" : "not null";
    settings += is_unique(in, of) ? ", unique" : "";
    if (of.field != nullptr && of.field->initial && !of.field->initial->is_null()) {
        settings += ", default: " + dbml_default(*of.field);
    }
    if (const auto told = description_of(of); !told.empty()) {
        settings += ", note: " + dbml_text(told);
    }
    return fmt::format("  {} {} [{}]\n", sql_name(of.name), dbml_type(of), settings);
}

std::string dbml_columns(const table& of) {
    std::string text;
    if (of.link != nullptr) {
        for (const auto& each : of.columns) {
            text += fmt::format("  {} uuid [not null]\n", sql_name(each.name));
        }
        return text;
    }
    text = "  \"id\" uuid [pk]\n";
    for (const auto& each : of.columns | std::views::filter(is_of_model)) {
        text += dbml_column(of, each);
    }
    return text +
           "  \"created_at\" timestamptz [not null]\n  \"updated_at\" timestamptz [not null]\n";
}

std::string dbml_checks(const table& of) {
    std::string text;
    for (const auto& each : of.constraints) {
        // DBML has no way to write a backquote there.
        if (each.kind == constraint_kind::check && !each.condition.contains('`')) {
            text += fmt::format("    `{}` [name: {}]\n", each.condition, dbml_text(each.name));
        }
    }
    return text.empty() ? "" : "\n  checks {\n" + text + "  }\n";
}

std::string dbml_table(const table& of) {
    std::string text = "Table " + sql_name(of.name) + " {\n" + dbml_columns(of);
    std::string indexes;
    for (const auto& each : of.constraints) {
        if (of.link != nullptr && each.kind == constraint_kind::primary) {
            indexes += "    (" + sql_names(each.columns) + ") [pk]\n";
        }
    }
    for (const auto& each : of.indexes) {
        indexes += "    (" + sql_names(each.columns) + ")\n";
    }
    if (!indexes.empty()) {
        text += "\n  indexes {\n" + indexes + "  }\n";
    }
    text += dbml_checks(of);
    if (const auto& told = description_of(of)) {
        text += "\n  Note: " + dbml_text(*told) + "\n";
    }
    return text + "}\n";
}

std::string export_dbml(const model& of) {
    std::string text;
    for (const auto& each : of.enums) {
        text += "Enum " + sql_name(snake_case(each.name)) + " {\n";
        for (const auto& value : each.values) {
            text += "  " + sql_name(value) + "\n";
        }
        text += "}\n\n";
    }
    std::string references;
    const model plain = without_extras(of);
    for (const auto& each : tables_of(plain)) {
        text += dbml_table(each) + "\n";
        for (const auto& constraint : each.constraints) {
            if (constraint.kind != constraint_kind::foreign) {
                continue;
            }
            const std::string& key = constraint.columns.front();
            const auto column = std::ranges::find(each.columns, key, &table_column::name);
            const std::string own = sql_name(each.name) + "." + sql_name(key);
            const std::string other = sql_name(constraint.target) + ".\"id\"";
            const bool is_single = is_unique(each, *column);
            // The key is right of a `-`.
            references += fmt::format(
                "Ref: {} {} {} [delete: {}]\n",
                is_single ? other : own,
                is_single ? '-' : '>',
                is_single ? own : other,
                constraint.on_delete == "CASCADE"    ? "cascade"
                : constraint.on_delete == "SET NULL" ? "set null"
                                                     : "restrict"
            );
        }
    }
    return text + references;
}

std::string export_mermaid(const model& of) {
    std::string text = "erDiagram\n";
    for (const auto& each : of.entities) {
        text += "    " + each.name + " {\n        uuid id PK\n";
        for (const auto& relation : each.relations) {
            text += "        uuid " + relation.column() + " FK\n";
        }
        for (const auto& field : each.fields) {
            std::string type = field.type;
            std::ranges::replace(type, '-', '_');
            text += "        " + type + " " + field.name + (field.unique.value ? " UK" : "") + "\n";
        }
        text += "    }\n";
    }
    for (const auto& each : of.entities) {
        for (const auto& relation : each.relations) {
            text += fmt::format(
                "    {} {}--{} {} : {}\n",
                relation.to,
                relation.required.value ? "||" : "|o",
                relation.kind == relation_kind::one_to_one ? "o|" : "o{",
                each.name,
                relation.name
            );
        }
        for (const auto& link : each.links) {
            text += fmt::format("    {} }}o--o{{ {} : {}\n", each.name, link.to, link.name);
        }
    }
    return text;
}

std::string jdl_type(const field& of) {
    switch (of.kind) {
        case kind::text:
        case kind::json:
            return "TextBlob";
        case kind::integer:
            return "Integer";
        case kind::bigint:
            return "Long";
        case kind::floating:
            return "Double";
        case kind::decimal:
            return "BigDecimal";
        case kind::boolean:
            return "Boolean";
        case kind::date:
            return "LocalDate";
        case kind::datetime:
            return "Instant";
        case kind::uuid:
            return "UUID";
        case kind::enumeration:
            return of.type;
        default:
            return "String";
    }
}

/// `order_id` to `orderId`.
std::string camel_name(const std::string& snake) {
    std::string made = camel_case(snake);
    made.front() = snake.front();
    return made;
}

std::string escaped_slashes(std::string_view pattern) {
    std::string made;
    for (const char c : pattern) {
        made += c == '/' ? "\\/" : std::string(1, c);
    }
    return made;
}

/// A line with what is told of the next one; what would end the comment is parted.
std::string jdl_comment(std::string_view indent, const std::optional<std::string>& told) {
    if (!told) {
        return "";
    }
    std::string words;
    for (const char c : *told) {
        words += c == '/' && words.ends_with('*') ? " " : "";
        words += c;
    }
    return fmt::format("{}/** {} */\n", indent, words);
}

std::string jdl_field(const field& of) {
    std::string text = jdl_comment("  ", of.description);
    text += "  " + camel_name(of.name) + " " + jdl_type(of);
    text += of.nullable.value ? "" : " required";
    text += of.unique.value ? " unique" : "";
    const bool has_length = of.kind == kind::string;
    const bool is_number = of.kind == kind::integer || of.kind == kind::bigint ||
                           of.kind == kind::floating || of.kind == kind::decimal;
    const char* const least = has_length ? " minlength(" : " min(";
    const char* const most = has_length ? " maxlength(" : " max(";
    if (of.min && (has_length || is_number)) {
        text += fmt::format("{}{})", least, *of.min);
    }
    if ((of.max || has_length) && (has_length || is_number)) {
        text += fmt::format("{}{})", most, limits_of(of).max);
    }
    if (of.pattern) {
        text += " pattern(/" + escaped_slashes(*of.pattern) + "/)";
    }
    return text;
}

std::string export_jdl(const model& of) {
    std::string text;
    for (const auto& each : of.enums) {
        text += "enum " + each.name + " {\n";
        for (const auto& value : each.values) {
            text += "  " + upper_case(value) + (&value == &each.values.back() ? "\n" : ",\n");
        }
        text += "}\n\n";
    }
    std::string relations;
    for (const auto& each : of.entities) {
        text += jdl_comment("", each.description) + "entity " + each.name + " {\n";
        for (const auto& field : each.fields) {
            text += jdl_field(field) + (&field == &each.fields.back() ? "\n" : ",\n");
        }
        text += "}\n\n";
        for (const auto& link : each.links) {
            relations += fmt::format(
                "relationship ManyToMany {{\n  {}{{{}}} to {}\n}}\n",
                each.name,
                camel_name(link.name),
                link.to
            );
        }
        for (const auto& relation : each.relations) {
            relations += fmt::format(
                "relationship {} {{\n  {}{{{}{}}} to {}\n}}\n",
                relation.kind == relation_kind::one_to_one ? "OneToOne" : "ManyToOne",
                each.name,
                camel_name(relation.name),
                relation.required.value ? " required" : "",
                relation.to
            );
        }
    }
    return text + relations;
}

}  // namespace

std::string export_model(const model& of, exchange_format format) {
    switch (format) {
        case exchange_format::sql:
            return export_sql(of);
        case exchange_format::dbml:
            return export_dbml(of);
        case exchange_format::jdl:
            return export_jdl(of);
        case exchange_format::mermaid:
            return export_mermaid(of);
    }
    return "";
}

}  // namespace teamflow::generation
