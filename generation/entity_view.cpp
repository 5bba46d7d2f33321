#include <algorithm>
#include <set>
#include <string>

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "generation/model/names.hpp"
#include "generation/model/samples.hpp"
#include "generation/python/fields.hpp"
#include "generation/python/literal.hpp"
#include "generation/view.hpp"

namespace teamflow::generation {

namespace {

namespace bj = boost::json;
using python::enclose;
using python::imports;
using python::string;

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const auto& each : parts) {
        text += (text.empty() ? "" : ", ") + each;
    }
    return text;
}

std::vector<std::string> literals(const std::vector<std::string>& texts) {
    std::vector<std::string> all;
    all.reserve(texts.size());
    for (const auto& each : texts) {
        all.push_back(string(each));
    }
    return all;
}

/// `["a", "b"]`
std::string list_of(const std::vector<std::string>& texts) {
    return "[" + joined(literals(texts)) + "]";
}

class entity_names {
public:
    entity_names(const model& in, const entity& of, bj::object& view)
        : model_(in),
          entity_(of),
          view_(view),
          snake_(singular_name(of)),
          module_(plural_name(of)) {}

    void add() {
        view_["entity"] = entity_.name;
        view_["snake"] = snake_;
        view_["module"] = module_;
        view_["table"] = module_;
        view_["constant"] = upper_case(module_);
        view_["label"] = words(snake_);
        view_["article_label"] = with_article(words(snake_));
        view_["route"] = route_of(model_, entity_);
        view_["route_py"] = string(route_of(model_, entity_));
        view_["id_parameter"] = "{" + snake_ + "_id}";
        view_["docstring"] = false;
        view_["description_md"] = false;
        if (entity_.description) {
            view_["docstring"] = python::docstring(*entity_.description);
            view_["description_md"] = python::markdown(*entity_.description);
        }
        add_routes();
    }

private:
    void add_routes() {
        const std::string& name = entity_.name;
        const std::string services = "service: " + name + "Services";
        const std::string id = snake_ + "_id: UUID";
        const auto signature = [&](const char* verb,
                                   const std::string& of,
                                   const std::vector<std::string>& arguments,
                                   const std::string& result) {
            view_[std::string(verb) + "_signature"] = enclose(
                0,
                "async def " + std::string(verb) + "_" + of + "(",
                arguments,
                ") -> " + result + ":"
            );
        };
        signature("create", snake_, {"data: " + name + "Create", services}, name);
        signature(
            "list",
            module_,
            {services, "query: Annotated[" + name + "Query, Query()]"},
            "Page[" + name + "]"
        );
        signature("get", snake_, {id, services}, name);
        signature("update", snake_, {id, "data: " + name + "Update", services}, name);
        signature("delete", snake_, {id, services}, "None");
        view_["router"] = enclose(
            0,
            "router = APIRouter(",
            {"prefix=" + string(route_of(model_, entity_)),
             "tags=[" + string(words(module_)) + "]",
             "responses=ERROR_RESPONSES"},
            ")"
        );
        imports needs;
        needs.add("typing", "Annotated");
        needs.add("uuid", "UUID");
        for (const char* each : {"APIRouter", "Depends", "Query"}) {
            needs.add("fastapi", each);
        }
        needs.add("src.api.dependencies", name + "Services");
        needs.add("src.core.errors", "ERROR_RESPONSES");
        needs.add("src.core.ratelimit", "limit_writes");
        needs.add("src.models.base", "Page");
        for (const char* suffix : {"", "Create", "Query", "Update"}) {
            needs.add("src.models.schemas", name + suffix);
        }
        view_["route_imports"] = needs.text();
        std::vector<std::string> repository{name + "Repository(db)"};
        std::vector<std::string> references;
        references.reserve(entity_.relations.size());
        for (const auto& each : entity_.relations) {
            references.push_back(
                string(each.column()) + ": (" + string(words(snake_case(each.to))) + ", " +
                each.to + "Repository(db))"
            );
        }
        if (!references.empty()) {
            repository.push_back(enclose(8, "{", references, "}").substr(8));
        }
        view_["service_call"] = enclose(4, "return " + name + "Service(", repository, ")");
    }

    const model& model_;
    const entity& entity_;
    bj::object& view_;
    std::string snake_;
    std::string module_;
};

/// Relations as tests, services and seeds see them.
void add_references(bj::object& view, const model& in, const entity& of) {
    bj::array all;
    bj::array required;
    bj::array restricted;
    for (const auto& each : of.relations) {
        const entity& target = *in.find_entity(each.to);
        bj::object one{
            {"column", each.column()},
            {"target", target.name},
            {"target_label", words(singular_name(target))},
            {"target_snake", singular_name(target)},
            {"target_module", plural_name(target)},
            {"target_route_py", string(route_of(in, target))}
        };
        if (each.required.value) {
            required.push_back(one);
            if (each.on_delete.value == on_delete::restrict) {
                restricted.push_back(one);
            }
        }
        all.push_back(std::move(one));
    }
    view["has_references"] = !all.empty();
    view["references"] = std::move(all);
    view["has_required"] = !required.empty();
    view["required"] = std::move(required);
    view["has_restricted"] = !restricted.empty();
    view["restricted"] = std::move(restricted);
}

