#include <algorithm>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "generation/model/names.hpp"
#include "generation/python/layout.hpp"
#include "generation/python/literal.hpp"
#include "generation/view.hpp"

namespace teamflow::generation {

namespace {

namespace bj = boost::json;
using python::enclose;
using python::imports;
using python::string;

bool can_write(const entity& of) {
    return of.can(operation::create) || of.can(operation::update) || of.can(operation::delete_);
}

/// Whether there is a route with an id.
bool has_item(const entity& of) {
    return of.can(operation::get) || of.can(operation::update) || of.can(operation::delete_);
}

bool answers_with_one(const entity& of) {
    return of.can(operation::get) || of.can(operation::create) || of.can(operation::update);
}

bool needs_login(const model& in) {
    return in.app.auth.value == auth_kind::jwt;
}

/// `async def get_task(task_id: UUID, service: TaskServices) -> Task:` and its four sisters.
void add_signatures(bj::object& view, const entity& of) {
    const std::string& name = of.name;
    const std::string snake = singular_name(of);
    const std::string services = "service: " + name + "Services";
    const std::string id = snake + "_id: UUID";
    const auto signature = [&](const char* verb,
                               const std::string& what,
                               const std::vector<std::string>& arguments,
                               const std::string& result) {
        view[std::string(verb) + "_signature"] = enclose(
            0,
            "async def " + std::string(verb) + "_" + what + "(",
            arguments,
            ") -> " + result + ":"
        );
    };
    const auto with = [](std::vector<std::string> arguments, std::vector<std::string> more) {
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    };
    std::vector<std::string> tags;
    std::vector<std::string> answer;
    if (of.versioned.value) {
        tags = {"tags: IfMatch"};
        answer = {"response: Response"};
    }
    signature("create", snake, with({"data: " + name + "Create", services}, answer), name);
    signature(
        "list",
        plural_name(of),
        {services, "query: Annotated[" + name + "Query, Query()]"},
        "Page[" + name + "]"
    );
    signature("get", snake, with({id, services}, answer), name);
    signature(
        "update", snake, with({id, "data: " + name + "Update", services}, with(tags, answer)), name
    );
    signature("delete", snake, with({id, services}, tags), "None");
}

std::string router(const model& in, const entity& of) {
    std::vector<std::string> arguments{
        "prefix=" + string(route_of(in, of)),
        "tags=[" + string(words(plural_name(of))) + "]",
        "responses=ERROR_RESPONSES"
    };
    if (needs_login(in)) {
        arguments.emplace_back("dependencies=[Depends(current_user)]");
    }
    return enclose(0, "router = APIRouter(", arguments, ")");
}

std::string route_imports(const model& in, const entity& of) {
    const std::string& name = of.name;
    imports needs;
    needs.add("fastapi", "APIRouter");
    needs.add("src.api.dependencies", name + "Services");
    needs.add("src.core.errors", "ERROR_RESPONSES");
    if (of.can(operation::list)) {
        needs.add("typing", "Annotated");
        needs.add("fastapi", "Query");
        needs.add("src.models.base", "Page");
        needs.add("src.models.schemas", name + "Query");
    }
    if (of.can(operation::create)) {
        needs.add("src.models.schemas", name + "Create");
    }
    if (of.can(operation::update)) {
        needs.add("src.models.schemas", name + "Update");
    }
    if (of.can(operation::list) || answers_with_one(of)) {
        needs.add("src.models.schemas", name);
    }
    if (has_item(of)) {
        needs.add("uuid", "UUID");
    }
    if (of.versioned.value) {
        needs.add("src.api.preconditions", "IfMatch");
        needs.add("src.core.errors", "PRECONDITION_RESPONSES");
    }
    if (of.versioned.value && answers_with_one(of)) {
        needs.add("fastapi", "Response");
        needs.add("src.api.preconditions", "tagged");
    }
    if (can_write(of)) {
        needs.add("fastapi", "Depends");
        needs.add("src.core.ratelimit", "limit_writes");
    }
    if (needs_login(in)) {
        needs.add("fastapi", "Depends");
        needs.add("src.api.dependencies", "current_user");
    }
    return needs.text();
}

std::string set_of(const std::vector<std::string>& names) {
    return names.empty() ? "set()" : enclose(0, "{", names, "}");
}

/// `("/api/v1/tasks", {"get", "post"}, {"get", "patch", "delete"}),` for the test of the document.
std::string route_methods(const model& in, const entity& of) {
    std::vector<std::string> collection;
    std::vector<std::string> item;
    const auto method = [&](operation wanted, std::vector<std::string>& into, const char* name) {
        if (of.can(wanted)) {
            into.push_back(string(name));
        }
    };
    method(operation::list, collection, "get");
    method(operation::create, collection, "post");
    method(operation::get, item, "get");
    method(operation::update, item, "patch");
    method(operation::delete_, item, "delete");
    return enclose(4, "(", {string(route_of(in, of)), set_of(collection), set_of(item)}, "),");
}

/// What the tests of the routes can do with what the routes can do.
void add_tests(bj::object& view, const entity& of) {
    const bool takes_bodies = of.can(operation::create) || of.can(operation::update);
    view["takes_bodies"] = takes_bodies;
    view["filters_are_asked"] = view.at("has_filters").as_bool() && of.can(operation::list);
    view["soft_delete_is_seen"] =
        of.soft_delete.value && of.can(operation::create) && of.can(operation::delete_);
    view["names_what_is_missing"] =
        of.can(operation::get) || of.can(operation::update) ||
        (of.can(operation::create) && !(of.relations.empty() && of.links.empty()));
}

/// What the audit has of a row that went through all that the API does, the newest first.
void add_notes(bj::object& view, const entity& of) {
    std::vector<std::string> noted;
    if (of.can(operation::delete_)) {
        noted.push_back(string("deleted"));
    }
    view["noted_update"] = std::to_string(noted.size());
    if (of.can(operation::update)) {
        noted.push_back(string("updated"));
    }
    view["noted_create"] = std::to_string(noted.size());
    if (of.can(operation::create)) {
        noted.push_back(string("created"));
    }
    view["noted"] = enclose(0, "[", noted, "]");
}

}  // namespace

void add_routes(bj::object& view, const model& in, const entity& of) {
    view["can_list"] = of.can(operation::list);
    view["can_get"] = of.can(operation::get);
    view["can_create"] = of.can(operation::create);
    view["can_update"] = of.can(operation::update);
    view["can_delete"] = of.can(operation::delete_);
    view["can_write"] = can_write(of);
    view["route_imports"] = route_imports(in, of);
    view["router"] = router(in, of);
    view["route_methods"] = route_methods(in, of);
    add_signatures(view, of);
    add_tests(view, of);
    add_notes(view, of);
}

void add_asked_routes(bj::object& view, const model& of) {
    const auto first = [&](operation wanted) {
        return std::ranges::find_if(of.entities, [&](const entity& e) { return e.can(wanted); });
    };
    // A model in which nothing can be created is refused.
    const entity& created = *first(operation::create);
    const auto listed = first(operation::list);
    view["created_route_py"] = string(route_of(of, created));
    view["created_allow_py"] = string(created.can(operation::list) ? "GET, POST" : "POST");
    view["asked_route"] = listed == of.entities.end() ? "/openapi.json" : route_of(of, *listed);
    view["stores_rows"] =
        std::ranges::any_of(of.entities, [](const entity& e) { return !e.can(operation::create); });
}

}  // namespace teamflow::generation
