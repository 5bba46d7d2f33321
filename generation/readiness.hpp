#pragma once
// What an application lacks that one in production has, and what proofs measured of patterns.

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "generation/options.hpp"
#include "generation/pattern.hpp"

namespace teamflow::generation {

/// Something that was left out: why it is missed, and the patterns that would bring it.
struct lack {
    std::string option;
    std::string why;
    std::vector<std::string> patterns;
};
BOOST_DESCRIBE_STRUCT(lack, (), (option, why, patterns))

/// Empty for an application that has everything. Features of a model (links, audit) are no lack.
std::vector<lack> lacks_of(const pattern_library& patterns, const option_set& options);

/// What a proof measured of the files of one pattern; nothing where it has none of that kind.
struct measured_pattern {
    std::optional<double> coverage;
    std::optional<int> findings;
};
BOOST_DESCRIBE_STRUCT(measured_pattern, (), (coverage, findings))

/// A report of `teamflow prove`. Patterns are named as in manifests, `health@1`.
struct proof_run {
    std::string at;
    bool passed = false;
    std::optional<double> observability;
    std::map<std::string, measured_pattern> patterns;
};

/// The reports of a file, or of the files *.json of a directory. Throws std::runtime_error with
/// the file that is none.
std::vector<proof_run> read_runs(const std::filesystem::path& place);

/// All in percent. What no run measured is absent, never a guess.
struct pattern_figures {
    std::size_t runs = 0;
    /// The latest of them.
    std::optional<std::string> at;
    /// Of the applications with the pattern, those whose proof passed.
    std::optional<double> success_rate;
    /// Statements and branches of its files that tests reached.
    std::optional<double> test_coverage;
    /// Runs in which bandit found nothing in its files.
    std::optional<double> security_level;
    /// Traces that the applications' requests left: request id, metrics, logs as JSON.
    std::optional<double> observability;
    /// 40 % success, 30 % coverage, 20 % security, 10 % observability; parts that do not exist for
    /// a pattern (a Dockerfile has no coverage) leave their weight to the others.
    std::optional<double> readiness;
};
BOOST_DESCRIBE_STRUCT(
    pattern_figures,
    (),
    (runs, at, success_rate, test_coverage, security_level, observability, readiness)
)

pattern_figures figures_of(const pattern& of, std::span<const proof_run> runs);

/// From where on a pattern counts as ready for production.
inline constexpr double ready_from = 90;

struct pattern_query {
    /// All of its words occur in the name, the category, the summary or the text.
    std::string text;
    std::optional<category> in;
    bool production_ready = false;
    std::size_t top = 1000;
};

struct found_pattern {
    const pattern* what = nullptr;
    pattern_figures figures;
};

/// The best matches first: words in the name weigh more than those in the summary or the text.
std::vector<found_pattern> search(
    const pattern_library& in, const pattern_query& query, std::span<const proof_run> runs
);

}  // namespace teamflow::generation
