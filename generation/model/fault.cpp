#include "generation/model/fault.hpp"

namespace teamflow::generation {

std::string to_string(const fault& what) {
    std::string text;
    if (what.line > 0) {
        text += "line " + std::to_string(what.line) + ": ";
    }
    if (!what.path.empty()) {
        text += what.path + ": ";
    }
    return text + what.message;
}

}  // namespace teamflow::generation
