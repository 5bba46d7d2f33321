#include "projections/rebuild/scratch_schema.hpp"

#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "infra/crypto/random.hpp"

namespace teamflow::projections {

namespace postgres = infra::postgres;

namespace {

void drop(postgres::session& database, const std::string& name) {
    postgres::transaction whole(database);
    database.execute("drop schema if exists " + postgres::quoted_name(name) + " cascade");
    database.query("delete from teamflow.scratch_schemas where name = $1", {name});
    whole.commit();
}

const std::string list_sql =
    R"(select s.name, s.purpose, s.made_at, s.drop_after,
              coalesce((select sum(pg_total_relation_size(c.oid))::bigint
                          from pg_class c join pg_namespace n on n.oid = c.relnamespace
                         where n.nspname = s.name and c.relkind = 'r'), 0)
         from teamflow.scratch_schemas s order by s.name)";

}  // namespace

scratch_schema::scratch_schema(
    postgres::session& database, std::string name, std::string purpose, std::chrono::seconds life
)
    : database_(database), name_(std::move(name)), purpose_(std::move(purpose)) {
    static const std::string sql =
        "insert into teamflow.scratch_schemas (name, purpose, drop_after) "
        "values ($1, 'unfinished: ' || $2::text, now() + make_interval(secs => $3))";
    const auto there =
        database_.query("select exists (select from pg_namespace where nspname = $1)", {name_});
    if (there.get<bool>(0, 0)) {
        throw std::runtime_error(fmt::format("there is a schema {} already", name_));
    }
    postgres::transaction whole(database_);
    database_.query(sql, postgres::params::of(name_, purpose_, static_cast<double>(life.count())));
    database_.execute("create schema " + postgres::quoted_name(name_));
    whole.commit();
}

scratch_schema::~scratch_schema() {
    if (is_kept_) {
        return;
    }
    try {
        drop(database_, name_);
    } catch (const infra::postgres_error& failure) {
        spdlog::warn("schema {} stays until its life is over: {}", name_, failure.what());
    }
}

events::timestamp scratch_schema::keep_for(std::chrono::seconds life) {
    const auto kept = database_.query(
        "update teamflow.scratch_schemas set drop_after = now() + make_interval(secs => $2), "
        "purpose = $3 where name = $1 returning drop_after",
        postgres::params::of(name_, static_cast<double>(life.count()), purpose_)
    );
    if (kept.empty()) {
        throw std::runtime_error(fmt::format("schema {} was dropped meanwhile", name_));
    }
    is_kept_ = true;
    return kept.get<events::timestamp>(0, 0);
}

std::vector<scratch_view> list_scratch_schemas(postgres::session& database) {
    const auto rows = database.query(list_sql);
    std::vector<scratch_view> found;
    found.reserve(rows.rows());
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        found.push_back(
            {.name = rows.get<std::string>(i, 0),
             .purpose = rows.get<std::string>(i, 1),
             .made_at = rows.get<events::timestamp>(i, 2),
             .drop_after = rows.get<events::timestamp>(i, 3),
             .bytes = rows.get<std::int64_t>(i, 4)}
        );
    }
    return found;
}

bool drop_scratch_schema(postgres::session& database, const std::string& name) {
    const auto known =
        database.query("select from teamflow.scratch_schemas where name = $1", {name});
    if (known.empty()) {
        return false;
    }
    drop(database, name);
    return true;
}

void drop_expired_schemas(postgres::session& database) {
    const auto over =
        database.query("select name from teamflow.scratch_schemas where drop_after < now() limit 10"
        );
    for (std::size_t i = 0; i < over.rows(); ++i) {
        drop(database, over.get<std::string>(i, 0));
    }
}

std::string fresh_scratch_name(std::string_view projection) {
    const infra::system_clock time;
    infra::system_random random;
    auto unique = events::to_string(infra::uuid_v7_source(time, random).next());
    std::erase(unique, '-');
    return fmt::format("scratch_{}_{}", projection, unique);
}

}  // namespace teamflow::projections
