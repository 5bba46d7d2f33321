#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "generation/migration/statements.hpp"
#include "generation/migration/tables.hpp"
#include "generation/regeneration/backfill.hpp"
#include "generation/regeneration/pairs.hpp"
#include "generation/regeneration/revision.hpp"

namespace teamflow::generation {

namespace {

/// One way: the upgrade, which tells what it does, or the downgrade, which finds a value for
/// everything since it gives back what was there.
class way {
public:
    way(const model& from, const model& to, bool up)
        : from_(from),
          to_(to),
          before_(tables_of(from)),
          after_(tables_of(to)),
          tables_(pair_up(before_, after_)),
          up_(up) {}

    std::vector<std::string> statements() {
        for (const auto& pair : tables_.both) {
            drop_parts(pair);
        }
        for (const auto& pair : tables_.both) {
            for (const auto* const column : pair.dropped) {
                put(drop_column(pair.from->name, *column));
                tell(*pair.from, "drops " + column->name);
                warn_of_dropped(*pair.from, *column);
            }
        }
        for (const auto* const each : tables_.dropped) {
            put(drop_table(*each));
            tell(*each, "is dropped");
            warn(each->path, "data_loss", "the table " + each->name + " and its rows are lost");
        }
        rename();
        for (const auto* const each : tables_.added) {
            put(create_table(*each));
            tell(*each, "is new");
        }
        for (const auto& pair : tables_.both) {
            change_columns(pair);
        }
        for (const auto& pair : tables_.both) {
            create_parts(pair);
        }
        return std::move(statements_);
    }

    std::vector<std::string> summary;
    std::vector<migration_warning> warnings;
    faults refused;

private:
    void put(std::string statement) { statements_.push_back(std::move(statement)); }

    void tell(const table& of, const std::string& what) {
        std::string name = of.entity == nullptr ? of.name : of.entity->name;
        name += of.link == nullptr ? "" : "." + of.link->name;
        summary.push_back(name + ": " + what);
    }

    void warn(std::string path, std::string code, std::string message) {
        warnings.push_back({std::move(code), std::move(path), std::move(message)});
    }

    /// What of an entity brings a column that is none of its fields or relations.
    static std::string option_of(const table_column& of) {
        return of.name == "version" ? "versioned" : "soft_delete";
    }

    static std::string path_of(const table& in, const table_column& of) {
        return in.path + (of.field != nullptr      ? ".fields." + of.field->name
                          : of.relation != nullptr ? ".relations." + of.relation->name
                                                   : "." + option_of(of));
    }

    static bool are_same(
        const table_pair& pair,
        const std::vector<std::string>& before,
        const std::vector<std::string>& after
    ) {
        const auto renamed = [&](const std::string& name) { return pair.renamed(name); };
        return std::ranges::equal(before, after, {}, renamed);
    }

    /// Whether the constraint of the one table is that of the other, but for its name.
    bool is_same(
        const table_pair& pair, const table_constraint& before, const table_constraint& after
    ) const {
        if (before.kind != after.kind) {
            return false;
        }
        if (before.kind == constraint_kind::check) {
            return before.condition == after.condition &&
                   suffix(*pair.from, before) == suffix(*pair.to, after);
        }
        return are_same(pair, before.columns, after.columns) &&
               tables_.renamed(before.target) == after.target &&
               before.on_delete == after.on_delete;
    }

    /// The name without the table's.
    static std::string suffix(const table& in, const table_constraint& of) {
        return of.name.substr(std::min(of.name.size(), std::string("ck_").size() + in.name.size()));
    }

    static bool is_same(
        const table_pair& pair, const table_index& before, const table_index& after
    ) {
        return are_same(pair, before.columns, after.columns) && before.unique == after.unique &&
               before.where == after.where;
    }

    static bool are_kept(const table_pair& pair, const std::vector<std::string>& columns) {
        return std::ranges::none_of(pair.dropped, [&](const auto* each) {
            return std::ranges::find(columns, each->name) != columns.end();
        });
    }

