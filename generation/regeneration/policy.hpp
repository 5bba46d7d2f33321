#pragma once
// What becomes of a file when an application is generated again.

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/describe/enum.hpp>

#include "generation/model/fault.hpp"

namespace teamflow::generation {

/// generated: always written anew. merge: edits and changes are put together. once: written at
/// first, then left alone. never: not written.
enum class file_policy { generated, merge, once, never };
BOOST_DESCRIBE_ENUM(file_policy, generated, merge, once, never)

/// Where an application keeps its policies, in YAML: a pattern of paths and a policy a line.
inline constexpr std::string_view policies_path = ".generator/policies.yaml";

class policies {
public:
    /// Those of the generator alone: revisions of the database once, what the generator keeps for
    /// itself generated, the rest merged.
    policies() = default;

    /// Those of the text first; of its patterns the first that fits counts.
    static std::expected<policies, faults> read(std::string_view text);

    [[nodiscard]] file_policy of(std::string_view path) const;

private:
    std::vector<std::pair<std::string, file_policy>> own_;
};

/// `*` stands for any part of a name, `**` for any part of a path.
bool fits(std::string_view pattern, std::string_view path);

}  // namespace teamflow::generation
