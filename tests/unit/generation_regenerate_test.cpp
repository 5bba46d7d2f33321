#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <rapidcheck/catch.h>

#include "generation/compose.hpp"
#include "generation/model/canonical.hpp"
#include "generation/model/read_model.hpp"
#include "generation/regeneration/comparison.hpp"
#include "generation/regeneration/file_merge.hpp"
#include "generation/regeneration/policy.hpp"
#include "generation/regeneration/regenerate.hpp"

using namespace teamflow::generation;

namespace {

using files = std::map<std::string, std::string>;

model model_of(const std::string& entities, const std::string& auth = "none") {
    const std::string app = "schema: 1\napp: { name: notes, auth: " + auth + " }\n";
    return read_model(app + "entities:\n" + entities, source_format::yaml).value();
}

model simple_task_api() {
    return read_model(domain_source("simple_task_api"), source_format::yaml).value();
}

const pattern_library& patterns() {
    static const pattern_library all;
    return all;
}

files generated(const model& of) {
    files all;
    for (auto& file : compose(of, patterns())) {
        all[file.path] = std::move(file.content);
    }
    return all;
}

std::map<std::string, std::string> revisions_in(const files& all) {
    const std::string versions = "alembic/versions/";
    std::map<std::string, std::string> found;
    for (const auto& [path, text] : all) {
        if (path.starts_with(versions)) {
            found[path.substr(versions.size())] = text;
        }
    }
    return found;
}

read_file reader_of_files(const files& all) {
    return [&all](std::string_view path) -> std::optional<std::string> {
        const auto found = all.find(std::string(path));
        return found == all.end() ? std::nullopt : std::optional(found->second);
    };
}

auto regenerated(const files& edited, const model& next) {
    return regenerate(
        next, patterns(), std::nullopt, reader_of_files(edited), revisions_in(edited)
    );
}

files after(files edited, const regeneration& what) {
    for (const auto& change : what.changes) {
        if (change.content) {
            edited[change.path] = *change.content;
        } else if (change.outcome == file_outcome::removed) {
            edited.erase(change.path);
        }
    }
    return edited;
}

std::optional<file_outcome> outcome_of(const regeneration& what, std::string_view path) {
    const auto found = std::ranges::find(what.changes, path, &file_change::path);
    return found == what.changes.end() ? std::nullopt : std::optional(found->outcome);
}

const std::string tag = "  Tag:\n    id: tag\n    fields: { word: { type: string } }\n";
const std::string note = "  Note:\n    fields:\n      title: { type: string, id: t }\n";
const std::string service = "src/services/notes.py";

}  // namespace

TEST_CASE("a merge keeps both sides, and marks what both changed", "[regeneration]") {
    const std::string base = "one\ntwo\nthree\nfour\nfive\n";
    const auto both =
        merge_texts(base, "ONE\ntwo\nthree\nfour\nfive\n", "one\ntwo\nthree\nfour\nFIVE\n");
    CHECK(both.text == "ONE\ntwo\nthree\nfour\nFIVE\n");
    CHECK(both.conflicts.empty());
    const auto clash =
        merge_texts(base, "one\ntwo\nmine\nfour\nfive\n", "one\ntwo\nyours\nfour\nfive\n");
    REQUIRE(clash.conflicts.size() == 1);
    CHECK(clash.conflicts[0].line == 3);
    CHECK(clash.conflicts[0].edited == "mine\n");
    CHECK(clash.conflicts[0].before == "three\n");
    CHECK(clash.conflicts[0].now == "yours\n");
    CHECK(has_markers(clash.text));
    CHECK_FALSE(has_markers(both.text));
    CHECK(merge_texts(std::nullopt, "a\n", "b\n").conflicts.size() == 1);
}

TEST_CASE("policies go by patterns of paths", "[regeneration]") {
    CHECK(fits("src/*.py", "src/main.py"));
    CHECK_FALSE(fits("src/*.py", "src/core/main.py"));
    CHECK(fits("src/**", "src/core/main.py"));
    const auto read = policies::read("docs/**: generated\nsrc/services/*: once\n");
    REQUIRE(read.has_value());
    CHECK(read->of("docs/api.md") == file_policy::generated);
    CHECK(read->of("src/services/task.py") == file_policy::once);
    CHECK(read->of("src/main.py") == file_policy::merge);
    CHECK(read->of("alembic/versions/0001_initial.py") == file_policy::once);
    const auto wrong = policies::read("a: genrated\n");
    REQUIRE_FALSE(wrong.has_value());
    CHECK(wrong.error()[0].message.contains("did you mean `generated`?"));
    CHECK(wrong.error()[0].line == 1);
}

