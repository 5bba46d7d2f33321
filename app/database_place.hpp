#pragma once
// Where a subcommand finds its database.

#include <optional>
#include <string>

#include "app/settings.hpp"
#include "infra/postgres/private_server.hpp"

namespace teamflow::app {

/// The database of the settings, or of the `teamflow dev` that runs on the data directory. Throws
/// std::runtime_error when there is neither.
std::string database_of(const app_settings& settings);

/// A database that nothing else works on: of the settings, or the private server of a data
/// directory, started for as long as this lives.
class offline_database {
public:
    /// Throws std::runtime_error when `teamflow dev` runs on the data directory, or when there is
    /// no database to be found.
    explicit offline_database(const app_settings& settings);

    [[nodiscard]] const std::string& url() const { return url_; }

private:
    std::optional<infra::postgres::private_server> own_;
    std::string url_;
};

}  // namespace teamflow::app
