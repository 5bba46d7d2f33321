#pragma once
// What is wrong with a model: where in the document, on which line, and what to do.

#include <string>
#include <vector>

namespace teamflow::generation {

/// `path` is dotted (`entities.Task.fields.title.max`), empty for the document as a whole. `line`
/// counts from 1 and is 0 where the text has no lines to name (JSON). `code` is stable.
struct fault {
    std::string path;
    std::string code;
    std::string message;
    int line = 0;

    friend bool operator==(const fault&, const fault&) = default;
};

using faults = std::vector<fault>;

/// `line 12: entities.Task.fields.title.max: must be ...`, in one line; characters that a terminal
/// obeys or hides are escaped.
std::string to_string(const fault& what);

}  // namespace teamflow::generation
