#include "infra/log/repartition.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "infra/log/record_rows.hpp"

namespace teamflow::infra {

namespace {

/// What a record keeps at its new place.
constexpr std::string_view kept_columns = record_columns.substr(record_columns.find("commit_id"));

/// Which partition each organization goes to: the hash is events::partition_of and nobody else's.
void choose_partitions(postgres::session& database, std::int32_t partitions) {
    const auto found =
        database.query("select distinct organization from teamflow.log_records where kind = 1");
    std::vector<std::string> organizations;
    std::vector<events::partition_id> chosen;
    organizations.reserve(found.rows());
    chosen.reserve(found.rows());
    for (std::size_t row = 0; row < found.rows(); ++row) {
        const auto organization = found.get<events::organization_id>(row, 0);
        organizations.push_back(to_string(organization));
        chosen.push_back(events::partition_of(organization, partitions));
    }
    database.execute(
        "create temp table new_partitions (organization uuid, partition integer) on commit drop"
    );
    database.query(
        "insert into new_partitions select * from unnest($1::uuid[], $2::integer[])",
        {fmt::format("{{{}}}", fmt::join(organizations, ",")),
         fmt::format("{{{}}}", fmt::join(chosen, ","))}
    );
}

/// Clocks of writers differ, and offsets are what orders a partition: the moment of a commit is the
/// latest that was seen up to it.
constexpr std::string_view move_records = R"(
create temp table moved on commit drop as
  with moments as (
    select *, max(time) filter (where commit_index = 0)
                over (partition by partition order by "offset") as moment
      from teamflow.log_records
     where kind = 1
  )
  select n.partition as new_partition,
         row_number() over (partition by n.partition
                            order by m.moment, m.partition, m."offset") as new_offset,
         m.*
    from moments m join new_partitions n using (organization);

truncate teamflow.log_records;
)";

constexpr std::string_view claim_partitions = R"(
insert into teamflow.log_records
       (partition, "offset", kind, epoch_offset, epoch_writer, sequence, commit_id, commit_index,
        commit_count, event_id, type, schema_version, stream, stream_version, organization, actor,
        time, correlation_id, traceparent, data)
select partition, 0, 2, 0, writer, 0, writer, 0, 1, writer, 'log.writer_claimed', 1, '', 0,
       '00000000-0000-0000-0000-000000000000', '', now(), writer, '',
       json_build_object('address', $2::text)
  from (select partition, gen_random_uuid() as writer
          from generate_series(0, $1::integer - 1) as partition) as claims
)";

/// A new epoch counts its records from 0, right behind the claim.
std::string place_records() {
    return fmt::format(
        R"(insert into teamflow.log_records
                  (partition, "offset", kind, epoch_offset, epoch_writer, sequence, {0})
           select m.new_partition, m.new_offset, 1, 0, c.writer, m.new_offset - 1, {0}
             from moved m
             join (select partition as new_partition, epoch_writer as writer
                     from teamflow.log_records) c using (new_partition)
            order by m.new_partition, m.new_offset;
           analyze teamflow.log_records)",
        kept_columns
    );
}

constexpr std::string_view forget_old_places = R"(
delete from teamflow.snapshots;
delete from teamflow.log_anchors;
delete from teamflow.projection_checkpoints;
delete from teamflow.parked_events;
delete from teamflow.log_partitions;
delete from teamflow.archive_checkpoints;
)";

constexpr std::string_view note_new_places = R"(
create temp table places on commit drop as
  select r.partition, max(r."offset") as last, c.epoch_writer as writer
    from teamflow.log_records r
    join teamflow.log_records c on c.partition = r.partition and c."offset" = 0
   group by r.partition, c.epoch_writer;

insert into teamflow.log_partitions
       (partition, next_offset, epoch_offset, epoch_writer, next_sequence)
select partition, last + 1, 0, writer, last
  from places
 where (select backend from teamflow.log_info) = 'postgres';

insert into teamflow.archive_checkpoints
       (partition, "offset", epoch_offset, epoch_writer, next_sequence)
select partition, last, 0, writer, last
  from places
 where (select backend from teamflow.log_info) = 'kafka';
)";

}  // namespace

std::vector<events::offset> repartition(
    postgres::session& database, std::int32_t partitions, const std::string& address
) {
    choose_partitions(database, partitions);
    database.execute(std::string(move_records));
    database.query(std::string(claim_partitions), {std::to_string(partitions), address});
    database.execute(place_records());
    database.execute(std::string(forget_old_places));
    database.execute(std::string(note_new_places));
    database.query(
        "update teamflow.log_info set log_id = gen_random_uuid(), partitions = $1",
        {std::to_string(partitions)}
    );
    const auto places = database.query("select last from places order by partition");
    std::vector<events::offset> ends;
    ends.reserve(places.rows());
    for (std::size_t row = 0; row < places.rows(); ++row) {
        ends.push_back(places.get<events::offset>(row, 0));
    }
    return ends;
}

}  // namespace teamflow::infra
