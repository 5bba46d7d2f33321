#include "app/database_place.hpp"

#include <filesystem>
#include <stdexcept>

#include <fmt/format.h>

#include "app/run_file.hpp"

namespace teamflow::app {

std::string database_of(const app_settings& settings) {
    if (!settings.postgres_url.empty()) {
        return settings.postgres_url;
    }
    const auto running = read_run_file(settings.data);
    if (!running) {
        throw std::runtime_error(fmt::format(
            "no database: give --postgres-url, or --data of a running `teamflow dev` ({} has no "
            "run.json)",
            settings.data.string()
        ));
    }
    return running->postgres_url;
}

offline_database::offline_database(const app_settings& settings) : url_(settings.postgres_url) {
    if (!url_.empty()) {
        return;
    }
    // Made by `teamflow dev` at its first start.
    if (!std::filesystem::exists(settings.data / "secrets.json")) {
        throw std::runtime_error(fmt::format(
            "no database: give --postgres-url, or --data of a `teamflow dev` ({} is none)",
            settings.data.string()
        ));
    }
    infra::postgres::private_server_options options;
    options.directory = settings.data;
    // Its lock refuses a directory on which `teamflow dev` runs.
    own_.emplace(std::move(options));
    url_ = own_->url();
}

}  // namespace teamflow::app
