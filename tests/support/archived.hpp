#pragma once
// A recorded history as it lies in the archive of the PostgreSQL log.

#include <algorithm>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "events/fold.hpp"
#include "infra/log/record_rows.hpp"
#include "tests/support/postgres_connected.hpp"

namespace teamflow::tests {

/// Brings the archive as far as the histories that it is shown, each from its begin.
class archived_history {
public:
    archived_history(connected& database, std::int32_t partitions) : database_(database) {
        database_.query(
            "insert into teamflow.log_info (log_id, backend, partitions) "
            "values (gen_random_uuid(), 'postgres', $1)",
            infra::postgres::params::of(partitions)
        );
        for (events::partition_id each = 0; each < partitions; ++each) {
            database_.query(
                "insert into teamflow.log_partitions (partition) values ($1)",
                infra::postgres::params::of(each)
            );
        }
    }

    /// Records are stored with the kinds that the fold finds.
    void extend(std::span<const events::record_ptr> all) {
        infra::record_arrays rows;
        for (const auto& record : all) {
            auto& place = places_[record->partition];
            if (record->at <= place.fold.last()) {
                continue;
            }
            place.waiting.push_back(record);
            place.fold.next(record);
            if (place.fold.open().empty()) {
                settle(place, rows);
            }
        }
        static const std::string sql = fmt::format(
            "insert into teamflow.log_records ({0}) select * from unnest("
            "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, "
            "$20, $21, $22, $23, $24) as r ({0})",
            infra::record_columns
        );
        infra::postgres::params with;
        rows.move_to(with);
        database_.query(sql, std::move(with));
        for (const auto& [partition, place] : places_) {
            const auto& at = place.fold.boundary();
            database_.query(
                "update teamflow.log_partitions set next_offset = $2, epoch_offset = $3, "
                "epoch_writer = $4, next_sequence = $5 where partition = $1",
                infra::postgres::params::of(
                    partition, at.at + 1, at.reign.claimed_at, at.reign.writer, at.next_sequence
                )
            );
        }
    }

private:
    struct place_of_partition {
        events::partition_fold fold;
        std::vector<events::record_ptr> waiting;
    };

    static void settle(place_of_partition& place, infra::record_arrays& rows) {
        const auto& commit = place.fold.commit();
        for (const auto& each : place.waiting) {
            auto kind = each->kind;
            if (kind == events::record_kind::event &&
                std::ranges::find(commit, each) == commit.end()) {
                kind = events::record_kind::ghost;
            }
            rows.push(*each, each->at, kind);
        }
        place.waiting.clear();
    }

    connected& database_;
    std::map<events::partition_id, place_of_partition> places_;
};

}  // namespace teamflow::tests
