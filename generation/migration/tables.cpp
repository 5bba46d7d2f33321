#include "generation/migration/tables.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "generation/model/check_extras.hpp"
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

table_column column(const std::string& name, const std::string& type, const std::string& sql_type) {
    return {name, type, sql_type, false, nullptr, nullptr, name, type, ""};
}

table_column id_column(const std::string& name) {
    return column(name, "sa.Uuid()", "UUID");
}

table_column text_column(const std::string& name, int longest) {
    return column(
        name, fmt::format("sa.String(length={})", longest), fmt::format("VARCHAR({})", longest)
    );
}

table_column nullable(table_column of) {
    of.nullable = true;
    return of;
}

/// A table in the making: the names of its parts are those of the application's conventions.
class table_maker {
public:
    table_maker(std::string name, std::string path) {
        made_.name = std::move(name);
        made_.path = std::move(path);
    }

    void add(table_column of) { made_.columns.push_back(std::move(of)); }

    /// What the rows of every entity have.
    void add_common(bool soft_delete, bool versioned) {
        const auto moment = [](const char* name) {
            return column(name, "sa.DateTime(timezone=True)", "TIMESTAMP WITH TIME ZONE");
        };
        add(id_column("id"));
        if (soft_delete) {
            add(nullable(moment("deleted_at")));
        }
        if (versioned) {
            auto made = column("version", "sa.Integer()", "INTEGER");
            made.server_default = "1";
            add(std::move(made));
        }
        for (const char* name : {"created_at", "updated_at"}) {
            auto made = moment(name);
            made.server_default = "now()";
            add(std::move(made));
        }
    }

    void add_check(const std::string& name, const std::string& condition) {
        add({constraint_kind::check, "ck_" + made_.name + "_" + name, {}, condition, "", ""});
    }

    void add_foreign(const std::string& name, const std::string& target, std::string on_delete) {
        const std::string key = "fk_" + made_.name + "_" + name + "_" + target;
        add({constraint_kind::foreign, key, {name}, "", target, std::move(on_delete)});
    }

    void add_primary(std::vector<std::string> columns) {
        add({constraint_kind::primary, "pk_" + made_.name, std::move(columns), "", "", ""});
    }

    void add_unique(const std::string& name) {
        add({constraint_kind::unique, "uq_" + made_.name + "_" + name, {name}, "", "", ""});
    }

    /// Unique among the rows that nobody deleted.
    void add_unique_while_live(const std::string& name) {
        made_.indexes.push_back(
            {"uq_" + made_.name + "_" + name, {name}, true, "deleted_at IS NULL"}
        );
    }

    void add_index(std::vector<std::string> columns) {
        const std::string name = fmt::format("ix_{}_{}", made_.name, fmt::join(columns, "_"));
        if (named_.insert(name).second) {
            made_.indexes.push_back({name, std::move(columns), false, ""});
        }
    }

    table make(const entity* of = nullptr, const relation* link = nullptr) {
        made_.entity = of;
        made_.link = link;
        return std::move(made_);
    }

private:
    void add(table_constraint made) { made_.constraints.push_back(std::move(made)); }

    table made_;
    std::set<std::string> named_;
};

table_column column_of(const relation& of) {
    auto made = id_column(of.column());
    made.nullable = !of.required.value;
    made.relation = &of;
    made.known_as = of.name;
    return made;
}

table_column column_of(const model& in, const field& of) {
    const std::string mapped = python::migration_type(in, of);
    std::string type = mapped;
    if (of.kind == kind::enumeration) {
        // The column is a text; what it may hold is the application's to check.
        type = "sa.String(" + type.substr(type.rfind("length="));
        type = type.substr(0, type.find_first_of(",)")) + ")";
    }
    auto made = column(of.name, type, sql_type(of, type));
    made.nullable = of.nullable.value;
    made.field = &of;
    made.mapped_type = mapped;
    return made;
}

std::string path_of(const entity& of) {
    return "entities." + of.name;
}

