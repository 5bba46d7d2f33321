#include "generation/model/names.hpp"

#include <algorithm>
#include <array>

namespace teamflow::generation {

namespace {

using namespace std::string_view_literals;

constexpr std::array python_keywords{
    "and"sv,      "as"sv,       "assert"sv, "async"sv, "await"sv,  "break"sv,  "class"sv,
    "continue"sv, "def"sv,      "del"sv,    "elif"sv,  "else"sv,   "except"sv, "finally"sv,
    "for"sv,      "from"sv,     "global"sv, "if"sv,    "import"sv, "in"sv,     "is"sv,
    "lambda"sv,   "nonlocal"sv, "not"sv,    "or"sv,    "pass"sv,   "raise"sv,  "return"sv,
    "try"sv,      "while"sv,    "with"sv,   "yield"sv, "match"sv,  "case"sv,   "none"sv,
    "true"sv,     "false"sv,
};

/// Members of SQLAlchemy's and Pydantic's base classes, names that annotations of the same class
/// body need, and columns that every entity has.
constexpr std::array taken_field_names{
    "id"sv,         "created_at"sv, "updated_at"sv,      "metadata"sv,
    "registry"sv,   "self"sv,       "awaitable_attrs"sv, "copy"sv,
    "dict"sv,       "json"sv,       "schema"sv,          "validate"sv,
    "construct"sv,  "fields"sv,     "parse_obj"sv,       "parse_raw"sv,
    "parse_file"sv, "from_orm"sv,   "schema_json"sv,     "update_forward_refs"sv,
    "str"sv,        "int"sv,        "float"sv,           "bool"sv,
    "list"sv,       "dt"sv,         "limit"sv,           "offset"sv,
    "sort"sv,       "filters"sv,
};

/// Classes and constants that generated modules import or define under these names.
constexpr std::array taken_entity_names{
    "Annotated"sv,
    "Any"sv,
    "AnyUrl"sv,
    "App"sv,
    "AppError"sv,
    "AsyncSession"sv,
    "Base"sv,
    "BaseModel"sv,
    "BigInteger"sv,
    "Boolean"sv,
    "CheckConstraint"sv,
    "ConfigDict"sv,
    "ConflictError"sv,
    "Database"sv,
    "Date"sv,
    "DateOnly"sv,
    "DateTime"sv,
    "DbSession"sv,
    "Decimal"sv,
    "Depends"sv,
    "Email"sv,
    "Enum"sv,
    "ErrorDetail"sv,
    "ErrorResponse"sv,
    "Exception"sv,
    "FastAPI"sv,
    "Field"sv,
    "Float"sv,
    "ForeignKey"sv,
    "Health"sv,
    "Index"sv,
    "InputSchema"sv,
    "Integer"sv,
    "JsonObject"sv,
    "JsonValue"sv,
    "List"sv,
    "ListQuery"sv,
    "Literal"sv,
    "Mapped"sv,
    "Metrics"sv,
    "Moment"sv,
    "NotFoundError"sv,
    "None"sv,
    "Numeric"sv,
    "OutputSchema"sv,
    "Page"sv,
    "Query"sv,
    "RateLimitedError"sv,
    "RateLimiter"sv,
    "Readiness"sv,
    "Repository"sv,
    "Request"sv,
    "Response"sv,
    "Reference"sv,
    "Router"sv,
    "Service"sv,
    "Settings"sv,
    "StorageKey"sv,
    "String"sv,
    "StringConstraints"sv,
    "Test"sv,
    "Text"sv,
    "Time"sv,
    "TimeOfDay"sv,
    "True"sv,
    "False"sv,
    "Url"sv,
    "Uuid"sv,
    "UuidText"sv,
    "ValidationError"sv,
};

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

template <std::size_t N>
bool is_among(const std::array<std::string_view, N>& all, std::string_view name) {
    return std::ranges::find(all, name) != all.end();
}

std::string length_fault(std::string_view name) {
    if (name.empty()) {
        return "must not be empty";
    }
    if (name.size() > max_name_length) {
        return "must have at most " + std::to_string(max_name_length) + " characters";
    }
    return "";
}

bool is_snake(std::string_view name) {
    return is_lower(name.front()) && name.back() != '_' && !name.contains("__") &&
           std::ranges::all_of(name, [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}

bool is_vowel(char c) {
    return "aeiou"sv.contains(c);
}

}  // namespace

std::string entity_name_fault(std::string_view name) {
    if (auto fault = length_fault(name); !fault.empty()) {
        return fault;
    }
    const bool camel = is_upper(name.front()) && std::ranges::all_of(name, [](char c) {
                           return is_lower(c) || is_upper(c) || is_digit(c);
                       });
    if (!camel) {
        return "must be CamelCase: ASCII letters and digits, beginning with a capital";
    }
    if (name.size() > 1 && std::ranges::none_of(name, is_lower)) {
        return "must not be all capitals: write `Url`, not `URL`";
    }
    if (is_among(taken_entity_names, name)) {
        return "is taken by the generated application: choose another name";
    }
    return "";
}

std::string snake_name_fault(std::string_view name) {
    if (auto fault = length_fault(name); !fault.empty()) {
        return fault;
    }
    if (!is_snake(name)) {
        return "must be snake_case: a to z, digits and single underscores, beginning with a letter";
    }
    if (is_among(python_keywords, name)) {
        return "is a keyword of Python: choose another name";
    }
    return "";
}

std::string field_name_fault(std::string_view name) {
    if (auto fault = snake_name_fault(name); !fault.empty()) {
        return fault;
    }
    if (name.starts_with("model_")) {
        return "must not begin with `model_`, which Pydantic keeps for itself";
    }
    if (is_among(taken_field_names, name)) {
        return "is taken by Pydantic, SQLAlchemy or the generated application: choose another name";
    }
    return "";
}

std::string enum_value_fault(std::string_view value) {
    if (auto fault = length_fault(value); !fault.empty()) {
        return fault;
    }
    const bool plain = is_lower(value.front()) && std::ranges::all_of(value, [](char c) {
                           return is_lower(c) || is_digit(c) || c == '_' || c == '-';
                       });
    const char last = value.back();
    if (!plain || last == '_' || last == '-' || value.contains("__") || value.contains("--")) {
        return "must be lower case: a to z, digits, single `-` and `_`, beginning with a letter";
    }
    return "";
}

name_rule entity_name_rule() {
    return {
        "^[A-Z][A-Za-z0-9]*$",
        "^[A-Z0-9]{2,}$",
        {taken_entity_names.begin(), taken_entity_names.end()}
    };
}

name_rule field_name_rule() {
    name_rule rule = snake_name_rule();
    rule.refused = "^model_";
    rule.taken.insert(rule.taken.end(), taken_field_names.begin(), taken_field_names.end());
    return rule;
}

name_rule enum_value_rule() {
    return {"^[a-z]([a-z0-9_-]*[a-z0-9])?$", "__|--", {}};
}

name_rule snake_name_rule() {
    return {"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", "", {python_keywords.begin(), python_keywords.end()}};
}

std::string snake_case(std::string_view camel) {
    std::string made;
    for (std::size_t i = 0; i < camel.size(); ++i) {
        const char c = camel[i];
        if (is_upper(c)) {
            const bool after_word = i > 0 && !is_upper(camel[i - 1]);
            const bool before_word = i > 0 && i + 1 < camel.size() && is_lower(camel[i + 1]);
            made += after_word || before_word ? "_" : "";
            made += static_cast<char>(c - 'A' + 'a');
        } else {
            made += c;
        }
    }
    return made;
}

std::string camel_case(std::string_view snake) {
    std::string made;
    bool begins = true;
    for (const char c : snake) {
        if (c == '_') {
            begins = true;
        } else {
            made += begins && is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
            begins = false;
        }
    }
    return made;
}

std::string kebab_case(std::string_view snake) {
    std::string made(snake);
    std::ranges::replace(made, '_', '-');
    return made;
}

std::string words(std::string_view snake) {
    std::string made(snake);
    std::ranges::replace(made, '_', ' ');
    return made;
}

std::string upper_case(std::string_view value) {
    std::string made;
    for (const char c : value) {
        made += c == '-' ? '_' : is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return made;
}

std::string plural(std::string_view snake) {
    std::string made(snake);
    const char last = snake.back();
    const char before = snake.size() > 1 ? snake[snake.size() - 2] : 'a';
    if (last == 'y' && !is_vowel(before)) {
        made.back() = 'i';
        return made + "es";
    }
    const bool hisses =
        last == 's' || last == 'x' || last == 'z' || snake.ends_with("ch") || snake.ends_with("sh");
    return made + (hisses ? "es" : "s");
}

std::string with_article(std::string_view words) {
    return (is_vowel(words.front()) ? "an " : "a ") + std::string(words);
}

}  // namespace teamflow::generation
