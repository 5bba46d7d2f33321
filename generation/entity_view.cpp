#include <algorithm>
#include <set>
#include <string>

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "generation/model/check_extras.hpp"
#include "generation/model/names.hpp"
#include "generation/model/samples.hpp"
#include "generation/python/fields.hpp"
#include "generation/python/literal.hpp"
#include "generation/view.hpp"

namespace teamflow::generation {

namespace {

namespace bj = boost::json;
using python::enclose;
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

/// The decorator of a test that is there for each of some names.
std::string for_each_name(const std::vector<std::string>& names) {
    // With the comma that follows where the list has a line of its own.
    std::string list = python::enclose_items(4, "[", literals(names), "],").substr(4);
    list.pop_back();
    return enclose(0, "@pytest.mark.parametrize(", {R"("name")", list}, ")");
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
        add_service();
    }

private:
    /// `return TaskService(TaskRepository(db), {...})`
    void add_service() {
        std::vector<std::string> repository{entity_.name + "Repository(db)"};
        // What a key or a link refers to, and where that is looked up.
        const auto looked_up = [](const std::string& name, const relation& each) {
            return string(name) + ": (" + string(words(snake_case(each.to))) + ", " + each.to +
                   "Repository(db))";
        };
        std::vector<std::string> references;
        references.reserve(entity_.relations.size());
        for (const auto& each : entity_.relations) {
            references.push_back(looked_up(each.column(), each));
        }
        if (!references.empty()) {
            repository.push_back(enclose(8, "{", references, "}").substr(8));
        }
        std::vector<std::string> links;
        links.reserve(entity_.links.size());
        for (const auto& each : entity_.links) {
            links.push_back(looked_up(each.name, each));
        }
        if (!links.empty()) {
            repository.push_back(enclose(8, "links={", links, "}").substr(8));
        }
        view_["service_call"] = enclose(4, "return " + entity_.name + "Service(", repository, ")");
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
            if (each.on_delete.value == on_delete::restrict && target.can(operation::delete_)) {
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
    view["for_each_needed"] = for_each_name(needed);
    view["echoed"] =
        python::enclose_items(0, "ECHOED = (", literals(echoed), echoed.size() == 1 ? ",)" : ")");
    view["has_unique"] = !unique.empty();
    view["for_each_unique"] = for_each_name(unique);
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
    view["for_each_html"] = for_each_name(clean);
    view["has_nullable_html"] = !nullable.empty();
    view["for_each_nullable_html"] = for_each_name(nullable);
}

/// The columns that lists can be filtered by, as they are called in queries.
std::vector<std::string> filters_of(const entity& of) {
    std::vector<std::string> names;
    for (const auto& each : of.api.filters.value_or(std::vector<std::string>{})) {
        const auto* const relation = of.find_relation(each);
        if (of.find_link(each) == nullptr) {
            names.push_back(relation == nullptr ? each : relation->column());
        }
    }
    return names;
}

void add_queries(bj::object& view, const entity& of) {
    const auto filters = filters_of(of);
    view["has_filters"] = !filters.empty();
    view["filter_names"] = python::enclose_items(
        0, "FILTERS = (", literals(filters), filters.size() == 1 ? ",)" : ")"
    );
    const auto shown = [](const std::vector<std::string>& names) {
        std::string text;
        for (const auto& each : names) {
            text += (text.empty() ? "`" : ", `") + each + "`";
        }
        return text.empty() ? std::string("none") : text;
    };
    view["sort_md"] = shown(sorts_of(of));
    auto all = filters;
    for (const auto& each : of.api.filters.value_or(std::vector<std::string>{})) {
        if (of.find_link(each) != nullptr) {
            all.push_back(each);
        }
    }
    view["filters_md"] = shown(all);
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
    for (const auto& each : of.links) {
        rows.push_back(bj::object{
            {"column", each.name},
            {"type_md", "uuids of " + each.to},
            {"rules_md", "in the table `" + link_table(of, each) + "`"}
        });
    }
    if (of.soft_delete.value) {
        rows.push_back(bj::object{
            {"column", "deleted_at"},
            {"type_md", "datetime"},
            {"rules_md", "set when the row is deleted, which hides it"}
        });
    }
    if (of.versioned.value) {
        rows.push_back(bj::object{
            {"column", "version"},
            {"type_md", "int"},
            {"rules_md", "counts the changes of the row from 1"}
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

std::vector<std::string> sorts_of(const entity& of) {
    auto names = of.api.sort.value_or(std::vector<std::string>{});
    if (std::ranges::find(names, "created_at") == names.end()) {
        names.emplace_back("created_at");
    }
    return names;
}

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
    add_extras(view, in, of);
    add_samples(view, in, of);
    add_html(view, of);
    add_queries(view, of);
    add_documentation(view, of);
    add_routes(view, in, of);
    add_test_imports(view, of);
    add_classes(view, in, of);
    return view;
}

}  // namespace teamflow::generation
