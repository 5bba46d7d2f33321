#include "query/parked.hpp"

#include "query/read_row.hpp"

namespace teamflow::query {

namespace {

using infra::postgres::params;

constexpr infra::postgres::statement list_statement{
    "parked.list",
    "select * from (select distinct on (e.commit_id) e.commit_id, e.partition, e.\"offset\", "
    "e.key, "
    "e.type, e.error, e.attempt, e.parked_at, (select count(distinct o.commit_id) "
    "from teamflow.parked_events o where o.projection = e.projection and o.build = e.build "
    "and o.key = e.key) from teamflow.parked_events e "
    "join teamflow.projections p on p.name = e.projection and p.build = e.build "
    "where e.projection = $1 and ($2::uuid is null or e.commit_id = $2) "
    "order by e.commit_id, e.\"offset\") as parked order by partition, \"offset\" limit $3"
};

}  // namespace

infra::task<std::vector<parked_view>> parked_commits(
    infra::postgres::pool& database,
    std::string projection,
    std::optional<events::uuid> commit,
    std::int32_t limit
) {
    auto with = params::of(projection, commit, limit);
    const auto found = co_await database.query(list_statement, std::move(with));
    co_return read_rows<parked_view>(found);
}

}  // namespace teamflow::query
