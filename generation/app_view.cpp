#include <algorithm>
#include <string>

#include <boost/json/array.hpp>

#include "generation/model/names.hpp"
#include "generation/python/fields.hpp"
#include "generation/python/literal.hpp"
#include "generation/view.hpp"

namespace teamflow::generation {

namespace {

namespace bj = boost::json;
using python::imports;
using python::string;

/// The Python of images and of CI; the application itself runs on any later than `app.python`.
constexpr auto image_python = "3.13";
constexpr std::size_t panels_a_row = 3;

void add_app(bj::object& view, const model& of) {
    const app& app = of.app;
    const std::string title = app.title.value_or(words(app.name));
    const std::string description = app.description.value_or(title + ".");
    const std::string version = app.version.value_or("0.1.0");
    view["app_name"] = app.name;
    view["dist_name"] = kebab_case(app.name);
    view["title_py"] = string(title);
    view["title_md"] = python::markdown(title);
    view["title_quoted"] = python::quoted(title);
    view["description_argument"] = python::enclose_text(8, "description=", description, ",");
    view["description_md"] = python::markdown(description);
    view["description_quoted"] = python::quoted(description);
    view["version_py"] = string(version);
    view["version_quoted"] = python::quoted(version);
    view["minimal_style"] = app.code_style.value == code_style::minimal;
    view["python_version"] = app.python.value_or("3.11");
    view["image_python"] = image_python;
    view["entity_count"] = std::to_string(of.entities.size());
    std::string list;
    for (const auto& each : of.entities) {
        list += (list.empty() ? "" : ", ") + each.name;
    }
    view["entity_list"] = list;
    const std::string prefix = app.api_prefix.value_or("/api/v1");
    view["auth_route_py"] = string(prefix + "/auth");
    view["audit_route_py"] = string(prefix + "/audit-entries");
    view["auth_route"] = prefix + "/auth";
    view["audit_route"] = prefix + "/audit-entries";
}

bj::array enum_views(const model& of) {
    bj::array all;
    for (const auto& each : of.enums) {
        bj::array members;
        for (const auto& value : each.values) {
            members.push_back(bj::object{{"member", upper_case(value)}, {"value_py", string(value)}}
            );
        }
        all.push_back(bj::object{{"enum", each.name}, {"members", std::move(members)}});
    }
    return all;
}

std::string main_imports(const model& of) {
    imports needs;
    needs.add("src.api.routes", "health");
    if (of.app.auth.value == auth_kind::jwt) {
        needs.add("src.api.routes", "auth");
    }
    if (has_audit(of)) {
        needs.add("src.api.routes", "audit_entries");
    }
    for (const auto& each : of.entities) {
        needs.add("src.api.routes", plural_name(each));
    }
    return needs.text();
}

std::string dependency_imports(const model& of) {
    imports needs;
    needs.add("collections.abc", "AsyncIterator");
    needs.add("typing", "Annotated");
    needs.add("fastapi", "Depends");
    needs.add("fastapi", "Request");
    needs.add("sqlalchemy.ext.asyncio", "AsyncSession");
    needs.add("src.core.database", "Database");
    if (of.app.auth.value == auth_kind::jwt) {
        needs.add_plain("structlog");
        needs.add("fastapi.security", "HTTPAuthorizationCredentials");
        needs.add("fastapi.security", "HTTPBearer");
        needs.add("src.core.errors", "UnauthorizedError");
        needs.add("src.core.tokens", "read_token");
        needs.add("src.models.auth", "AuthUserEntity");
    }
    for (const auto& each : of.entities) {
        needs.add("src.repositories." + plural_name(each), each.name + "Repository");
        needs.add("src.services." + plural_name(each), each.name + "Service");
    }
    return needs.text();
}

/// Factories and seeds make rows of every entity from bodies of requests.
imports row_imports(const model& of) {
    imports needs;
    needs.add("typing", "Any");
    needs.add("sqlalchemy.ext.asyncio", "AsyncSession");
    for (const auto& each : of.entities) {
        needs.add("src.models.entities", each.name + "Entity");
        needs.add("src.models.schemas", each.name + "Create");
    }
    return needs;
}

std::string factory_imports(const model& of) {
    imports needs = row_imports(of);
    needs.add("httpx", "AsyncClient");
    needs.add("src.core.database", "Base");
    for (const auto& each : of.entities) {
        if (!each.can(operation::create)) {
            needs.add("pydantic", "BaseModel");
            needs.add("src.core.database", "Database");
            needs.add("src.models.schemas", each.name);
        }
    }
    return needs.text();
}

std::string seed_imports(const model& of) {
    imports needs = row_imports(of);
    needs.add_plain("asyncio");
    needs.add("sqlalchemy", "func");
    needs.add("sqlalchemy", "select");
    needs.add("src.core.config", "get_settings");
    needs.add("src.core.database", "Database");
    needs.add("src.core.database", "create_engine");
    return needs.text();
}

bj::array aliases(const model& of) {
    imports unused;
    bj::array all;
    for (const auto& entity : of.entities) {
        for (const auto& each : entity.fields) {
            if (auto alias = python::alias(entity, each, unused); !alias.empty()) {
                all.emplace_back(std::move(alias));
            }
        }
    }
    return all;
}

/// Three panels a row below those of all routes.
void place_panel(bj::object& entity, std::size_t index, std::size_t count) {
    entity["panel_id"] = std::to_string(index + 4);
    entity["panel_x"] = std::to_string(8 * (index % panels_a_row));
    entity["panel_y"] = std::to_string(16 + 6 * (index / panels_a_row));
    entity["comma"] = index + 1 < count ? "," : "";
}

}  // namespace

void add_test_imports(bj::object& view, const entity& of) {
    const std::string module = plural_name(of);
    imports schemas;
    if (view.at("has_required").as_bool()) {
        schemas.add("uuid", "uuid4");
    }
    schemas.add_plain("pytest");
    schemas.add("pydantic", "ValidationError");
    for (const char* suffix : {"Create", "Query", "Update"}) {
        schemas.add("src.models.schemas", of.name + suffix);
    }
    schemas.add("tests.factories", upper_case(module));
    view["schema_test_imports"] = schemas.text();
    imports services;
    services.add("unittest.mock", "AsyncMock");
    services.add("uuid", "uuid4");
    services.add_plain("pytest");
    services.add("sqlalchemy.ext.asyncio", "AsyncSession");
    services.add("src.core.errors", "NotFoundError");
    services.add("src.core.metrics", "metrics");
    services.add("src.models.schemas", of.name + "Update");
    services.add("src.repositories." + module, of.name + "Repository");
    services.add("src.services." + module, of.name + "Service");
    services.add("tests.factories", "Store");
    view["service_test_imports"] = services.text();
    imports routes;
    if (view.at("takes_bodies").as_bool()) {
        routes.add("typing", "Any");
    }
    if (view.at("names_what_is_missing").as_bool()) {
        routes.add("uuid", "uuid4");
    }
    routes.add("httpx", "AsyncClient");
    routes.add("tests.factories", "Client");
    if (view.at("has_unique").as_bool() && of.can(operation::create)) {
        routes.add_plain("pytest");
    }
    if (view.at("soft_delete_is_seen").as_bool()) {
        routes.add("fastapi", "FastAPI");
        routes.add("sqlalchemy", "func");
        routes.add("sqlalchemy", "select");
        routes.add("src.models.entities", of.name + "Entity");
    }
    view["route_test_imports"] = routes.text();
}

bj::object make_view(const model& of, const option_set& options) {
    bj::object view;
    add_options(view, options);
    add_app(view, of);
    add_asked_routes(view, of);
    add_link_tables(view, of);
    view["enums"] = enum_views(of);
    view["aliases"] = aliases(of);
    view["main_imports"] = main_imports(of);
    view["entity_imports"] = entity_imports(of);
    view["schema_imports"] = schema_imports(of);
    view["dependency_imports"] = dependency_imports(of);
    view["factory_imports"] = factory_imports(of);
    view["seed_imports"] = seed_imports(of);
    bj::array entities;
    bj::array seeds;
    for (std::size_t i = 0; i < of.entities.size(); ++i) {
        bj::object one = entity_view(of, of.entities[i]);
        place_panel(one, i, of.entities.size());
        entities.push_back(std::move(one));
    }
    const auto ordered = in_order_of_reference(of);
    for (const auto* const each : ordered) {
        seeds.push_back(entity_view(of, *each));
    }
    view["entities"] = std::move(entities);
    view["first_seeded"] = ordered.front()->name;
    view["seeds"] = std::move(seeds);
    add_migration(view, of);
    return view;
}

}  // namespace teamflow::generation