    /// A constraint goes with its column, and a check with any that it names.
    static bool is_kept(const table_pair& pair, const table_constraint& of) {
        if (of.kind != constraint_kind::check) {
            return are_kept(pair, of.columns);
        }
        return std::ranges::none_of(pair.dropped, [&](const auto* each) {
            return of.condition.contains(sql_name(each->name));
        });
    }

    const table_constraint* counterpart(const table_pair& pair, const table_constraint& of) const {
        for (const auto& each : pair.to->constraints) {
            if (is_kept(pair, of) && is_same(pair, of, each)) {
                return &each;
            }
        }
        return nullptr;
    }

    static const table_index* counterpart(const table_pair& pair, const table_index& of) {
        for (const auto& each : pair.to->indexes) {
            if (are_kept(pair, of.columns) && is_same(pair, of, each)) {
                return &each;
            }
        }
        return nullptr;
    }

    void drop_parts(const table_pair& pair) {
        for (const auto& each : pair.from->indexes) {
            if (counterpart(pair, each) == nullptr) {
                put(drop_index(pair.from->name, each));
                tell(*pair.from, "drops the index " + each.name);
            }
        }
        for (const auto& each : pair.from->constraints) {
            if (counterpart(pair, each) == nullptr) {
                put(drop_constraint(pair.from->name, each));
                tell(*pair.from, "drops " + each.name);
            }
        }
    }

    void rename() {
        std::vector<renaming> names;
        for (const auto& pair : tables_.both) {
            add_renaming(names, "", pair.from->name, pair.to->name);
        }
        for (const auto& each : in_order(std::move(names))) {
            put(rename_table(each.from, each.to));
            summary.push_back("renames the table " + each.from + " to " + each.to);
        }
        for (const auto& pair : tables_.both) {
            std::vector<renaming> columns;
            for (const auto& [before, after] : pair.columns) {
                add_renaming(columns, pair.to->name, before->name, after->name);
            }
            for (const auto& each : in_order(std::move(columns))) {
                put(rename_column(each.of, each.from, each.to));
                tell(*pair.to, "renames " + each.from + " to " + each.to);
            }
        }
        rename_parts();
    }

    void rename_parts() {
        // In one order, as a unique constraint and an index share the names of the schema.
        std::vector<renaming> names;
        for (const auto& pair : tables_.both) {
            for (const auto& each : pair.from->constraints) {
                if (const auto* const other = counterpart(pair, each)) {
                    add_renaming(names, pair.to->name, each.name, other->name);
                }
            }
            for (const auto& each : pair.from->indexes) {
                if (const auto* const other = counterpart(pair, each)) {
                    add_renaming(names, "", each.name, other->name);
                }
            }
        }
        for (const auto& each : in_order(std::move(names))) {
            const std::string from = sql_name(each.from);
            const std::string what =
                each.of.empty() ? "INDEX " + from + " RENAME"
                                : "TABLE " + sql_name(each.of) + " RENAME CONSTRAINT " + from;
            put(execute("ALTER " + what + " TO " + sql_name(each.to)));
        }
    }

    static void add_renaming(
        std::vector<renaming>& to, std::string of, const std::string& from, const std::string& name
    ) {
        if (from != name) {
            to.push_back({std::move(of), from, name});
        }
    }

    void change_columns(const table_pair& pair) {
        for (const auto& [before, after] : pair.columns) {
            change_values(pair, *before, *after);
            if (before->nullable && !after->nullable) {
                fill(*pair.to, *after);
                tell(*pair.to, "requires " + after->name);
            }
            if (before->nullable != after->nullable) {
                put(alter_nullable(pair.to->name, *after));
            }
        }
        for (const auto* const column : pair.added) {
            put(add_column(pair.to->name, *column));
            tell(*pair.to, "adds " + column->name);
            if (!column->nullable && column->server_default.empty()) {
                fill(*pair.to, *column);
                put(alter_nullable(pair.to->name, *column));
            }
        }
    }