void add_samples(bj::object& view, const model& in, const entity& of) {
    bj::array rows;
    for (const auto& row : sample_rows(in, of).rows) {
        bj::array pairs;
        for (const auto& member : row) {
            pairs.emplace_back(string(member.key()) + ": " + python::value(member.value()));
        }
        rows.push_back(bj::object{{"pairs", std::move(pairs)}});
    }
    view["rows"] = std::move(rows);
    bj::array refused;
    std::vector<std::string> needed;
    std::vector<std::string> echoed;
    std::vector<std::string> unique;
    for (const auto& each : of.fields) {
        for (const auto& change : python::refused_changes(each)) {
            refused.emplace_back(change);
        }
        if (!each.nullable.value && !each.initial) {
            needed.push_back(each.name);
        }
        if (each.unique.value) {
            unique.push_back(each.name);
        }
        echoed.push_back(each.name);
    }
    for (const auto& each : of.relations) {
        if (each.required.value) {
            needed.push_back(each.column());
        }
    }
    view["refused"] = std::move(refused);
    view["has_needed"] = !needed.empty();
    view["required_names"] = enclose(0, "[", literals(needed), "]");
    view["echoed"] = enclose(0, "ECHOED = (", literals(echoed), echoed.size() == 1 ? ",)" : ")");
    view["has_unique"] = !unique.empty();
    view["unique_names"] = list_of(unique);
}

void add_html(bj::object& view, const entity& of) {
    std::vector<std::string> clean;
    std::vector<std::string> nullable;
    for (const auto& each : of.fields) {
        if (each.html == html_policy::sanitize) {
            clean.push_back(each.name);
            if (each.nullable.value) {
                nullable.push_back(each.name);
            }
        }
    }
    view["has_html"] = !clean.empty();
    view["html_set"] = enclose(4, "html_fields = frozenset({", literals(clean), "})").substr(4);
    view["html_fields"] = list_of(clean);
    view["has_nullable_html"] = !nullable.empty();
    view["nullable_html_fields"] = list_of(nullable);
}

/// The columns that lists can be filtered by, as they are called in queries.
std::vector<std::string> filters_of(const entity& of) {
    std::vector<std::string> names;
    for (const auto& each : of.api.filters.value_or(std::vector<std::string>{})) {
        const auto* const relation = of.find_relation(each);
        names.push_back(relation == nullptr ? each : relation->column());
    }
    return names;
}

std::vector<std::string> sorts_of(const entity& of) {
    return of.api.sort.value_or(std::vector<std::string>{"created_at"});
}

void add_queries(bj::object& view, const entity& of) {
    const auto filters = filters_of(of);
    view["has_filters"] = !filters.empty();
    view["filter_names"] =
        enclose(0, "FILTERS = (", literals(filters), filters.size() == 1 ? ",)" : ")");
    std::vector<std::string> orders;
    for (const auto& each : sorts_of(of)) {
        orders.push_back(each);
    }
    const auto shown = [](const std::vector<std::string>& names) {
        std::string text;
        for (const auto& each : names) {
            text += (text.empty() ? "`" : ", `") + each + "`";
        }
        return text.empty() ? std::string("none") : text;
    };
    view["sort_md"] = shown(orders);
    view["filters_md"] = shown(filters);
}

/// What a column keeps, in the words of the documentation.
std::string rules_of(const field& of) {
    std::vector<std::string> rules;
    rules.emplace_back(of.nullable.value ? "may be null" : "required");
    if (of.initial) {
        rules.push_back("default " + python::markdown(bj::serialize(*of.initial)));
    }
    if (of.min) {
        rules.push_back("min " + python::markdown(python::number(*of.min)));
    }
    if (of.max) {
        rules.push_back("max " + python::markdown(python::number(*of.max)));
    }
    if (of.pattern) {
        rules.push_back("matches " + python::markdown(*of.pattern));
    }
    if (of.unique.value) {
        rules.emplace_back("unique");
    }
    if (of.html == html_policy::sanitize) {
        rules.emplace_back("HTML is sanitized");
    }
    if (of.description) {
        rules.push_back(python::markdown(*of.description));
    }
    return joined(rules);
}

void add_documentation(bj::object& view, const entity& of) {
    bj::array rows;
    for (const auto& each : of.relations) {
        rows.push_back(bj::object{
            {"column", each.column()},
            {"type_md", "uuid of " + each.to},
            {"rules_md", each.required.value ? "required" : "may be null"}
        });
    }
    for (const auto& each : of.fields) {
        rows.push_back(bj::object{
            {"column", each.name},
            {"type_md", python::markdown(each.type)},
            {"rules_md", rules_of(each)}
        });
    }
    view["model_rows"] = std::move(rows);
}

}  // namespace

std::string singular_name(const entity& of) {
    return snake_case(of.name);
}

std::string plural_name(const entity& of) {
    return of.plural.value_or(plural(snake_case(of.name)));
}

std::string route_of(const model& in, const entity& of) {
    return in.app.api_prefix.value_or("/api/v1") + "/" + kebab_case(plural_name(of));
}

bj::object entity_view(const model& in, const entity& of) {
    bj::object view;
    entity_names(in, of, view).add();
    add_references(view, in, of);
    add_samples(view, in, of);
    add_html(view, of);
    add_queries(view, of);
    add_documentation(view, of);
    add_test_imports(view, of);
    add_classes(view, in, of);
    return view;
}

}  // namespace teamflow::generation
