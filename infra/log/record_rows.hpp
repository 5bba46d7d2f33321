#pragma once
// Records as rows of teamflow.log_records: one list of columns for every statement.

#include <string_view>
#include <vector>

#include "events/record.hpp"
#include "infra/postgres/params.hpp"
#include "infra/postgres/result.hpp"

namespace teamflow::infra {

/// The columns that read_record() expects, in order, for a select list.
inline constexpr std::string_view record_columns =
    R"(partition, "offset", kind, epoch_offset, epoch_writer, sequence, commit_id, commit_index,)"
    R"( commit_count, event_id, type, schema_version, stream, stream_version, organization, actor,)"
    R"( time, correlation_id, causation_id, traceparent, data, idempotency_key, fingerprint,)"
    R"( answer)";

/// Reads the row that was selected with record_columns. Any thread.
events::record_ptr read_record(const postgres::result& rows, std::size_t row);

/// All rows of a result that was selected with record_columns.
std::vector<events::record_ptr> read_records(const postgres::result& rows);

/// One array for each column of record_columns, for `unnest`.
class record_arrays {
public:
    record_arrays();

    /// `at` is what goes into "offset": an offset, or a rank that the statement turns into one.
    void push(const events::record& record, events::offset at, events::record_kind kind);

    [[nodiscard]] std::size_t size() const { return columns_.front().size(); }

    /// Moves all columns behind the parameters that `into` has; leaves this empty.
    void move_to(postgres::params& into);

private:
    std::vector<postgres::array_param> columns_;
};

}  // namespace teamflow::infra
