#pragma once
// The rows of one table in memory: what a batch changed, over what earlier batches left behind.

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "projections/stored_keys.hpp"
#include "projections/table.hpp"

namespace teamflow::projections {

/// What a unit of work knows of its tables, and how much of them it keeps.
struct remembering {
    std::size_t max_rows = 50'000;
    /// For each table that began empty, memory of the keys that it has got since: what was never
    /// written needs no load and can be copied in. 0: rows that are not here may lie in the table.
    std::size_t key_bytes = 0;
};

/// An event speaks of a row that does not exist: the event that makes it is parked, or the log
/// holds what no writer of ours wrote.
class row_absent : public std::runtime_error {
public:
    explicit row_absent(std::string_view table)
        : std::runtime_error("no such row in table " + std::string(table)) {}
};

/// A handler changes a row that events of another partition made. Projectors of the two partitions
/// would write it without knowing of each other.
class row_of_another_partition : public std::logic_error {
public:
    explicit row_of_another_partition(std::string_view table)
        : std::logic_error("a row of another partition's events in table " + std::string(table)) {}
};

/// The parts of a key as PostgreSQL writes them as text, with commas between them.
template <class... Part>
std::string text_of_key(const std::tuple<Part...>& key) {
    std::string text;
    const auto add = [&](const auto& part) {
        auto json = events::json::to_json(part);
        std::erase(json, '"');
        text += (text.empty() ? "" : ",") + json;
    };
    std::apply([&](const auto&... part) { (add(part), ...); }, key);
    return text;
}

/// The changes of one table, ready to be sent: rows that it cannot hold yet apart, where that is
/// known.
struct table_changes {
    postgres::copy_rows fresh;
    std::size_t upserted = 0;
    postgres::params upserts;
    std::size_t erased = 0;
    postgres::params erasures;
};

/// One table without its row type, as the driver of a unit of work handles it.
class any_rows {
public:
    any_rows() = default;
    any_rows(const any_rows&) = delete;
    any_rows& operator=(const any_rows&) = delete;
    virtual ~any_rows() = default;

    [[nodiscard]] virtual table_definition definition() const = 0;
    [[nodiscard]] virtual std::size_t missing() const = 0;
    /// The parameters of the table's `load` for all missing rows.
    [[nodiscard]] virtual postgres::params wanted() const = 0;
    /// Takes the answer of `load`: missing rows that are not in it do not exist.
    virtual void loaded(const postgres::result& rows) = 0;
    [[nodiscard]] virtual std::size_t changed() const = 0;
    [[nodiscard]] virtual table_changes changes() const = 0;
    /// What of the batch changed the row of that key last, if anything; the key as text_of_key.
    [[nodiscard]] virtual std::optional<events::position> changed_at(std::string_view key
    ) const = 0;
    virtual void discard() = 0;
    virtual void settle() = 0;
    /// Forgets all rows, but not which keys the table may hold.
    virtual void forget() = 0;
    /// From now on the table may hold anything.
    virtual void distrust() = 0;
};

/// Rows are remembered in two generations: when the young one is full it becomes the old one, and
/// the old one goes. So memory stays below `max_rows` and rows in use stay.
template <row_type R>
class row_memory final : public any_rows {
public:
    using key = key_type<R>;

    explicit row_memory(const remembering& how) : max_rows_(how.max_rows) {
        if (how.key_bytes != 0) {
            stored_.emplace(how.key_bytes);
        }
    }

    R& row(const key& wanted, events::position at) {
        entry& found = change(wanted, at);
        if (!found.row) {
            found.row.emplace();
            set_key(*found.row, wanted);
        }
        return *found.row;
    }

    R* edit(const key& wanted, events::position at) {
        if (find(wanted) == nullptr) {
            return nullptr;
        }
        return &*change(wanted, at).row;
    }

    R& existing(const key& wanted, events::position at) {
        if (R* found = edit(wanted, at); found != nullptr) {
            return *found;
        }
        if (!missing_.contains(wanted)) {
            throw row_absent(R::table);
        }
        return row(wanted, at);
    }

    const R* find(const key& wanted) {
        const auto changed = changed_.find(wanted);
        const entry* found = changed == changed_.end() ? recall(wanted) : &changed->second;
        return found != nullptr && found->row ? &*found->row : nullptr;
    }

    void put(R row, events::position at) {
        const key where = key_of(row);
        changed_.insert_or_assign(where, entry{std::move(row), at});
    }

    void erase(const key& wanted, events::position at) {
        changed_.insert_or_assign(wanted, entry{std::nullopt, at});
    }