TEST_CASE("a merge composes as last time", "[regeneration]") {
    composition how;
    how.mode = composition_mode::minimal;
    how.tests = false;
    files first;
    for (auto& file : compose(simple_task_api(), patterns(), how)) {
        first[file.path] = std::move(file.content);
    }
    const auto made = regenerated(first, simple_task_api());
    REQUIRE(made.has_value());
    CHECK(made->changes.empty());
}

TEST_CASE("nothing changes where nothing changed", "[regeneration]") {
    const auto first = generated(simple_task_api());
    const auto made = regenerated(first, simple_task_api());
    REQUIRE(made.has_value());
    CHECK(made->changes.empty());
    CHECK_FALSE(made->revision.has_value());
}

TEST_CASE("edits and a new model are put together", "[regeneration]") {
    auto edited = generated(model_of(note));
    edited[service] += "\n\nMINE = 1\n";
    edited.erase("docs/model.md");
    edited["src/own.py"] = "OWN = 1\n";
    const auto made = regenerated(
        edited,
        model_of("  Note:\n    fields:\n      heading: { type: string, id: t }\n"
                 "      body: { type: text, nullable: true }\n")
    );
    REQUIRE(made.has_value());
    const auto now = after(edited, *made);
    CHECK(now.at(service).contains("MINE = 1"));
    CHECK(now.at("src/own.py") == "OWN = 1\n");
    CHECK(now.at("src/models/entities.py").contains("heading: Mapped[str]"));
    REQUIRE(made->conflicts.size() == 1);
    CHECK(made->conflicts[0].path == "docs/model.md");
    CHECK(made->conflicts[0].kind == conflict_kind::changed_and_deleted);
    CHECK_FALSE(now.contains("docs/model.md"));
    REQUIRE(made->revision.has_value());
    CHECK(made->revision->starts_with("alembic/versions/0002_"));
    const std::string& revision = now.at(*made->revision);
    CHECK(revision.contains(R"(op.alter_column("notes", "title", new_column_name="heading"))"));
    CHECK(revision.contains(R"(down_revision: str | Sequence[str] | None = "0001")"));
    CHECK(
        now.at("alembic/versions/0001_initial.py") == edited.at("alembic/versions/0001_initial.py")
    );
    // And again, from there: the next revision follows the last.
    const auto third = regenerated(now, model_of(note));
    REQUIRE(third.has_value());
    CHECK(third->revision.value_or("").starts_with("alembic/versions/0003_"));
}

TEST_CASE("each kind of conflict is told", "[regeneration]") {
    const model one = model_of(note);
    const model two = model_of(note + "  Tag:\n    fields: { name: { type: string } }\n");
    auto edited = generated(two);
    edited["src/services/tags.py"] += "# mine\n";
    auto made = regenerated(edited, one).value();
    CHECK(outcome_of(made, "src/services/tags.py") == file_outcome::conflict);
    CHECK(made.conflicts.at(0).kind == conflict_kind::edited_and_gone);
    CHECK(outcome_of(made, "src/repositories/tags.py") == file_outcome::removed);

    edited = generated(one);
    edited["src/services/tags.py"] = "mine\n";
    made = regenerated(edited, two).value();
    CHECK(made.conflicts.at(0).kind == conflict_kind::both_added);
    const auto marked = regenerated(after(edited, made), two);
    REQUIRE_FALSE(marked.has_value());
    CHECK(marked.error()[0].code == "unmerged");
    CHECK(marked.error()[0].path == "src/services/tags.py");
}

TEST_CASE("policies decide what becomes of edits", "[regeneration]") {
    auto edited = generated(model_of(note));
    edited[".generator/policies.yaml"] = "docs/model.md: generated\nREADME.md: never\n";
    edited["docs/model.md"] += "mine\n";
    edited.erase("README.md");
    const auto made =
        regenerated(edited, model_of(note + "      body: { type: text, nullable: true }\n"))
            .value();
    CHECK(outcome_of(made, "docs/model.md") == file_outcome::replaced);
    CHECK_FALSE(outcome_of(made, "README.md").has_value());
}

TEST_CASE("files are held against their patterns", "[regeneration]") {
    auto edited = generated(model_of(note));
    const auto compared = [&] {
        return compare_with_patterns(patterns(), reader_of_files(edited)).value();
    };
    CHECK(std::ranges::all_of(compared(), [](const auto& each) {
        return each.state == file_state::same && each.diff.empty();
    }));
    edited[service] += "# ours\n";
    edited.erase("README.md");
    const auto all = compared();
    const auto of = [&](std::string_view path) {
        return *std::ranges::find(all, path, &compared_file::path);
    };
    CHECK(of(service).state == file_state::edited);
    CHECK(of(service).origin.contains('@'));
    CHECK(of(service).added == 1);
    CHECK(of(service).removed == 0);
    CHECK(of(service).diff.ends_with("\n+# ours\n"));
    CHECK(of("README.md").state == file_state::missing);
    CHECK(of("src/main.py").state == file_state::same);
}

