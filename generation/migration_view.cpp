#include <algorithm>
#include <functional>
#include <set>
#include <string>

#include <boost/json/array.hpp>

#include "generation/model/check_extras.hpp"
#include "generation/model/condition.hpp"
#include "generation/model/names.hpp"
#include "generation/python/fields.hpp"
#include "generation/python/literal.hpp"
#include "generation/view.hpp"

namespace teamflow::generation {

namespace {

namespace bj = boost::json;
using python::enclose;
using python::string;

std::string name_argument(const std::string& name) {
    return "name=op.f(" + string(name) + ")";
}

std::string joined(const std::vector<std::string>& parts, const std::string& between) {
    std::string text;
    for (const auto& each : parts) {
        text += (text.empty() ? "" : between) + each;
    }
    return text;
}

class table_view {
public:
    table_view(const model& in, const entity& of)
        : model_(in), entity_(of), table_(plural_name(of)) {}

    bj::object make() {
        columns();
        constraints();
        indexes();
        return {{"table", table_}, {"parts", std::move(parts_)}, {"indexes", std::move(indexes_)}};
    }

    /// The statements that undo it, in their order.
    [[nodiscard]] std::vector<std::string> drops() const {
        std::vector<std::string> all(drops_.rbegin(), drops_.rend());
        all.push_back(enclose(4, "op.drop_table(", {string(table_)}, ")"));
        return all;
    }

private:
    void part(const std::string& head, const std::vector<std::string>& arguments) {
        parts_.emplace_back(enclose(8, head + "(", arguments, "),"));
    }

    void columns() {
        for (const auto& each : entity_.relations) {
            part("sa.Column", {string(each.column()), "sa.Uuid()", nullable(!each.required.value)});
        }
        for (const auto& each : entity_.fields) {
            part(
                "sa.Column",
                {string(each.name),
                 python::migration_type(model_, each),
                 nullable(each.nullable.value)}
            );
        }
        part("sa.Column", {"\"id\"", "sa.Uuid()", nullable(false)});
        if (entity_.soft_delete.value) {
            part("sa.Column", {"\"deleted_at\"", "sa.DateTime(timezone=True)", nullable(true)});
        }
        for (const char* name : {"\"created_at\"", "\"updated_at\""}) {
            part(
                "sa.Column",
                {name,
                 "sa.DateTime(timezone=True)",
                 "server_default=sa.text(\"now()\")",
                 nullable(false)}
            );
        }
    }

    static std::string nullable(bool yes) { return yes ? "nullable=True" : "nullable=False"; }

    void constraints() {
        for (const auto& [name, sql] : checks_of(entity_)) {
            part("sa.CheckConstraint", {string(sql), name_argument("ck_" + table_ + "_" + name)});
        }
        for (const auto& each : entity_.relations) {
            const std::string target = plural_name(*model_.find_entity(each.to));
            part(
                "sa.ForeignKeyConstraint",
                {"[" + string(each.column()) + "]",
                 "[" + string(target + ".id") + "]",
                 name_argument("fk_" + table_ + "_" + each.column() + "_" + target),
                 "ondelete=" + string(action_of(each))}
            );
        }
        part("sa.PrimaryKeyConstraint", {"\"id\"", name_argument("pk_" + table_)});
        for (const auto& each : entity_.relations) {
            if (stored(entity_, each).kind == relation_kind::one_to_one) {
                unique(each.column());
            }
        }
        for (const auto& each : entity_.fields) {
            if (stored(entity_, each).unique.value) {
                unique(each.name);
            }
        }
    }

    void unique(const std::string& column) {
        part("sa.UniqueConstraint", {string(column), name_argument("uq_" + table_ + "_" + column)});
    }

    void indexes() {
        for (const auto& each : entity_.relations) {
            if (stored(entity_, each).kind != relation_kind::one_to_one) {
                index({each.column()});
            }
        }
        for (const auto& each : entity_.fields) {
            if (each.index.value && !each.unique.value) {
                index({each.name});
            }
        }
        if (entity_.soft_delete.value) {
            index({"deleted_at"});
        }
        for (const auto& column : unique_while_live(entity_)) {
            make_index(
                "uq_" + table_ + "_" + column,
                {column},
                {"unique=True", R"(postgresql_where=sa.text("deleted_at IS NULL"))"}
            );
        }
        for (const auto& each : entity_.indexes) {
            index(index_columns(entity_, each));
        }
    }

    void index(const std::vector<std::string>& columns) {
        const std::string name = "ix_" + table_ + "_" + joined(columns, "_");
        if (named_.insert(name).second) {
            make_index(name, columns, {"unique=False"});
        }
    }

