#pragma once
// Each file of a generated application beside what its pattern gives.

#include <cstddef>
#include <expected>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "generation/pattern.hpp"
#include "generation/regeneration/last_generation.hpp"

namespace teamflow::generation {

/// same: what the pattern gives. edited: by people. outdated: as it was written, but the pattern
/// gives another text now. both: edited, and the pattern gives another text than it did. missing:
/// not there any more. no_pattern: no pattern gives it now, as with revisions of the database that
/// came by a merge.
enum class file_state { same, edited, outdated, both, missing, no_pattern };
BOOST_DESCRIBE_ENUM(file_state, same, edited, outdated, both, missing, no_pattern)

struct compared_file {
    std::string path;
    /// `pattern@version` as the manifest has it.
    std::string origin;
    file_state state = file_state::same;
    /// Lines that the file has and the pattern has not, and the other way round.
    std::size_t added = 0;
    std::size_t removed = 0;
    /// From the pattern's text to the file's, unified; empty where one of the two is not there.
    std::string diff;
};
BOOST_DESCRIBE_STRUCT(compared_file, (), (path, origin, state, added, removed, diff))

/// All files of the manifest by path, but for what the generator keeps for itself. The patterns are
/// filled in from the model and the composition of the last generation. Refused as read_last() is.
std::expected<std::vector<compared_file>, faults> compare_with_patterns(
    const pattern_library& patterns, const read_file& read
);

}  // namespace teamflow::generation
