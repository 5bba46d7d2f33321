#pragma once
// DBML as tokens with lines.

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "generation/model/fault.hpp"

namespace teamflow::generation {

/// `text` stood in single quotes, `expression` in backquotes; a word may have stood in double
/// ones. A symbol is one character, or `<>`.
enum class dbml_kind { word, text, expression, number, symbol, end };

struct dbml_token {
    dbml_kind kind = dbml_kind::end;
    std::string text;
    int line = 0;
};

/// The last token is `end`. Refused with the line: a text, comment or name without its end.
std::expected<std::vector<dbml_token>, fault> dbml_tokens(std::string_view text);

}  // namespace teamflow::generation