    [[nodiscard]] table_definition definition() const override { return definition_of<R>(); }

    [[nodiscard]] std::size_t missing() const override { return missing_.size(); }

    [[nodiscard]] postgres::params wanted() const override {
        key_arrays<R> keys;
        for (const key& each : missing_) {
            keys.add(each);
        }
        return keys.take();
    }

    void loaded(const postgres::result& rows) override {
        for (std::size_t i = 0; i < rows.rows(); ++i) {
            supply(read_row<R>(rows, i));
        }
        supply_nothing_more();
    }

    /// A missing row as its table holds it.
    void supply(stored_row<R> stored) {
        const key where = key_of(stored.row);
        missing_.erase(where);
        remember(where, entry{std::move(stored.row), stored.written});
    }

    /// The rows that are still missing do not exist.
    void supply_nothing_more() {
        for (const key& each : missing_) {
            remember(each, entry{});
        }
        missing_.clear();
    }

    [[nodiscard]] std::size_t changed() const override { return changed_.size(); }

    [[nodiscard]] table_changes changes() const override {
        table_changes out;
        row_arrays<R> upserts;
        key_arrays<R> erasures;
        for (const auto& [where, change] : changed_) {
            const bool is_fresh = !may_be_stored(where);
            if (change.row && is_fresh) {
                copy_row(out.fresh, *change.row, change.written);
            } else if (change.row) {
                upserts.add(*change.row, change.written);
                ++out.upserted;
            } else if (!is_fresh) {
                erasures.add(where);
                ++out.erased;
            }
        }
        out.upserts = upserts.take();
        out.erasures = erasures.take();
        return out;
    }

    [[nodiscard]] std::optional<events::position> changed_at(std::string_view key) const override {
        for (const auto& [where, change] : changed_) {
            if (text_of_key(where) == key) {
                return change.written;
            }
        }
        return std::nullopt;
    }

    /// Calls visit(key, row or nullptr, position) for each change.
    template <class Visit>
    void for_each_change(Visit&& visit) const {
        for (const auto& [where, change] : changed_) {
            visit(where, change.row ? &*change.row : nullptr, change.written);
        }
    }

    [[nodiscard]] std::size_t remembered() const { return young_.size() + old_.size(); }

    void discard() override {
        changed_.clear();
        missing_.clear();
    }

    void settle() override {
        while (!changed_.empty()) {
            auto node = changed_.extract(changed_.begin());
            old_.erase(node.key());
            if (stored_ && node.mapped().row) {
                stored_->add(key_hash{}(node.key()));
            }
            auto placed = young_.insert(std::move(node));
            if (!placed.inserted) {
                placed.position->second = std::move(placed.node.mapped());
            }
        }
        age();
    }

    void forget() override {
        young_.clear();
        old_.clear();
    }

    void distrust() override {
        if (stored_) {
            stored_->add_all();
        }
    }

private:
    struct entry {
        std::optional<R> row;
        events::position written;
    };

    using entries = std::unordered_map<key, entry, key_hash>;

    /// The entry to change, copied from memory on the first change in a batch.
    entry& change(const key& wanted, events::position at) {
        auto found = changed_.find(wanted);
        if (found == changed_.end()) {
            const entry* kept = recall(wanted);
            found = changed_.emplace(wanted, kept == nullptr ? entry{} : *kept).first;
        }
        if (found->second.row && found->second.written.partition != at.partition) {
            throw row_of_another_partition(R::table);
        }
        found->second.written = at;
        return found->second;
    }

    /// What memory holds of that key; nullptr, and noted as missing, when it holds nothing.
    const entry* recall(const key& wanted) {
        if (const auto found = young_.find(wanted); found != young_.end()) {
            return &found->second;
        }
        if (const auto found = old_.find(wanted); found != old_.end()) {
            auto node = old_.extract(found);
            return &young_.insert(std::move(node)).position->second;
        }
        if (may_be_stored(wanted)) {
            missing_.insert(wanted);
        }
        return nullptr;
    }

    [[nodiscard]] bool may_be_stored(const key& wanted) const {
        return !stored_ || stored_->may_hold(key_hash{}(wanted));
    }

    void remember(const key& where, entry what) {
        old_.erase(where);
        young_.insert_or_assign(where, std::move(what));
    }

    void age() {
        if (young_.size() > max_rows_ / 2) {
            old_ = std::exchange(young_, {});
        }
    }

    std::size_t max_rows_;
    std::optional<stored_keys> stored_;
    entries changed_;
    entries young_;
    entries old_;
    std::unordered_set<key, key_hash> missing_;
};

}  // namespace teamflow::projections
