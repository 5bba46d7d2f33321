#include "generation/regeneration/revision.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <set>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>

#include "generation/python/literal.hpp"

namespace teamflow::generation {

namespace {

constexpr std::size_t max_summary_lines = 50;

/// The texts in quotes behind the equals sign of `name = ...` or `name: type = ...`.
std::vector<std::string> assigned(const std::string& text, std::string_view name) {
    std::vector<std::string> values;
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view line = std::string_view(text).substr(begin, end - begin);
        begin = end + 1;
        const auto equals = line.find('=');
        if (!line.starts_with(name) || equals == std::string_view::npos ||
            line.substr(name.size()).find_first_of(" :=") != 0) {
            continue;
        }
        std::string_view rest = line.substr(equals);
        while (true) {
            const auto open = rest.find_first_of("'\"");
            if (open == std::string_view::npos) {
                return values;
            }
            const auto close = rest.find(rest[open], open + 1);
            if (close == std::string_view::npos) {
                return values;
            }
            values.emplace_back(rest.substr(open + 1, close - open - 1));
            rest.remove_prefix(close + 1);
        }
    }
    return values;
}

unsigned number_of(const std::string& revision) {
    unsigned number = 0;
    const auto [end, error] =
        std::from_chars(revision.data(), revision.data() + revision.size(), number);
    return error == std::errc{} && end == revision.data() + revision.size() ? number : 0;
}

bool is_plain(const std::string& revision) {
    return std::ranges::all_of(revision, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '_' || c == '-';
    });
}

/// The body of a function.
std::string joined(const std::vector<std::string>& lines) {
    if (lines.empty()) {
        return "    pass\n";
    }
    std::string text;
    for (const auto& each : lines) {
        text += each + "\n";
    }
    return text;
}

}  // namespace

revision_chain chain_of(const std::map<std::string, std::string>& revisions) {
    std::set<std::string> ends;
    std::set<std::string> passed;
    unsigned highest = 0;
    for (const auto& [name, text] : revisions) {
        const auto own = assigned(text, "revision");
        if (own.empty()) {
            continue;
        }
        ends.insert(own.front());
        highest = std::max(highest, number_of(own.front()));
        for (const auto& before : assigned(text, "down_revision")) {
            passed.insert(before);
        }
    }
    for (const auto& each : passed) {
        ends.erase(each);
    }
    if (ends.size() != 1) {
        throw std::runtime_error(fmt::format(
            "alembic/versions has {} last revisions, where one is needed to add the next: {}",
            ends.size(),
            fmt::join(ends, ", ")
        ));
    }
    if (!is_plain(*ends.begin())) {
        throw std::runtime_error("alembic/versions: the last revision has no plain name");
    }
    return {*ends.begin(), fmt::format("{:04}", highest + 1)};
}

std::string revision_text(const migration& of, const revision_chain& after) {
    std::string told;
    const std::size_t count = std::min(of.summary.size(), max_summary_lines);
    for (std::size_t i = 0; i < count; ++i) {
        told += of.summary[i] + "\n";
    }
    if (count < of.summary.size()) {
        told += fmt::format("and {} more\n", of.summary.size() - count);
    }
    const std::string up = joined(of.upgrade);
    const std::string down = joined(of.downgrade);
    const bool needs_types = up.contains("sa.") || down.contains("sa.");
    return fmt::format(
        R"("""the model changed

{}
Revision ID: {}
Revises: {}

"""

from collections.abc import Sequence
{}
from alembic import op

revision: str = {}
down_revision: str | Sequence[str] | None = {}
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Upgrade schema."""
{}

def downgrade() -> None:
    """Downgrade schema."""
{})",
        told,
        after.next,
        after.head,
        needs_types ? "\nimport sqlalchemy as sa\n" : "",
        python::string(after.next),
        python::string(after.head),
        up,
        down
    );
}

}  // namespace teamflow::generation
