#include "infra/log/record_rows.hpp"

#include <optional>
#include <utility>

namespace teamflow::infra {

namespace {

using postgres::array_param;
using postgres::json_text;

template <class... Ts>
std::vector<array_param> arrays_of() {
    std::vector<array_param> arrays;
    (arrays.push_back(array_param::of<Ts>()), ...);
    return arrays;
}

/// Hands out the columns one after the other, so that push() reads like record_columns.
class next_column {
public:
    explicit next_column(std::vector<array_param>& columns) : columns_(columns) {}

    template <class T>
    next_column& operator<<(const T& value) {
        columns_[at_++].push(value);
        return *this;
    }

private:
    std::vector<array_param>& columns_;
    std::size_t at_ = 0;
};

class next_value {
public:
    next_value(const postgres::result& rows, std::size_t row) : rows_(rows), row_(row) {}

    template <class T>
    next_value& operator>>(T& into) {
        into = rows_.get<T>(row_, at_++);
        return *this;
    }

private:
    const postgres::result& rows_;
    std::size_t row_;
    std::size_t at_ = 0;
};

}  // namespace

record_arrays::record_arrays()
    : columns_(arrays_of<
               std::int32_t,
               std::int64_t,
               std::int16_t,
               std::int64_t,
               events::uuid,
               std::int64_t,
               events::uuid,
               std::int16_t,
               std::int16_t,
               events::uuid,
               std::string,
               std::int16_t,
               std::string,
               std::int64_t,
               events::uuid,
               std::string,
               events::timestamp,
               events::uuid,
               events::uuid,
               std::string,
               json_text,
               std::string,
               std::string,
               std::string>()) {}

void record_arrays::push(
    const events::record& record, events::offset at, events::record_kind kind
) {
    const auto& head = record.head;
    const auto& once = record.once;
    const auto once_member = [&](std::string events::idempotency::* member) {
        return once ? std::optional<std::string_view>((*once).*member) : std::nullopt;
    };
    next_column(columns_
    ) << record.partition
      << at << static_cast<std::int16_t>(kind) << record.reign.claimed_at << record.reign.writer
      << record.sequence << record.commit.id << record.commit.index << record.commit.count
      << head.id << head.type << head.schema_version << head.stream << head.stream_version
      << head.organization << head.actor << head.time << head.correlation_id << head.causation_id
      << head.traceparent
      << (record.data.empty() ? std::optional<json_text>() : json_text{record.data})
      << once_member(&events::idempotency::key) << once_member(&events::idempotency::fingerprint)
      << once_member(&events::idempotency::answer);
}

void record_arrays::move_to(postgres::params& into) {
    for (auto& column : columns_) {
        into.add(std::move(column));
    }
}

events::record_ptr read_record(const postgres::result& rows, std::size_t row) {
    auto record = std::make_shared<events::record>();
    auto& head = record->head;
    std::int16_t kind = 0;
    std::optional<std::string> data;
    std::optional<std::string> key;
    std::optional<std::string> fingerprint;
    std::optional<std::string> answer;
    next_value(rows, row) >> record->partition >> record->at >> kind >> record->reign.claimed_at >>
        record->reign.writer >> record->sequence >> record->commit.id >> record->commit.index >>
        record->commit.count >> head.id >> head.type >> head.schema_version >> head.stream >>
        head.stream_version >> head.organization >> head.actor >> head.time >>
        head.correlation_id >> head.causation_id >> head.traceparent >> data >> key >>
        fingerprint >> answer;
    record->kind = static_cast<events::record_kind>(kind);
    record->data = std::move(data).value_or("");
    if (key) {
        record->once = events::idempotency{
            .key = std::move(*key),
            .fingerprint = std::move(fingerprint).value_or(""),
            .answer = std::move(answer).value_or("")
        };
    }
    return record;
}

std::vector<events::record_ptr> read_records(const postgres::result& rows) {
    std::vector<events::record_ptr> records;
    records.reserve(rows.rows());
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        records.push_back(read_record(rows, row));
    }
    return records;
}

}  // namespace teamflow::infra