    void change_values(
        const table_pair& pair, const table_column& before, const table_column& after
    ) {
        if (before.field == nullptr) {
            return;
        }
        const auto change = conversion_of(from_, to_, *pair.to, before, after);
        if (before.sql_type != after.sql_type) {
            put(alter_type(pair.to->name, before, after, change.sql_using));
            tell(
                *pair.to,
                fmt::format("{} is {}, and was {}", after.name, after.sql_type, before.sql_type)
            );
        }
        if (!change.update.empty()) {
            put(execute(change.update));
        }
        if (!change.warning.message.empty()) {
            warn(path_of(*pair.to, after), change.warning.code, change.warning.message);
        }
    }

    /// A value for the rows that have none.
    void fill(const table& in, const table_column& column) {
        const auto found = backfill_of(to_, in, column, up_);
        if (!found) {
            refused.push_back({path_of(in, column), "no_value", found.error(), 0});
            return;
        }
        put(execute(found->update));
        if (!found->warning.message.empty()) {
            warn(path_of(in, column), found->warning.code, found->warning.message);
        }
    }

    void create_parts(const table_pair& pair) {
        std::set<std::string> kept;
        for (const auto& each : pair.from->constraints) {
            if (const auto* const other = counterpart(pair, each)) {
                kept.insert(other->name);
            }
        }
        for (const auto& each : pair.from->indexes) {
            if (const auto* const other = counterpart(pair, each)) {
                kept.insert(other->name);
            }
        }
        for (const auto& each : pair.to->constraints) {
            if (!kept.contains(each.name)) {
                put(create_constraint(pair.to->name, each));
                tell(*pair.to, "adds " + each.name);
                if (each.kind == constraint_kind::check || each.kind == constraint_kind::unique) {
                    warn_of_rows(*pair.to, each.name);
                }
            }
        }
        for (const auto& each : pair.to->indexes) {
            if (!kept.contains(each.name)) {
                put(create_index(pair.to->name, each));
                tell(*pair.to, "adds the index " + each.name);
                if (each.unique && !was_unique(pair, each)) {
                    warn_of_rows(*pair.to, each.name);
                }
            }
        }
    }

    /// Whether no two rows of all had the same in the columns of an index over some of them.
    static bool was_unique(const table_pair& pair, const table_index& of) {
        return std::ranges::any_of(pair.from->constraints, [&](const table_constraint& each) {
            return each.kind == constraint_kind::unique && are_kept(pair, each.columns) &&
                   are_same(pair, each.columns, of.columns);
        });
    }

    void warn_of_rows(const table& in, const std::string& rule) {
        warn(
            in.path,
            "may_stop",
            "rows that do not keep " + rule + " stop the migration, and nothing is changed"
        );
    }

    void warn_of_dropped(const table& in, const table_column& of) {
        if (of.field != nullptr || of.relation != nullptr) {
            warn(path_of(in, of), "data_loss", "its values are lost");
            return;
        }
        if (option_of(of) != "soft_delete") {
            return;
        }
        warn(
            path_of(in, of),
            "rows_return",
            "rows that are marked as deleted come back, and when they were deleted is lost: delete "
            "from " +
                in.name + " first what should stay away"
        );
    }

    const model& from_;
    const model& to_;
    std::vector<table> before_;
    std::vector<table> after_;
    paired_tables tables_;
    bool up_;
    std::vector<std::string> statements_;
};

}  // namespace

std::expected<migration, faults> difference(const model& last, const model& next) {
    way up(last, next, true);
    way down(next, last, false);
    migration made;
    made.upgrade = up.statements();
    made.downgrade = down.statements();
    if (!up.refused.empty()) {
        return std::unexpected(std::move(up.refused));
    }
    made.summary = std::move(up.summary);
    made.warnings = std::move(up.warnings);
    return made;
}

}  // namespace teamflow::generation
