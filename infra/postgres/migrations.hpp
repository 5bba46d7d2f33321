#pragma once
// Brings the fixed tables of a database up to what this program expects.

#include <span>
#include <string>
#include <vector>

#include "infra/embedded.hpp"

namespace teamflow::infra::postgres {

/// The numbered files of infra/postgres/migrations, compiled in.
std::span<const embedded_file> own_migrations();

/// Applies what is missing of `files` (`NNNN_name.sql`), in order, each in a transaction of its
/// own with its row in teamflow.migrations, under an advisory lock: any number of programs may
/// start at once. Gives the names that it applied. Blocking.
/// Errors: std::runtime_error if an applied file was changed since, if the database has
/// migrations that `files` lacks (a newer program made it), or if one fails; postgres_error.
std::vector<std::string> apply_migrations(
    const std::string& url, std::span<const embedded_file> files = own_migrations()
);

}  // namespace teamflow::infra::postgres
