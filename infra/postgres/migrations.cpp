#include "infra/postgres/migrations.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <map>
#include <stdexcept>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "infra/postgres/migration_lock.hpp"
#include "infra/postgres/session.hpp"

namespace teamflow::infra::postgres::migration_files {

std::span<const embedded_file> files();

}  // namespace teamflow::infra::postgres::migration_files

namespace teamflow::infra::postgres {

namespace {

constexpr std::size_t number_digits = 4;

struct migration {
    std::int32_t number = 0;
    std::string name;
    std::string_view sql;
    std::string checksum;
};

struct applied_migration {
    std::string name;
    std::string checksum;
};

using applied_migrations = std::map<std::int32_t, applied_migration>;

std::string sha256(std::string_view content) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_Digest(content.data(), content.size(), digest.data(), &size, EVP_sha256(), nullptr) !=
        1) {
        throw std::runtime_error("SHA-256 is not available");
    }
    std::string text;
    for (unsigned i = 0; i < size; ++i) {
        text += fmt::format("{:02x}", digest.at(i));
    }
    return text;
}

migration parse(const embedded_file& file) {
    migration parsed;
    const std::string_view path = file.path;
    const char* const end = path.data() + std::min(number_digits, path.size());
    const auto [stop, error] = std::from_chars(path.data(), end, parsed.number);
    const bool well_named = error == std::errc{} && stop == end && path.size() > number_digits &&
                            path[number_digits] == '_' && path.ends_with(".sql");
    if (!well_named) {
        throw std::runtime_error(fmt::format("{} is not named NNNN_name.sql", path));
    }
    parsed.name = path.substr(0, path.size() - std::string_view(".sql").size());
    parsed.sql = file.content;
    parsed.checksum = sha256(file.content);
    return parsed;
}

std::vector<migration> parse_all(std::span<const embedded_file> files) {
    std::vector<migration> all;
    all.reserve(files.size());
    for (const embedded_file& file : files) {
        all.push_back(parse(file));
    }
    std::ranges::sort(all, {}, &migration::number);
    const auto twice = std::ranges::adjacent_find(all, {}, &migration::number);
    if (twice != all.end()) {
        throw std::runtime_error(fmt::format("two migrations have the number of {}", twice->name));
    }
    return all;
}

applied_migrations read_applied(session& database) {
    applied_migrations applied;
    const auto table = database.query("select to_regclass('teamflow.migrations') is not null");
    if (!table.get<bool>(0, 0)) {
        return applied;
    }
    const auto rows = database.query("select number, name, checksum from teamflow.migrations");
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        applied[rows.get<std::int32_t>(i, 0)] = {
            rows.get<std::string>(i, 1), rows.get<std::string>(i, 2)
        };
    }
    return applied;
}

/// Refuses a database that this program does not fit; gives what is to be applied.
std::vector<migration> missing(
    const std::vector<migration>& known, const applied_migrations& applied
) {
    for (const auto& [number, done] : applied) {
        const auto found = std::ranges::find(known, number, &migration::number);
        if (found == known.end()) {
            throw std::runtime_error(fmt::format(
                "the database has migration {}, which this program does not know: a newer teamflow "
                "made it; start that one",
                done.name
            ));
        }
        if (found->checksum != done.checksum) {
            throw std::runtime_error(fmt::format(
                "migration {} was changed after it was applied: restore the file and add a new one",
                found->name
            ));
        }
    }
    std::vector<migration> absent;
    std::ranges::copy_if(known, std::back_inserter(absent), [&applied](const migration& each) {
        return !applied.contains(each.number);
    });
    if (!absent.empty() && !applied.empty() && absent.front().number < applied.rbegin()->first) {
        throw std::runtime_error(fmt::format(
            "migration {} comes before {}, which is applied already: give it a higher number",
            absent.front().name,
            applied.rbegin()->second.name
        ));
    }
    return absent;
}

void apply(session& database, const migration& next) {
    try {
        database.execute("begin");
        database.execute(std::string(next.sql));
        database.query(
            "insert into teamflow.migrations (number, name, checksum) values ($1::int, $2, $3)",
            {fmt::format("{}", next.number), next.name, next.checksum}
        );
        database.execute("commit");
    } catch (const postgres_error& failure) {
        throw std::runtime_error(fmt::format("migration {}: {}", next.name, failure.what()));
    }
}

}  // namespace

std::span<const embedded_file> own_migrations() {
    return migration_files::files();
}

std::vector<std::string> apply_migrations(
    const std::string& url, std::span<const embedded_file> files
) {
    const auto known = parse_all(files);
    session database(url);
    if (missing(known, read_applied(database)).empty()) {
        return {};
    }
    database.execute("set lock_timeout = '60s'");
    database.query(fmt::format("select pg_advisory_lock({})", migration_lock));
    std::vector<std::string> names;
    // Read again: another program may have applied them while this one waited.
    for (const migration& next : missing(known, read_applied(database))) {
        apply(database, next);
        names.push_back(next.name);
    }
    return names;
}

}  // namespace teamflow::infra::postgres
