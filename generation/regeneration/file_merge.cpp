#include "generation/regeneration/file_merge.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>

#include <git2.h>

namespace teamflow::generation {

namespace {

constexpr const char* edited_label = "edited";
constexpr const char* before_label = "generated before";
constexpr const char* now_label = "generated now";
constexpr std::string_view edited_marker = "<<<<<<< edited";
constexpr std::string_view before_marker = "||||||| generated before";
constexpr std::string_view middle_marker = "=======";
constexpr std::string_view now_marker = ">>>>>>> generated now";

/// libgit2 counts how often it is begun and ended.
class library {
public:
    library() { git_libgit2_init(); }

    library(const library&) = delete;
    library& operator=(const library&) = delete;

    ~library() { git_libgit2_shutdown(); }
};

git_merge_file_input input_of(const std::string& text) {
    git_merge_file_input made{};
    git_merge_file_input_init(&made, GIT_MERGE_FILE_INPUT_VERSION);
    made.ptr = text.data();
    made.size = text.size();
    return made;
}

/// The hunks between the markers.
std::vector<merge_hunk> hunks_of(std::string_view text) {
    std::vector<merge_hunk> found;
    std::string* part = nullptr;
    std::size_t number = 0;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size() - 1) + 1;
        const std::string_view whole = text.substr(0, end);
        const std::string_view line = whole.substr(0, whole.find('\n'));
        text.remove_prefix(end);
        number += 1;
        if (line == edited_marker) {
            found.push_back({number, "", "", ""});
            part = &found.back().edited;
        } else if (part != nullptr && line == before_marker) {
            part = &found.back().before;
        } else if (part != nullptr && line == middle_marker) {
            part = &found.back().now;
        } else if (part != nullptr && line == now_marker) {
            part = nullptr;
        } else if (part != nullptr) {
            *part += whole;
        }
    }
    return found;
}

struct free_result {
    void operator()(git_merge_file_result* result) const { git_merge_file_result_free(result); }
};

struct free_patch {
    void operator()(git_patch* patch) const { git_patch_free(patch); }
};

/// Memory of libgit2.
struct owned_text {
    git_buf buffer{};

    owned_text() = default;
    owned_text(const owned_text&) = delete;
    owned_text& operator=(const owned_text&) = delete;

    ~owned_text() { git_buf_dispose(&buffer); }
};

void check(int outcome, const char* what) {
    if (outcome != 0) {
        const auto* const why = git_error_last();
        throw std::runtime_error(std::string("libgit2: ") + (why == nullptr ? what : why->message));
    }
}

}  // namespace

merged_text merge_texts(
    const std::optional<std::string>& before, const std::string& edited, const std::string& now
) {
    const library in_use;
    const std::string nothing;
    const git_merge_file_input ancestor = input_of(before ? *before : nothing);
    const git_merge_file_input ours = input_of(edited);
    const git_merge_file_input theirs = input_of(now);
    git_merge_file_options options{};
    git_merge_file_options_init(&options, GIT_MERGE_FILE_OPTIONS_VERSION);
    options.ancestor_label = before_label;
    options.our_label = edited_label;
    options.their_label = now_label;
    options.flags = GIT_MERGE_FILE_STYLE_DIFF3;
    git_merge_file_result result{};
    check(git_merge_file(&result, &ancestor, &ours, &theirs, &options), "a merge failed");
    const std::unique_ptr<git_merge_file_result, free_result> freed(&result);
    merged_text made{{result.ptr, result.len}, {}};
    if (result.automergeable == 0) {
        made.conflicts = hunks_of(made.text);
    }
    return made;
}

text_difference difference_of(
    const std::string& path, const std::string& before, const std::string& now
) {
    const library in_use;
    git_diff_options options{};
    git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
    options.flags = GIT_DIFF_FORCE_TEXT;
    git_patch* made = nullptr;
    check(
        git_patch_from_buffers(
            &made,
            before.data(),
            before.size(),
            path.c_str(),
            now.data(),
            now.size(),
            path.c_str(),
            &options
        ),
        "a difference failed"
    );
    const std::unique_ptr<git_patch, free_patch> patch(made);
    text_difference difference;
    check(
        git_patch_line_stats(nullptr, &difference.added, &difference.removed, patch.get()),
        "a difference failed"
    );
    owned_text text;
    check(git_patch_to_buf(&text.buffer, patch.get()), "a difference failed");
    difference.text.assign(text.buffer.ptr, text.buffer.size);
    return difference;
}

bool has_markers(std::string_view text) {
    return text.starts_with(edited_marker) ||
           text.contains("\n" + std::string(edited_marker) + "\n");
}

}  // namespace teamflow::generation
