#include "generation/regeneration/tables.hpp"

#include <set>
#include <utility>

#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "generation/model/samples.hpp"
#include "generation/python/fields.hpp"
#include "generation/view.hpp"

namespace teamflow::generation {

namespace {

std::string sql_type(const field& of, const std::string& type) {
    switch (of.kind) {
        case kind::text:
            return "TEXT";
        case kind::integer:
            return "INTEGER";
        case kind::bigint:
            return "BIGINT";
        case kind::floating:
            return "DOUBLE PRECISION";
        case kind::decimal:
            return fmt::format("NUMERIC({}, {})", digits_of(of), places_of(of));
        case kind::boolean:
            return "BOOLEAN";
        case kind::date:
            return "DATE";
        case kind::datetime:
            return "TIMESTAMP WITH TIME ZONE";
        case kind::time:
            return "TIME";
        case kind::uuid:
            return "UUID";
        case kind::json:
            return "JSON";
        default: {
            // sa.String(length=20)
            const auto length = type.substr(type.find('=') + 1);
            return "VARCHAR(" + length.substr(0, length.find(')')) + ")";
        }
    }
}

class table_maker {
public:
    table_maker(const model& in, const entity& of) : model_(in), entity_(of) {
        made_.name = plural_name(of);
        made_.entity = &of;
    }

    table make() {
        for (const auto& each : entity_.relations) {
            add_relation(each);
        }
        for (const auto& each : entity_.fields) {
            add_field(each);
        }
        add({constraint_kind::primary, "pk_" + made_.name, "id", "", ""});
        for (const auto& [name, sql] : checks_of(entity_)) {
            add({constraint_kind::check, "ck_" + made_.name + "_" + name, sql, "", ""});
        }
        for (const auto& names : entity_.indexes) {
            add_index(index_columns(entity_, names));
        }
        return std::move(made_);
    }

private:
    void add(table_constraint made) { made_.constraints.push_back(std::move(made)); }

    void add_relation(const relation& of) {
        made_.columns.push_back({of.column(), "sa.Uuid()", "UUID", !of.required.value, nullptr, &of}
        );
        const std::string target = plural_name(*model_.find_entity(of.to));
        add(
            {constraint_kind::foreign,
             "fk_" + made_.name + "_" + of.column() + "_" + target,
             of.column(),
             target,
             action_of(of)}
        );
        if (of.kind == relation_kind::one_to_one) {
            add_unique(of.column());
        } else {
            add_index({of.column()});
        }
    }

    void add_field(const field& of) {
        const bool is_enum = of.kind == kind::enumeration;
        std::string type = python::migration_type(model_, of);
        if (is_enum) {
            // The column is a text; what it may hold is the application's to check.
            type = "sa.String(" + type.substr(type.rfind("length="));
            type = type.substr(0, type.find_first_of(",)")) + ")";
        }
        const std::string in_sql = sql_type(of, type);
        made_.columns.push_back({of.name, type, in_sql, of.nullable.value, &of, nullptr});
        if (of.unique.value) {
            add_unique(of.name);
        } else if (of.index.value) {
            add_index({of.name});
        }
    }

    void add_unique(const std::string& column) {
        add({constraint_kind::unique, "uq_" + made_.name + "_" + column, column, "", ""});
    }

    void add_index(std::vector<std::string> columns) {
        const std::string name = fmt::format("ix_{}_{}", made_.name, fmt::join(columns, "_"));
        if (named_.insert(name).second) {
            made_.indexes.push_back({name, std::move(columns)});
        }
    }

    const model& model_;
    const entity& entity_;
    table made_;
    std::set<std::string> named_;
};

std::string quoted(std::string_view text) {
    std::string made = "'";
    for (const char c : text) {
        made += c == '\'' ? "''" : std::string(1, c);
    }
    return made + "'";
}

}  // namespace

std::string sql_name(std::string_view name) {
    return "\"" + std::string(name) + "\"";
}

std::vector<table> tables_of(const model& of) {
    std::vector<table> all;
    for (const auto* const each : in_order_of_reference(of)) {
        all.push_back(table_maker(of, *each).make());
    }
    return all;
}

std::vector<std::string> parts_beyond_tables(const model& of) {
    std::vector<std::string> paths;
    if (of.app.auth.value == auth_kind::jwt) {
        paths.emplace_back("app.auth");
    }
    for (const auto& each : of.entities) {
        const std::string path = "entities." + each.name;
        if (each.soft_delete.value) {
            paths.push_back(path + ".soft_delete");
        }
        if (each.audit.value) {
            paths.push_back(path + ".audit");
        }
        for (const auto& link : each.links) {
            paths.push_back(path + ".relations." + link.name);
        }
    }
    return paths;
}

std::string sql_literal(const field& of, const boost::json::value& value) {
    std::string text =
        value.is_string() ? std::string(value.get_string()) : boost::json::serialize(value);
    switch (of.kind) {
        case kind::integer:
        case kind::bigint:
        case kind::floating:
        case kind::boolean:
            return text;
        case kind::decimal:
        case kind::date:
        case kind::datetime:
        case kind::time:
        case kind::uuid:
        case kind::json:
            return "CAST(" + quoted(text) + " AS " + sql_type(of, "") + ")";
        default:
            return quoted(text);
    }
}

}  // namespace teamflow::generation
