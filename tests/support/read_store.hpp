#pragma once
// The simulated database of one projection: its tables and checkpoints, changed by the very
// statements that the projector sends.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "projections/projector_step.hpp"
#include "tests/sim/world.hpp"

namespace teamflow::sim {

class read_store {
public:
    read_store(const projections::projection& what, std::int32_t partitions);

    /// Where the projection stands.
    [[nodiscard]] projections::build_state state() const;

    /// The answers to projector_step::loads().
    [[nodiscard]] std::vector<infra::postgres::result> load(
        std::span<const infra::postgres::call> calls
    ) const;

    /// projector_step::changes() as one transaction. Throws postgres_error with the fence's
    /// SQLSTATE when the checkpoints are elsewhere: then nothing is changed.
    void commit(std::span<const infra::postgres::call> calls);

    /// The first difference of the rows, in words; empty when there is none.
    [[nodiscard]] std::string difference(const read_store& other) const;

    /// Rows of all tables.
    [[nodiscard]] std::size_t rows() const;

    [[nodiscard]] const projections::projection& what() const { return what_; }

private:
    using value = std::optional<std::string>;
    using row = std::vector<value>;

    struct table {
        std::string name;
        projections::table_sql sql;
        /// Which columns are the key, in its order.
        std::vector<std::size_t> key;
        std::vector<std::uint32_t> types;
        std::map<row, row> rows;
    };

    /// Offset, epoch and next sequence number of a partition, as they travel.
    using place = std::array<value, 4>;

    void move_checkpoints(const infra::postgres::params& with);
    void upsert(table& into, const infra::postgres::params& with);
    static void erase(table& from, const infra::postgres::params& with);
    [[nodiscard]] static infra::postgres::result select(
        const table& from, const infra::postgres::params& with
    );

    const projections::projection& what_;
    std::vector<table> tables_;
    std::map<events::partition_id, place> checkpoints_;
};

}  // namespace teamflow::sim
