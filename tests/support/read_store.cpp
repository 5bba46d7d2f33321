#include "tests/support/read_store.hpp"

#include <algorithm>

#include "infra/postgres/error.hpp"
#include "infra/postgres/made_result.hpp"
#include "projections/statements.hpp"

namespace teamflow::sim {

namespace postgres = infra::postgres;

namespace {

using value = std::optional<std::string>;

struct column_values {
    std::uint32_t type = 0;
    std::vector<value> values;
};

constexpr std::size_t array_head = 12;
constexpr std::size_t array_dimension = 8;

/// An array parameter as it travels (array_recv in PostgreSQL's source).
column_values read_array(std::string_view raw) {
    column_values read;
    read.type = postgres::read_big_endian<std::uint32_t>(raw.data() + 8);
    if (postgres::read_big_endian<std::int32_t>(raw.data()) == 0) {
        return read;
    }
    const auto count = postgres::read_big_endian<std::int32_t>(raw.data() + array_head);
    raw.remove_prefix(array_head + array_dimension);
    for (std::int32_t i = 0; i < count; ++i) {
        const auto size = postgres::read_big_endian<std::int32_t>(raw.data());
        raw.remove_prefix(sizeof size);
        if (size < 0) {
            read.values.emplace_back();
        } else {
            read.values.emplace_back(raw.substr(0, static_cast<std::size_t>(size)));
            raw.remove_prefix(static_cast<std::size_t>(size));
        }
    }
    return read;
}

std::vector<column_values> read_columns(const postgres::params& with) {
    std::vector<column_values> columns;
    columns.reserve(with.size());
    for (std::size_t i = 0; i < with.size(); ++i) {
        columns.push_back(read_array(with.sent(i).value()));
    }
    return columns;
}

std::vector<value> row_of(const std::vector<column_values>& columns, std::size_t at) {
    std::vector<value> row;
    row.reserve(columns.size());
    for (const auto& column : columns) {
        row.push_back(column.values.at(at));
    }
    return row;
}

std::string bytes_of(std::int64_t number) {
    std::string raw;
    postgres::append_big_endian(raw, number);
    return raw;
}

std::int64_t number_of(const value& raw) {
    return postgres::read_big_endian<std::int64_t>(raw.value().data());
}

}  // namespace

read_store::read_store(const projections::projection& what, std::int32_t partitions) : what_(what) {
    for (const auto& each : what.tables) {
        const auto& definition = each.definition;
        table made{
            .name = definition.name,
            .sql = projections::make_sql(definition, what.name),
            .key = {},
            .types = {},
            .rows = {}
        };
        for (const auto& key : definition.key) {
            const auto found =
                std::ranges::find(definition.columns, key.name, &projections::column::name);
            made.key.push_back(static_cast<std::size_t>(found - definition.columns.begin()));
        }
        tables_.push_back(std::move(made));
    }
    for (events::partition_id partition = 0; partition < partitions; ++partition) {
        const std::string nobody(16, '\0');
        checkpoints_[partition] = {bytes_of(-1), bytes_of(-1), nobody, bytes_of(0)};
    }
}

projections::build_state read_store::state() const {
    projections::build_state state{.build = 1, .checkpoints = {}, .parked_keys = {}};
    for (const auto& [partition, at] : checkpoints_) {
        events::checkpoint place;
        place.at = number_of(at[0]);
        place.reign.claimed_at = number_of(at[1]);
        std::ranges::copy(at[2].value(), place.reign.writer.value.begin());
        place.next_sequence = number_of(at[3]);
        state.checkpoints.push_back({partition, place});
    }
    return state;
}

postgres::result read_store::select(const table& from, const postgres::params& with) {
    const auto keys = read_columns(with);
    std::vector<row> found;
    for (std::size_t i = 0; i < keys.front().values.size(); ++i) {
        const auto known = from.rows.find(row_of(keys, i));
        if (known != from.rows.end()) {
            found.push_back(known->second);
        }
    }
    return postgres::make_result(from.types, found);
}

std::vector<postgres::result> read_store::load(std::span<const postgres::call> calls) const {
    std::vector<postgres::result> answers;
    for (const auto& call : calls) {
        const auto from = std::ranges::find_if(tables_, [&](const table& each) {
            return each.sql.load == call.what.sql;
        });
        answers.push_back(select(*from, call.with));
    }
    return answers;
}

void read_store::move_checkpoints(const postgres::params& with) {
    constexpr std::size_t first_array = 2;
    const auto partitions = read_array(with.sent(first_array).value());
    std::array<column_values, 8> arrays;
    for (std::size_t i = 0; i < arrays.size(); ++i) {
        arrays.at(i) = read_array(with.sent(first_array + 1 + i).value());
    }
    std::map<events::partition_id, place> moved = checkpoints_;
    for (std::size_t i = 0; i < partitions.values.size(); ++i) {
        const auto partition =
            postgres::read_big_endian<std::int32_t>(partitions.values[i].value().data());
        place from;
        place to;
        for (std::size_t part = 0; part < from.size(); ++part) {
            from.at(part) = arrays.at(part).values.at(i);
            to.at(part) = arrays.at(part + from.size()).values.at(i);
        }
        if (moved.at(partition) != from) {
            throw infra::postgres_error(
                {.sqlstate = std::string(projections::fenced_sqlstate),
                 .message = "the checkpoint is elsewhere",
                 .detail = {},
                 .constraint = {},
                 .statement = {}}
            );
        }
        moved[partition] = to;
    }
    checkpoints_ = std::move(moved);
}

void read_store::upsert(table& into, const postgres::params& with) {
    const auto columns = read_columns(with);
    into.types.clear();
    for (const auto& column : columns) {
        into.types.push_back(column.type);
    }
    for (std::size_t i = 0; i < columns.front().values.size(); ++i) {
        auto fresh = row_of(columns, i);
        row key;
        for (const auto part : into.key) {
            key.push_back(fresh.at(part));
        }
        into.rows.insert_or_assign(std::move(key), std::move(fresh));
    }
}

void read_store::erase(table& from, const postgres::params& with) {
    const auto keys = read_columns(with);
    for (std::size_t i = 0; i < keys.front().values.size(); ++i) {
        from.rows.erase(row_of(keys, i));
    }
}

void read_store::commit(std::span<const postgres::call> calls) {
    for (const auto& call : calls) {
        if (call.what.name == projections::move_checkpoints.name) {
            move_checkpoints(call.with);
            continue;
        }
        if (call.what.name == projections::park_events.name) {
            throw violation("projection " + what_.name + " parked events");
        }
        for (auto& each : tables_) {
            if (each.sql.upsert == call.what.sql) {
                upsert(each, call.with);
            } else if (each.sql.erase == call.what.sql) {
                erase(each, call.with);
            }
        }
    }
}

std::string read_store::difference(const read_store& other) const {
    for (std::size_t i = 0; i < tables_.size(); ++i) {
        const auto& mine = tables_[i].rows;
        const auto& theirs = other.tables_[i].rows;
        if (mine.size() != theirs.size()) {
            return fmt::format(
                "{}.{}: {} rows and {}", what_.name, tables_[i].name, mine.size(), theirs.size()
            );
        }
        if (mine != theirs) {
            return fmt::format("{}.{}: rows differ", what_.name, tables_[i].name);
        }
    }
    return {};
}

std::size_t read_store::rows() const {
    std::size_t sum = 0;
    for (const auto& each : tables_) {
        sum += each.rows.size();
    }
    return sum;
}

}  // namespace teamflow::sim
