#include "app/read_model_names.hpp"

#include <iostream>

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <boost/asio/ip/host_name.hpp>

#include "projections/all.hpp"

namespace teamflow::app {

std::vector<std::string> known_names() {
    std::vector<std::string> names;
    names.reserve(projections::all().size());
    for (const auto& each : projections::all()) {
        names.push_back(each.name);
    }
    return names;
}

bool is_known(std::string_view name) {
    if (projections::find(name) != nullptr) {
        return true;
    }
    std::cerr << "teamflow: " << projections::no_projection(name) << '\n';
    return false;
}

std::vector<std::string> handled_types(std::string_view name) {
    const auto* const found = projections::find(name);
    std::vector<std::string> types;
    if (found != nullptr) {
        types.reserve(found->handlers.size());
        for (const auto& each : found->handlers) {
            types.emplace_back(each.type);
        }
    }
    return types;
}

std::string name_of_admin() {
    const auto* const entry = ::getpwuid(::getuid());
    return fmt::format(
        "cli {}@{}", entry != nullptr ? entry->pw_name : "?", boost::asio::ip::host_name()
    );
}

}  // namespace teamflow::app