    void make_index(
        const std::string& name,
        const std::vector<std::string>& columns,
        const std::vector<std::string>& options
    ) {
        std::vector<std::string> quoted;
        quoted.reserve(columns.size());
        for (const auto& each : columns) {
            quoted.push_back(string(each));
        }
        const std::string full = "op.f(" + string(name) + ")";
        std::vector<std::string> arguments{full, string(table_), "[" + joined(quoted, ", ") + "]"};
        arguments.insert(arguments.end(), options.begin(), options.end());
        indexes_.push_back(bj::object{{"create", enclose(4, "op.create_index(", arguments, ")")}});
        drops_.push_back(enclose(4, "op.drop_index(", {full, "table_name=" + string(table_)}, ")"));
    }

    const model& model_;
    const entity& entity_;
    std::string table_;
    bj::array parts_;
    bj::array indexes_;
    std::set<std::string> named_;
    std::vector<std::string> drops_;
};

/// The key of one side of a link's table.
std::string link_key(const std::string& table, const std::string& column, const std::string& to) {
    return enclose(
        8,
        "sa.ForeignKeyConstraint(",
        {"[" + string(column) + "]",
         "[" + string(to + ".id") + "]",
         name_argument("fk_" + table + "_" + column + "_" + to),
         R"(ondelete="CASCADE")"},
        "),"
    );
}

bj::object link_table_view(const model& in, const entity& of, const relation& link) {
    const std::string table = link_table(of, link);
    const std::string source = link_source(of);
    const std::string target = link_target(of, link);
    bj::array parts;
    for (const auto& column : {source, target}) {
        parts.emplace_back(
            enclose(8, "sa.Column(", {string(column), "sa.Uuid()", "nullable=False"}, "),")
        );
    }
    parts.emplace_back(link_key(table, source, plural_name(of)));
    parts.emplace_back(link_key(table, target, plural_name(*in.find_entity(link.to))));
    parts.emplace_back(enclose(
        8,
        "sa.PrimaryKeyConstraint(",
        {string(source), string(target), name_argument("pk_" + table)},
        "),"
    ));
    const std::string create = enclose(
        4,
        "op.create_index(",
        {"op.f(" + string("ix_" + table + "_" + target) + ")",
         string(table),
         "[" + string(target) + "]",
         "unique=False"},
        ")"
    );
    return {
        {"table", table},
        {"parts", std::move(parts)},
        {"indexes", bj::array{bj::object{{"create", create}}}}
    };
}

}  // namespace

std::string action_of(const relation& of) {
    switch (of.on_delete.value) {
        case on_delete::cascade:
            return "CASCADE";
        case on_delete::set_null:
            return "SET NULL";
        case on_delete::restrict:
            break;
    }
    return "RESTRICT";
}

std::vector<std::string> index_columns(const entity& of, const std::vector<std::string>& names) {
    std::vector<std::string> columns;
    for (const auto& name : names) {
        const auto* const relation = of.find_relation(name);
        columns.push_back(relation == nullptr ? name : relation->column());
    }
    return columns;
}

std::vector<std::pair<std::string, std::string>> checks_of(const entity& of) {
    std::vector<std::pair<std::string, std::string>> all;
    for (const auto& each : of.fields) {
        for (auto& limit : python::limit_checks(each)) {
            all.push_back(std::move(limit));
        }
    }
    for (const auto& [name, text] : of.checks) {
        all.emplace_back(name, condition::parse(text).value().sql());
    }
    return all;
}

std::vector<const entity*> in_order_of_reference(const model& of) {
    std::vector<const entity*> ordered;
    std::set<std::string> done;
    const std::function<void(const entity&)> visit = [&](const entity& each) {
        if (!done.insert(each.name).second) {
            return;
        }
        for (const auto& relation : each.relations) {
            visit(*of.find_entity(relation.to));
        }
        ordered.push_back(&each);
    };
    for (const auto& each : of.entities) {
        visit(each);
    }
    return ordered;
}

void add_migration(bj::object& view, const model& of) {
    bj::array tables;
    std::vector<std::string> drops;
    for (const auto* const each : in_order_of_reference(of)) {
        table_view table(of, *each);
        tables.push_back(table.make());
        const auto undone = table.drops();
        drops.insert(drops.begin(), undone.begin(), undone.end());
    }
    for (const auto& entity : of.entities) {
        for (const auto& link : entity.links) {
            tables.push_back(link_table_view(of, entity, link));
            const std::string table = link_table(entity, link);
            drops.insert(drops.begin(), enclose(4, "op.drop_table(", {string(table)}, ")"));
            drops.insert(
                drops.begin(),
                enclose(
                    4,
                    "op.drop_index(",
                    {"op.f(" + string("ix_" + table + "_" + link_target(entity, link)) + ")",
                     "table_name=" + string(table)},
                    ")"
                )
            );
        }
    }
    view["tables"] = std::move(tables);
    view["drops"] = bj::array(drops.begin(), drops.end());
}

}  // namespace teamflow::generation
