#include "generation/regeneration/regenerate.hpp"

#include <set>
#include <utility>

#include <boost/json/object.hpp>

#include "events/json/parse.hpp"
#include "events/json/pretty.hpp"
#include "generation/compose.hpp"
#include "generation/model/canonical.hpp"

namespace teamflow::generation {

namespace {

namespace bj = boost::json;

constexpr std::string_view versions = "alembic/versions/";

using texts = std::map<std::string, std::string>;

class regenerator {
public:
    regenerator(
        const pattern_library& patterns,
        const read_file& read,
        const last_generation& last,
        policies how
    )
        : read_(read), last_(last), how_(std::move(how)) {
        // The texts of last time, where patterns have not changed since.
        for (auto& file : compose(last.model, patterns, last.how)) {
            if (last_.wrote(file.path, file.content)) {
                before_[file.path] = std::move(file.content);
            }
        }
    }

    regeneration run(const std::vector<generated_file>& fresh) {
        std::set<std::string> paths;
        for (const auto& [path, sum] : last_.hashes) {
            paths.insert(path);
        }
        std::map<std::string, const generated_file*> now;
        for (const auto& file : fresh) {
            paths.insert(file.path);
            now[file.path] = &file;
        }
        for (const auto& path : paths) {
            const auto found = now.find(path);
            if (found == now.end()) {
                gone(path);
            } else {
                take(*found->second);
            }
        }
        return std::move(made_);
    }

private:
    /// The new generation does not have the file.
    void gone(const std::string& path) {
        const auto edited = read_(path);
        if (!edited || how_.of(path) == file_policy::never || how_.of(path) == file_policy::once) {
            return;
        }
        if (last_.wrote(path, *edited) || how_.of(path) == file_policy::generated) {
            made_.changes.push_back({path, file_outcome::removed, std::nullopt, false});
        } else {
            conflict(path, conflict_kind::edited_and_gone, std::nullopt, {}, false);
        }
    }

    void take(const generated_file& file) {
        const file_policy policy = how_.of(file.path);
        const auto edited = read_(file.path);
        const bool is_new = !last_.hashes.contains(file.path);
        if (policy == file_policy::never || (edited && *edited == file.content)) {
            return;
        }
        if (policy == file_policy::once) {
            if (is_new && !edited) {
                write(file, file_outcome::added);
            }
            return;
        }
        if (!edited) {
            take_missing(file, is_new || policy == file_policy::generated);
        } else if (last_.wrote(file.path, *edited)) {
            write(file, file_outcome::updated);
        } else if (policy == file_policy::generated) {
            write(file, own(file.path) ? file_outcome::updated : file_outcome::replaced);
        } else if (last_.wrote(file.path, file.content)) {
            made_.changes.push_back({file.path, file_outcome::kept, std::nullopt, false});
        } else {
            put_together(file, *edited, is_new);
        }
    }

    /// What only the generator writes changes each time.
    static bool own(std::string_view path) { return path.starts_with(".generator/"); }

    void take_missing(const generated_file& file, bool is_wanted) {
        if (is_wanted) {
            write(file, file_outcome::added);
        } else if (!last_.wrote(file.path, file.content)) {
            conflict(file.path, conflict_kind::changed_and_deleted, std::nullopt, {}, false);
        }
    }

    void put_together(const generated_file& file, const std::string& edited, bool is_new) {
        const auto known = before_.find(file.path);
        const auto before = known == before_.end() ? std::nullopt : std::optional(known->second);
        auto merged = merge_texts(before, edited, file.content);
        if (merged.conflicts.empty()) {
            made_.changes.push_back(
                {file.path, file_outcome::merged, std::move(merged.text), file.executable}
            );
            return;
        }
        const auto kind = is_new   ? conflict_kind::both_added
                          : before ? conflict_kind::both_changed
                                   : conflict_kind::no_base;
        conflict(
            file.path, kind, std::move(merged.text), std::move(merged.conflicts), file.executable
        );
    }

    void write(const generated_file& file, file_outcome outcome) {
        made_.changes.push_back({file.path, outcome, file.content, file.executable});
    }

    void conflict(
        const std::string& path,
        conflict_kind kind,
        std::optional<std::string> content,
        std::vector<merge_hunk> hunks,
        bool executable
    ) {
        made_.changes.push_back({path, file_outcome::conflict, std::move(content), executable});
        made_.conflicts.push_back({path, kind, std::move(hunks)});
    }

    const read_file& read_;
    const last_generation& last_;
    policies how_;
    texts before_;
    regeneration made_;
};

/// Revisions stay in the manifest as they were: those that are there are not made again.
void keep_revisions(std::vector<generated_file>& fresh, const last_generation& last) {
    for (auto& file : fresh) {
        if (file.path != manifest_path) {
            continue;
        }
        auto manifest = events::json::parse(file.content).value();
        auto& files = manifest.as_object().at("files").as_object();
        for (const auto& entry : last.manifest.at("files").as_object()) {
            if (entry.key().starts_with(versions)) {
                files[entry.key()] = entry.value();
            }
        }
        file.content = events::json::pretty(manifest);
    }
}

void add_to_manifest(std::vector<generated_file>& fresh, const generated_file& made) {
    for (auto& file : fresh) {
        if (file.path == manifest_path) {
            auto manifest = events::json::parse(file.content).value();
            manifest.as_object().at("files").as_object()[made.path] = bj::object{
                {"origin", made.origin},
                {"sha256", sha256(made.content)},
                {"bytes", made.content.size()}
            };
            file.content = events::json::pretty(manifest);
        }
    }
    fresh.push_back(made);
}

std::expected<policies, faults> read_policies(const read_file& read) {
    const auto text = read(policies_path);
    if (!text) {
        return policies();
    }
    auto made = policies::read(*text);
    if (!made) {
        for (auto& fault : made.error()) {
            fault.path = std::string(policies_path) + ": " + fault.path;
        }
    }
    return made;
}

faults with_markers(const last_generation& last, const read_file& read) {
    faults found;
    for (const auto& [path, sum] : last.hashes) {
        const auto text = read(path);
        if (text && has_markers(*text)) {
            found.push_back(
                {path, "unmerged", "has markers of an earlier merge: decide there first", 0}
            );
        }
    }
    return found;
}

}  // namespace

std::expected<regeneration, faults> regenerate(
    const model& next,
    const pattern_library& patterns,
    const std::optional<composition>& how,
    const read_file& read,
    const std::map<std::string, std::string>& revisions
) {
    const auto last = read_last(read);
    if (!last) {
        return std::unexpected(last.error());
    }
    auto allowed = read_policies(read);
    if (!allowed) {
        return std::unexpected(std::move(allowed.error()));
    }
    if (auto marked = with_markers(*last, read); !marked.empty()) {
        return std::unexpected(std::move(marked));
    }
    auto change = difference(last->model, next);
    if (!change) {
        return std::unexpected(std::move(change.error()));
    }
    auto fresh = compose(next, patterns, how.value_or(last->how));
    keep_revisions(fresh, *last);
    std::optional<std::string> revision;
    if (!change->empty()) {
        const auto after = chain_of(revisions);
        revision = std::string(versions) + after.next + "_model_" + hash(next).substr(0, 8) + ".py";
        add_to_manifest(fresh, {*revision, revision_text(*change, after), "generator"});
    }
    auto made = regenerator(patterns, read, *last, std::move(*allowed)).run(fresh);
    made.revision = std::move(revision);
    made.warnings = std::move(change->warnings);
    return made;
}

}  // namespace teamflow::generation