TEST_CASE("files of other patterns than those of today are told apart", "[regeneration]") {
    auto edited = generated(model_of(note));
    // As if the pattern had ended otherwise at that time.
    const std::string old_text = edited[service] + "# as it was\n";
    auto& manifest = edited[".generator/manifest.json"];
    const std::string now_sum = sha256(edited[service]);
    manifest.replace(manifest.find(now_sum), now_sum.size(), sha256(old_text));
    const auto state = [&](const std::string& text) {
        edited[service] = text;
        const auto all = compare_with_patterns(patterns(), reader_of_files(edited)).value();
        return std::ranges::find(all, service, &compared_file::path)->state;
    };
    const std::string now_text = edited[service];
    CHECK(state(old_text) == file_state::outdated);
    CHECK(state(old_text + "# ours\n") == file_state::both);
    CHECK(state(now_text) == file_state::same);
    edited = generated(model_of(note));
    edited[service] = "# all ours\n";
    const auto next =
        regenerated(edited, model_of(note + "      body: { type: text, nullable: true }\n"));
    edited = after(edited, next.value());
    const auto all = compare_with_patterns(patterns(), reader_of_files(edited)).value();
    CHECK(
        std::ranges::find(all, *next->revision, &compared_file::path)->state ==
        file_state::no_pattern
    );
}

TEST_CASE("what a generator cannot go on from is refused", "[regeneration]") {
    auto edited = generated(model_of(note));
    edited[".generator/app.json"] += ' ';
    CHECK(regenerated(edited, model_of(note)).error()[0].path == ".generator/app.json");
    edited.erase(".generator/manifest.json");
    CHECK(regenerated(edited, model_of(note)).error()[0].code == "missing");
    const auto needs = regenerated(
        generated(model_of(note)),
        model_of("  Note:\n    fields: { title: { type: string, id: t } }\n"
                 "    relations: { of: { to: Tag, kind: many_to_one, required: true } }\n"
                 "  Tag:\n    fields: { name: { type: string } }\n")
    );
    REQUIRE_FALSE(needs.has_value());
    CHECK(needs.error()[0].path == "entities.Note.relations.of");
}

namespace {

/// Models that each can follow any other.
const std::vector<model>& models() {
    static const std::vector<model> all{
        model_of(note),
        model_of(note + "      body: { type: text, nullable: true }\n"),
        model_of("  Note:\n    fields: { heading: { type: string, id: t, max: 500 } }\n"),
        model_of(note + "  Tag:\n    fields: { name: { type: string, unique: true } }\n"),
        model_of("  Tag:\n    fields: { name: { type: int } }\n"),
        model_of("  Note:\n    description: Words.\n    fields: { title: { type: text, id: t } }\n"
        ),
        model_of(note + "    soft_delete: true\n    audit: true\n"),
        model_of(note + tag + "    relations: { of: { to: Note, kind: many_to_many } }\n", "jwt"),
    };
    return all;
}

/// Lines of their own in files that people may edit; the path of each.
std::map<std::string, std::string> edit_at_random(files& all) {
    std::map<std::string, std::string> marks;
    const auto count = *rc::gen::inRange(1, 6);
    for (int i = 0; i < count; ++i) {
        const auto place = *rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(all));
        const auto chosen = std::next(all.begin(), place);
        if (chosen->first.starts_with(".generator/")) {
            continue;
        }
        std::string& text = chosen->second;
        const auto at = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
        const auto line = text.rfind('\n', at == 0 ? 0 : at - 1);
        const std::string mark = "edit-" + std::to_string(i);
        text.insert(line == std::string::npos ? 0 : line + 1, mark + "\n");
        marks[mark] = chosen->first;
    }
    return marks;
}

}  // namespace

TEST_CASE("no edit is lost without a word", "[regeneration][property]") {
    static const auto firsts = [] {
        std::vector<files> all;
        for (const auto& each : models()) {
            all.push_back(generated(each));
        }
        return all;
    }();
    rc::prop("whatever the models and wherever the edits are", [] {
        files edited = *rc::gen::elementOf(firsts);
        const auto marks = edit_at_random(edited);
        const auto made = regenerated(edited, *rc::gen::elementOf(models()));
        RC_ASSERT(made.has_value());
        const files now = after(edited, *made);
        for (const auto& [mark, path] : marks) {
            const auto kept = now.find(path);
            RC_ASSERT(kept != now.end());
            RC_ASSERT(kept->second.contains(mark + "\n"));
        }
    });
}
