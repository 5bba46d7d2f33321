#include "app/analyst_commands.hpp"

#include <iostream>

#include <fmt/format.h>

#include "app/database_place.hpp"
#include "infra/crypto/opaque_token.hpp"
#include "infra/log/analysts.hpp"
#include "infra/postgres/session.hpp"

namespace teamflow::app {

namespace {

constexpr int wrong_use = 2;

int refuse(const std::string& reason) {
    std::cerr << "teamflow: " << reason << '\n';
    return wrong_use;
}

std::string random_password() {
    infra::system_random random;
    return infra::make_opaque_token(random).text;
}

}  // namespace

int run_analyst_create(const app_settings& settings, const analyst_arguments& what) {
    const auto organization = events::parse_uuid(what.organization);
    if (!organization) {
        return refuse("--organization must be an id");
    }
    const std::string url = database_of(settings);
    const std::string password = what.password.empty() ? random_password() : what.password;
    const auto made =
        infra::put_analyst(url, what.name, events::organization_id(*organization), password);
    if (!made) {
        return refuse(made.error());
    }
    std::cerr << fmt::format(
        "{} reads the schema history of organization {}\n",
        what.name,
        events::to_string(*organization)
    );
    if (what.password.empty()) {
        std::cout << password << '\n';
    }
    return 0;
}

int run_analyst_list(const app_settings& settings) {
    infra::postgres::session database(database_of(settings));
    std::cout << fmt::format(
        "{:<24} {:<36} {:<24} {:>11}\n", "name", "organization", "created", "connections"
    );
    for (const auto& each : infra::list_analysts(database)) {
        std::cout << fmt::format(
            "{:<24} {:<36} {:<24} {:>11}\n",
            each.name,
            to_string(each.organization),
            events::to_string(each.created_at),
            each.has_role ? std::to_string(each.connections) : "no role"
        );
    }
    return 0;
}

int run_analyst_drop(const app_settings& settings, const std::string& name) {
    infra::postgres::session database(database_of(settings));
    const auto dropped = infra::drop_analyst(database, name);
    if (!dropped) {
        return refuse(dropped.error());
    }
    std::cerr << name << " is no analyst any more\n";
    return 0;
}

}  // namespace teamflow::app
