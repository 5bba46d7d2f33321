#pragma once
// Three-way merges and differences of texts, by libgit2.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>

namespace teamflow::generation {

/// One place where both sides changed the same lines; `line` counts from 1 in the merged text.
struct merge_hunk {
    std::size_t line = 0;
    std::string edited;
    std::string before;
    std::string now;
};
BOOST_DESCRIBE_STRUCT(merge_hunk, (), (line, edited, before, now))

struct merged_text {
    /// With diff3 markers around each hunk.
    std::string text;
    std::vector<merge_hunk> conflicts;
};

/// `before` is what both came from; without it everything in which the two differ is a conflict.
/// Throws std::runtime_error if libgit2 fails.
merged_text merge_texts(
    const std::optional<std::string>& before, const std::string& edited, const std::string& now
);

struct text_difference {
    /// Unified, with three lines of context; empty where both are the same.
    std::string text;
    std::size_t added = 0;
    std::size_t removed = 0;
};

/// From one text to the other of a file. Throws std::runtime_error if libgit2 fails.
text_difference difference_of(
    const std::string& path, const std::string& before, const std::string& now
);

/// Whether markers of an earlier merge are still in the text.
bool has_markers(std::string_view text);

}  // namespace teamflow::generation
