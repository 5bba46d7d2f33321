#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "generation/regeneration/backfill.hpp"
#include "generation/regeneration/pairs.hpp"
#include "generation/regeneration/revision.hpp"
#include "generation/regeneration/statements.hpp"
#include "generation/regeneration/tables.hpp"

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
                warn(path_of(*pair.from, *column), "data_loss", "its values are lost");
            }
        }
        for (const auto* const each : tables_.dropped) {
            put(drop_table(*each));
            tell(*each, "is dropped");
            warn("entities." + each->entity->name, "data_loss", "the table and its rows are lost");
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
        summary.push_back(of.entity->name + ": " + what);
    }

    void warn(std::string path, std::string code, std::string message) {
        warnings.push_back({std::move(code), std::move(path), std::move(message)});
    }

    static std::string path_of(const table& in, const table_column& of) {
        return "entities." + in.entity->name +
               (of.field != nullptr ? ".fields." + of.field->name
                                    : ".relations." + of.relation->name);
    }

    /// Whether the constraint of the one table is that of the other, but for its name.
    bool is_same(
        const table_pair& pair, const table_constraint& before, const table_constraint& after
    ) const {
        if (before.kind != after.kind) {
            return false;
        }
        if (before.kind == constraint_kind::check) {
            return before.subject == after.subject &&
                   suffix(*pair.from, before) == suffix(*pair.to, after);
        }
        return pair.renamed(before.subject) == after.subject &&
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
        return std::ranges::equal(before.columns, after.columns, {}, [&](const auto& name) {
            return pair.renamed(name);
        });
    }

    static bool is_kept(const table_pair& pair, const std::string& column) {
        return std::ranges::none_of(pair.dropped, [&](const auto* each) {
            return each->name == column;
        });
    }

    /// A constraint goes with its column, and a check with any that it names.
    static bool is_kept(const table_pair& pair, const table_constraint& of) {
        if (of.kind != constraint_kind::check) {
            return is_kept(pair, of.subject);
        }
        return std::ranges::none_of(pair.dropped, [&](const auto* each) {
            return of.subject.contains(sql_name(each->name));
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
        const bool stays =
            std::ranges::all_of(of.columns, [&](const auto& name) { return is_kept(pair, name); });
        for (const auto& each : pair.to->indexes) {
            if (stays && is_same(pair, of, each)) {
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
        std::vector<renaming> constraints;
        std::vector<renaming> indexes;
        for (const auto& pair : tables_.both) {
            for (const auto& each : pair.from->constraints) {
                if (const auto* const other = counterpart(pair, each)) {
                    add_renaming(constraints, pair.to->name, each.name, other->name);
                }
            }
            for (const auto& each : pair.from->indexes) {
                if (const auto* const other = counterpart(pair, each)) {
                    add_renaming(indexes, "", each.name, other->name);
                }
            }
        }
        for (const auto& each : in_order(std::move(constraints))) {
            put(execute(fmt::format(
                "ALTER TABLE {} RENAME CONSTRAINT {} TO {}",
                sql_name(each.of),
                sql_name(each.from),
                sql_name(each.to)
            )));
        }
        for (const auto& each : in_order(std::move(indexes))) {
            put(execute(
                fmt::format("ALTER INDEX {} RENAME TO {}", sql_name(each.from), sql_name(each.to))
            ));
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
            if (!column->nullable) {
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
                warn_of(*pair.to, each);
            }
        }
        for (const auto& each : pair.to->indexes) {
            if (!kept.contains(each.name)) {
                put(create_index(pair.to->name, each));
                tell(*pair.to, "adds the index " + each.name);
            }
        }
    }

    void warn_of(const table& in, const table_constraint& made) {
        if (made.kind == constraint_kind::check || made.kind == constraint_kind::unique) {
            warn(
                "entities." + in.entity->name,
                "may_stop",
                "rows that do not keep " + made.name + " stop the migration, and nothing is changed"
            );
        }
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
