#include <functional>
#include <ranges>
#include <set>
#include <string>
#include <utility>

#include <boost/json/array.hpp>

#include "generation/migration/statements.hpp"
#include "generation/migration/tables.hpp"
#include "generation/model/condition.hpp"
#include "generation/python/fields.hpp"
#include "generation/view.hpp"

namespace teamflow::generation {

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

void add_migration(boost::json::object& view, const model& of) {
    boost::json::array made;
    boost::json::array drops;
    const auto tables = tables_of(of);
    for (const auto& each : tables) {
        made.emplace_back(create_table(each));
    }
    for (const auto& each : tables | std::views::reverse) {
        for (const auto& index : each.indexes | std::views::reverse) {
            drops.emplace_back(drop_index(each.name, index));
        }
        drops.emplace_back(drop_table(each));
    }
    view["tables"] = std::move(made);
    view["drops"] = std::move(drops);
}

}  // namespace teamflow::generation
