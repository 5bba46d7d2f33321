#pragma once
// Which table and column of a model is which of another one, by id and by name.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "generation/migration/tables.hpp"

namespace teamflow::generation {

/// A table that is in both. A column whose values cannot become those of the other is no pair: it
/// is dropped, and added.
struct table_pair {
    const table* from = nullptr;
    const table* to = nullptr;
    std::vector<std::pair<const table_column*, const table_column*>> columns;
    std::vector<const table_column*> dropped;
    std::vector<const table_column*> added;

    /// The name in `to` of a column of `from`; its own if it is dropped.
    [[nodiscard]] std::string renamed(const std::string& column) const;
};

struct paired_tables {
    std::vector<table_pair> both;
    /// In the order in which they can go, and come.
    std::vector<const table*> dropped;
    std::vector<const table*> added;

    /// The name in the next model of a table of the last; its own if it is dropped.
    [[nodiscard]] std::string renamed(const std::string& table) const;
};

/// Points into both.
paired_tables pair_up(const std::vector<table>& from, const std::vector<table>& to);

struct renaming {
    /// What has the name: a table, where columns and constraints are renamed.
    std::string of;
    std::string from;
    std::string to;
};

/// In an order in which no new name is taken yet; a circle goes over a name of its own.
std::vector<renaming> in_order(std::vector<renaming> wanted);

}  // namespace teamflow::generation