table entity_table(const model& in, const entity& of) {
    table_maker made(plural_name(of), path_of(of));
    for (const auto& each : of.relations) {
        made.add(column_of(each));
    }
    for (const auto& each : of.fields) {
        made.add(column_of(in, each));
    }
    made.add_common(of.soft_delete.value, of.versioned.value);
    for (const auto& [name, sql] : checks_of(of)) {
        made.add_check(name, sql);
    }
    for (const auto& each : of.relations) {
        made.add_foreign(each.column(), plural_name(*in.find_entity(each.to)), action_of(each));
    }
    made.add_primary({"id"});
    for (const auto& each : of.relations) {
        if (stored(of, each).kind == relation_kind::one_to_one) {
            made.add_unique(each.column());
        } else {
            made.add_index({each.column()});
        }
    }
    for (const auto& each : of.fields) {
        const auto kept = stored(of, each);
        if (kept.unique.value) {
            made.add_unique(each.name);
        } else if (kept.index.value) {
            made.add_index({each.name});
        }
    }
    if (of.soft_delete.value) {
        made.add_index({"deleted_at"});
    }
    for (const auto& name : unique_while_live(of)) {
        made.add_unique_while_live(name);
    }
    for (const auto& names : of.indexes) {
        made.add_index(index_columns(of, names));
    }
    return made.make(&of);
}

table table_between(const model& in, const entity& of, const relation& link) {
    table_maker made(link_table(of, link), path_of(of) + ".relations." + link.name);
    const std::string source = link_source(of);
    const std::string target = link_target(of, link);
    for (const auto& [name, side] : {std::pair(source, "source"), std::pair(target, "target")}) {
        auto key = id_column(name);
        key.known_as = side;
        made.add(std::move(key));
    }
    made.add_foreign(source, plural_name(of), "CASCADE");
    made.add_foreign(target, plural_name(*in.find_entity(link.to)), "CASCADE");
    made.add_primary({source, target});
    made.add_index({target});
    return made.make(&of, &link);
}

/// As patterns/models_sqlalchemy/audit.pattern maps it.
table table_of_audit(const entity& first) {
    table_maker made(std::string(audit_table), path_of(first) + ".audit");
    made.add(text_column("entity", 60));
    made.add(id_column("entity_id"));
    made.add(text_column("operation", 20));
    made.add(column("changes", "sa.JSON()", "JSON"));
    made.add(nullable(column("request_id", "sa.Text()", "TEXT")));
    made.add(nullable(text_column("user_id", 36)));
    made.add_common(false, false);
    made.add_primary({"id"});
    made.add_index({"entity_id"});
    made.add_index({"user_id"});
    return made.make();
}

/// As patterns/models_sqlalchemy/auth.pattern maps it.
table table_of_users() {
    table_maker made(std::string(user_table), "app.auth");
    made.add(text_column("email", 254));
    made.add(text_column("password_hash", 200));
    made.add(column("is_active", "sa.Boolean()", "BOOLEAN"));
    made.add_common(false, false);
    made.add_primary({"id"});
    made.add_unique("email");
    return made.make();
}

}  // namespace

std::string sql_name(std::string_view name) {
    return "\"" + std::string(name) + "\"";
}

std::string sql_text(std::string_view text) {
    std::string made = "'";
    for (const char c : text) {
        made += c == '\'' ? "''" : std::string(1, c);
    }
    return made + "'";
}

std::vector<table> tables_of(const model& of) {
    std::vector<table> all;
    for (const auto* const each : in_order_of_reference(of)) {
        all.push_back(entity_table(of, *each));
    }
    for (const auto& each : of.entities) {
        for (const auto& link : each.links) {
            all.push_back(table_between(of, each, link));
        }
    }
    const auto audited =
        std::ranges::find_if(of.entities, [](const entity& each) { return each.audit.value; });
    if (audited != of.entities.end()) {
        all.push_back(table_of_audit(*audited));
    }
    if (of.app.auth.value == auth_kind::jwt) {
        all.push_back(table_of_users());
    }
    return all;
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
            return "CAST(" + sql_text(text) + " AS " + sql_type(of, "") + ")";
        default:
            return sql_text(text);
    }
}

}  // namespace teamflow::generation
