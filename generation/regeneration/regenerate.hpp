#pragma once
// A new generation over an application that people have edited: what becomes of each file, so that
// no edit is lost without a word.

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "generation/model/fault.hpp"
#include "generation/model/model.hpp"
#include "generation/options.hpp"
#include "generation/pattern.hpp"
#include "generation/regeneration/file_merge.hpp"
#include "generation/regeneration/last_generation.hpp"
#include "generation/regeneration/policy.hpp"
#include "generation/regeneration/revision.hpp"

namespace teamflow::generation {

/// added, updated, removed: as the new generation has it. merged: edits and changes together.
/// conflict: see file_conflict. replaced: edits gave way, as the policy `generated` says. kept: as
/// people left it, where the new generation has another text.
enum class file_outcome { added, updated, removed, merged, conflict, replaced, kept };
BOOST_DESCRIBE_ENUM(file_outcome, added, updated, removed, merged, conflict, replaced, kept)

/// both_changed: the same lines; the file has markers. no_base: an edited file of a generator whose
/// text is not known any more; markers wherever it differs. both_added: people have a file where
/// a new one comes; markers. changed_and_deleted: people removed a file that would change; it
/// stays away. edited_and_gone: the model needs an edited file no longer; it stays.
enum class conflict_kind {
    both_changed,
    no_base,
    both_added,
    changed_and_deleted,
    edited_and_gone
};
BOOST_DESCRIBE_ENUM(
    conflict_kind, both_changed, no_base, both_added, changed_and_deleted, edited_and_gone
)

struct file_conflict {
    std::string path;
    conflict_kind kind = conflict_kind::both_changed;
    std::vector<merge_hunk> hunks;
};
BOOST_DESCRIBE_STRUCT(file_conflict, (), (path, kind, hunks))

struct file_change {
    std::string path;
    file_outcome outcome = file_outcome::kept;
    /// What the file has from now on; nothing where it stays, or is removed.
    std::optional<std::string> content;
    bool executable = false;
};

struct regeneration {
    /// By path; files that stay as they are and should are not told.
    std::vector<file_change> changes;
    std::vector<file_conflict> conflicts;
    /// The path of the new revision of the database, if there is one.
    std::optional<std::string> revision;
    std::vector<migration_warning> warnings;
};

/// `revisions` are the files of alembic/versions as they are now, by name; without `how` the
/// application is composed as last time. Nothing is written. Refused: a model that cannot follow
/// the last one, or whose change needs a revision that cannot be written; files that the generator
/// keeps for itself and that were changed, policies that are none, markers of an earlier merge.
std::expected<regeneration, faults> regenerate(
    const model& next,
    const pattern_library& patterns,
    const std::optional<composition>& how,
    const read_file& read,
    const std::map<std::string, std::string>& revisions
);

}  // namespace teamflow::generation
