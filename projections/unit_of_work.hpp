#pragma once
// The rows that handlers work on as plain C++: changes of a batch over a memory of the tables.

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "projections/row_memory.hpp"

namespace teamflow::projections {

/// Handlers run over rows in memory. A row that is not in memory is noted as missing and looks
/// absent; whoever drives the unit then loads all missing rows at once, discards the changes and
/// runs the batch again, until nothing is missing. So handlers must be pure: what they do follows
/// from the event and the rows alone, and running one twice is the same as once.
///
/// References and pointers are good until the handler returns. Not thread-safe.
class unit_of_work {
public:
    explicit unit_of_work(const remembering& how) : how_(how) {}

    /// Makes the table of R known; a handler may use no other.
    template <row_type R>
    void add_table() {
        tables_.push_back({&tag<R>, std::make_unique<row_memory<R>>(how_)});
    }

    /// The row of that key to change; a fresh one if there is none. This and the next two throw
    /// row_of_another_partition if events of another partition made it.
    template <row_type R, class... Key>
    R& row(const Key&... key) {
        return table<R>().row(key_type<R>(key...), at_);
    }

    /// The row of that key to change. Throws row_absent if there is none.
    template <row_type R, class... Key>
    R& existing(const Key&... key) {
        return table<R>().existing(key_type<R>(key...), at_);
    }

    /// The row of that key to change, or nullptr if there is none.
    template <row_type R, class... Key>
    R* edit(const Key&... key) {
        return table<R>().edit(key_type<R>(key...), at_);
    }

    /// The row of that key to read, or nullptr if there is none.
    template <row_type R, class... Key>
    const R* find(const Key&... key) {
        return table<R>().find(key_type<R>(key...));
    }

    /// Writes a row whole, whatever was there; never needs a load.
    template <row_type R>
    void put(R row) {
        table<R>().put(std::move(row), at_);
    }

    /// Removes a row if there is one; never needs a load.
    template <row_type R, class... Key>
    void erase(const Key&... key) {
        table<R>().erase(key_type<R>(key...), at_);
    }

    /// The rows of R as the driver sees them.
    template <row_type R>
    row_memory<R>& table() {
        for (auto& [key, rows] : tables_) {
            if (key == &tag<R>) {
                return static_cast<row_memory<R>&>(*rows);
            }
        }
        throw std::logic_error("undeclared table " + std::string(R::table));
    }

    /// All tables in the order of their declaration.
    [[nodiscard]] std::size_t tables() const { return tables_.size(); }

    [[nodiscard]] any_rows& table(std::size_t number) { return *tables_[number].rows; }

    [[nodiscard]] const any_rows& table(std::size_t number) const { return *tables_[number].rows; }

    /// Rows changed from now on carry this position.
    void begin_event(events::position at) { at_ = at; }

    /// Rows that handlers asked for and memory does not hold.
    [[nodiscard]] std::size_t missing() const {
        std::size_t sum = 0;
        for (const auto& each : tables_) {
            sum += each.rows->missing();
        }
        return sum;
    }

    /// Forgets the changes and what was missing for them; what was loaded stays.
    void discard() {
        for (auto& each : tables_) {
            each.rows->discard();
        }
    }

    /// The changes are in the tables now: they become part of what is remembered.
    void settle() {
        for (auto& each : tables_) {
            each.rows->settle();
        }
    }

    /// Forgets the rows that no change of the batch needs; see any_rows.
    void forget() {
        for (auto& each : tables_) {
            each.rows->forget();
        }
    }

    /// The tables may hold rows that this has not written.
    void distrust() {
        for (auto& each : tables_) {
            each.rows->distrust();
        }
    }

private:
    struct known_table {
        const char* key;
        std::unique_ptr<any_rows> rows;
    };

    template <row_type R>
    static constexpr char tag = 0;

    remembering how_;
    std::vector<known_table> tables_;
    events::position at_;
};

}  // namespace teamflow::projections
