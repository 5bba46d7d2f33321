#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>

#include "generation/model/check_extras.hpp"
#include "generation/model/names.hpp"
#include "generation/python/layout.hpp"
#include "generation/python/literal.hpp"
#include "generation/view.hpp"

namespace teamflow::generation {

namespace {

namespace bj = boost::json;
using python::enclose;
using python::string;

std::string link_column(const std::string& name, const entity& to, bool is_indexed) {
    std::vector<std::string> arguments{
        string(name),
        "Uuid()",
        "ForeignKey(" + string(plural_name(to) + ".id") + R"(, ondelete="CASCADE"))",
        "primary_key=True"
    };
    if (is_indexed) {
        arguments.emplace_back("index=True");
    }
    return enclose(8, "Column(", arguments, "),");
}

}  // namespace

bool has_links(const model& of) {
    return std::ranges::any_of(of.entities, [](const entity& e) { return !e.links.empty(); });
}

bool has_soft_delete(const model& of) {
    return std::ranges::any_of(of.entities, [](const entity& e) { return e.soft_delete.value; });
}

bool has_versions(const model& of) {
    return std::ranges::any_of(of.entities, [](const entity& e) { return e.versioned.value; });
}

bool has_audit(const model& of) {
    return std::ranges::any_of(of.entities, [](const entity& e) { return e.audit.value; });
}

field stored(const entity& in, const field& of) {
    field made = of;
    if (in.soft_delete.value && of.unique.value) {
        made.unique.value = false;
        made.index.value = false;
    }
    return made;
}

relation stored(const entity& in, const relation& of) {
    relation made = of;
    if (in.soft_delete.value && of.kind == relation_kind::one_to_one) {
        made.kind = relation_kind::many_to_one;
    }
    return made;
}

std::vector<std::string> unique_while_live(const entity& of) {
    std::vector<std::string> columns;
    if (!of.soft_delete.value) {
        return columns;
    }
    for (const auto& each : of.relations) {
        if (each.kind == relation_kind::one_to_one) {
            columns.push_back(each.column());
        }
    }
    for (const auto& each : of.fields) {
        if (each.unique.value) {
            columns.push_back(each.name);
        }
    }
    return columns;
}

/// What the entity has beside its columns.
void add_extras(bj::object& view, const model& in, const entity& of) {
    const auto filters = of.api.filters.value_or(std::vector<std::string>{});
    bj::array links;
    std::vector<std::string> names;
    for (const auto& each : of.links) {
        names.push_back(string(each.name));
        const entity& target = *in.find_entity(each.to);
        links.push_back(bj::object{
            {"link", each.name},
            {"link_table", link_table(of, each)},
            {"target", target.name},
            {"target_label", words(singular_name(target))},
            {"target_snake", singular_name(target)},
            {"is_filter",
             of.can(operation::list) && std::ranges::find(filters, each.name) != filters.end()}
        });
    }
    view["soft_delete"] = of.soft_delete.value;
    view["audit"] = of.audit.value;
    view["versioned"] = of.versioned.value;
    view["link_names"] =
        python::enclose_items(4, "link_names = (", names, names.size() == 1 ? ",)" : ")");
    view["has_entity_links"] = !links.empty();
    view["links"] = std::move(links);
}

void add_link_tables(bj::object& view, const model& of) {
    bj::array all;
    for (const auto& entity : of.entities) {
        for (const auto& link : entity.links) {
            const auto& target = *of.find_entity(link.to);
            all.push_back(bj::object{
                {"table", link_table(entity, link)},
                {"parts",
                 bj::array{
                     bj::value(link_column(link_source(entity), entity, false)),
                     bj::value(link_column(link_target(entity, link), target, true))
                 }}
            });
        }
    }
    view["has_links"] = has_links(of);
    view["link_tables"] = std::move(all);
}

}  // namespace teamflow::generation
