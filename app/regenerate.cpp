#include "app/regenerate.hpp"

#include <algorithm>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "events/json/described.hpp"
#include "events/json/write.hpp"
#include "generation/regeneration/apply.hpp"

namespace teamflow::app {

namespace {

namespace gen = generation;

struct told_change {
    std::string path;
    gen::file_outcome outcome = gen::file_outcome::kept;
};
BOOST_DESCRIBE_STRUCT(told_change, (), (path, outcome))

struct told_regeneration {
    std::vector<told_change> changes;
    std::vector<gen::file_conflict> conflicts;
    std::optional<std::string> revision;
    std::vector<gen::migration_warning> warnings;
};
BOOST_DESCRIBE_STRUCT(told_regeneration, (), (changes, conflicts, revision, warnings))

void tell_in_words(const gen::regeneration& made) {
    for (const auto& change : made.changes) {
        if (change.outcome != gen::file_outcome::conflict) {
            std::cerr << gen::json::enum_name(change.outcome) << ' ' << change.path << '\n';
        }
    }
    for (const auto& warning : made.warnings) {
        std::cerr << "warning: " << warning.path << ": " << warning.message << '\n';
    }
    for (const auto& conflict : made.conflicts) {
        std::cerr << "conflict (" << gen::json::enum_name(conflict.kind) << "): " << conflict.path;
        for (const auto& hunk : conflict.hunks) {
            std::cerr << (&hunk == conflict.hunks.data() ? ", line " : ", ") << hunk.line;
        }
        std::cerr << '\n';
    }
}

}  // namespace

int run_regenerate(
    const generation::model& model,
    const generation::pattern_library& patterns,
    const std::optional<generation::composition>& how,
    const std::filesystem::path& application,
    bool as_json
) {
    gen::finish(application);
    const auto made = gen::regenerate(
        model, patterns, how, gen::reader_of(application), gen::revisions_of(application)
    );
    if (!made) {
        for (const auto& fault : made.error()) {
            std::cerr << "teamflow: " << to_string(fault) << '\n';
        }
        return 1;
    }
    gen::apply(*made, application);
    if (as_json) {
        told_regeneration told{{}, made->conflicts, made->revision, made->warnings};
        for (const auto& change : made->changes) {
            told.changes.push_back({change.path, change.outcome});
        }
        std::cout << events::json::to_json(told) << '\n';
    } else {
        tell_in_words(*made);
    }
    return made->conflicts.empty() ? 0 : 1;
}

}  // namespace teamflow::app
