#pragma once
// The next Alembic revision: from the tables of one model to those of the next, and back.

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "generation/model/fault.hpp"
#include "generation/model/model.hpp"

namespace teamflow::generation {

/// What a migration does to rows that are there, and nobody should learn from the rows.
struct migration_warning {
    /// data_loss, made_up_values, may_stop, unchecked_values, rows_return
    std::string code;
    /// Of the next model, or of the last one where it is in that alone.
    std::string path;
    std::string message;

    friend bool operator==(const migration_warning&, const migration_warning&) = default;
};
BOOST_DESCRIBE_STRUCT(migration_warning, (), (code, path, message))

struct migration {
    /// Each a statement of Python, indented by four blanks.
    std::vector<std::string> upgrade;
    std::vector<std::string> downgrade;
    /// One line each.
    std::vector<std::string> summary;
    std::vector<migration_warning> warnings;

    [[nodiscard]] bool empty() const { return upgrade.empty(); }
};

/// Both are checked. Parts are the same if they have the same `id`, or the same name and not two
/// different ids. Refused with the path in the next model: a column that rows must have and for
/// which no value can be found.
std::expected<migration, faults> difference(const model& last, const model& next);

struct revision_chain {
    std::string head;
    /// Four digits, one more than the highest number of any revision.
    std::string next;
};

/// From the texts of `alembic/versions/*.py`, by file name. Throws std::runtime_error if the chain
/// has no single end.
revision_chain chain_of(const std::map<std::string, std::string>& revisions);

/// The file of the revision.
std::string revision_text(const migration& of, const revision_chain& after);

}  // namespace teamflow::generation
