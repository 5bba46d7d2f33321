#include "query/csv.hpp"

namespace teamflow::query {

void append_csv_field(std::string& line, std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
        line += text;
        return;
    }
    line += '"';
    std::size_t begin = 0;
    for (auto at = text.find('"'); at != std::string_view::npos; at = text.find('"', at + 1)) {
        line.append(text, begin, at + 1 - begin);
        line += '"';
        begin = at + 1;
    }
    line.append(text, begin);
    line += '"';
}

}  // namespace teamflow::query
