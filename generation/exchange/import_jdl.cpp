#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>

#include "generation/exchange/sketch.hpp"
#include "generation/model/names.hpp"
#include "generation/model/prose.hpp"

namespace teamflow::generation {

namespace {

namespace bj = boost::json;

struct refused {
    fault why;
};

struct jdl_type {
    std::string_view name;
    /// As a column of a sketch has it.
    std::string_view column;
};

constexpr auto jdl_types = std::to_array<jdl_type>({
    {"String", "varchar"},
    {"TextBlob", "text"},
    {"Integer", "int"},
    {"Long", "bigint"},
    {"Float", "float"},
    {"Double", "float"},
    {"BigDecimal", "numeric"},
    {"Boolean", "bool"},
    {"LocalDate", "date"},
    {"Instant", "timestamptz"},
    {"ZonedDateTime", "timestamptz"},
    {"LocalTime", "time"},
    {"UUID", "uuid"},
});

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-' || c == '*' || static_cast<unsigned char>(c) >= 0x80;
}

std::string lower(std::string text) {
    for (char& c : text) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return text;
}

/// A comment without the stars that hold its lines together.
std::string without_frame(std::string_view comment) {
    std::string made;
    for (const char c : comment) {
        const char before = made.empty() ? ' ' : made.back();
        const bool is_first = before == ' ' || before == '\t' || before == '\n';
        if (c != '*' || !is_first) {
            made += c;
        }
    }
    return made;
}

class jdl_reader {
public:
    explicit jdl_reader(std::string_view text) : rest_(text) {}

    sketch read() {
        while (skip()) {
            const int line = line_;
            std::string comment = take_comment();
            const std::string word = take_word("entity, enum, relationship or another element");
            if (word == "entity") {
                read_entity(line, std::move(comment));
            } else if (word == "enum") {
                read_enum(line);
            } else if (word == "relationship") {
                read_relationships();
            } else {
                made_.note(line, word, "is left out");
                skip_element();
            }
        }
        for (auto& [entity, column, key] : relations_) {
            add_relation(entity, std::move(column), std::move(key));
        }
        for (auto& [entity, link] : links_) {
            if (auto* const table = table_of(entity, link.line)) {
                table->links.push_back(std::move(link));
            }
        }
        return std::move(made_);
    }

private:
    struct side {
        std::string entity;
        std::string field;
        bool required = false;
    };

    struct relation_found {
        std::string entity;
        sketched_column column;
        sketched_key key;
    };

    [[noreturn]] void fail(const std::string& wanted) const {
        const std::string found =
            rest_.empty() ? "the end" : "`" + std::string(rest_.substr(0, 1)) + "`";
        throw refused{{"", "syntax", "here must be " + wanted + ", and is " + found, line_}};
    }

    void advance(std::size_t count) {
        line_ += static_cast<int>(std::ranges::count(rest_.substr(0, count), '\n'));
        rest_.remove_prefix(count);
    }

    /// Blanks, comments and annotations; false at the end.
    bool skip() {
        while (!rest_.empty()) {
            const char c = rest_.front();
            if (rest_.starts_with("//")) {
                advance(std::min(rest_.find('\n'), rest_.size()));
            } else if (rest_.starts_with("/*")) {
                const auto end = rest_.find("*/", 2);
                if (end == std::string_view::npos) {
                    throw refused{{"", "syntax", "a comment has no end", line_}};
                }
                if (rest_.starts_with("/**") && end > 2) {
                    comment_ = one_line(without_frame(rest_.substr(3, end - 3)));
                }
                advance(end + 2);
            } else if (c == '@') {
                advance(1);
                take_word("the name of an annotation");
                skip_parentheses();
            } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
                advance(1);
            } else {
                return true;
            }
        }
        return false;
    }

    /// What `/** */` said of what comes now.
    std::string take_comment() {
        skip();
        return std::exchange(comment_, {});
    }

    bool is(char symbol) { return skip() && rest_.front() == symbol; }

    bool took(char symbol) {
        const bool found = is(symbol);
        advance(found ? 1 : 0);
        return found;
    }

    void take(char symbol) {
        if (!took(symbol)) {
            fail("`" + std::string(1, symbol) + "`");
        }
    }

    std::string take_word(const std::string& wanted) {
        skip();
        const auto end = std::ranges::find_if_not(rest_, is_word);
        std::string word(rest_.begin(), end);
        if (word.empty()) {
            fail(wanted);
        }
        advance(word.size());
        return word;
    }

    void skip_parentheses() {
        if (took('(')) {
            const auto end = rest_.find(')');
            if (end == std::string_view::npos) {
                fail("`)`");
            }
            advance(end + 1);
        }
    }

    /// An option: a block in braces, or what stands in the line.
    void skip_element() {
        const auto line_end = std::min(rest_.find('\n'), rest_.size());
        const auto open = rest_.find('{');
        if (open == std::string_view::npos || open > line_end) {
            advance(line_end);
            return;
        }
        int depth = 0;
        while (!rest_.empty()) {
            depth += rest_.front() == '{' ? 1 : rest_.front() == '}' ? -1 : 0;
            const bool is_last = rest_.front() == '}' && depth == 0;
            advance(1);
            if (is_last) {
                return;
            }
        }
        fail("`}`");
    }

    void read_enum(int line) {
        // Sketches name types as databases do.
        sketched_enum made{snake_case(take_word("the name of an enum")), {}, line};
        take('{');
        while (!took('}')) {
            made.values.push_back(lower(take_word("a value or `}`")));
            skip_parentheses();
            took(',');
        }
        made_.enums.push_back(std::move(made));
    }

    void read_entity(int line, std::string comment) {
        sketched_table table;
        table.line = line;
        table.note = std::move(comment);
        table.entity = take_word("the name of an entity");
        table.name = plural(snake_case(table.entity));
        skip_parentheses();
        table.columns.push_back({.name = "id", .type = "uuid", .primary = true, .line = line});
        if (took('{')) {
            while (!took('}')) {
                read_field(table);
                took(',');
            }
            comment_.clear();
        }
        if (made_.find(table.name) != nullptr) {
            made_.refuse(line, table.entity, "is made twice");
        }
        made_.tables.push_back(std::move(table));
    }

    void read_field(sketched_table& table) {
        sketched_column column;
        column.note = take_comment();
        column.line = line_;
        column.name = snake_case(take_word("a field or `}`"));
        column.type = column_type(take_word("the type of a field"));
        while (skip() && rest_.front() != ',' && rest_.front() != '}' && !is_next_field()) {
            read_validation(table, column);
        }
        if (column.type == "varchar" && column.arguments.empty()) {
            constexpr int usual_length = 255;
            column.arguments.push_back(usual_length);
        }
        table.columns.push_back(std::move(column));
    }

    /// Commas may be left out between fields; a validation is one of few words.
    bool is_next_field() const {
        constexpr auto validations = std::to_array<std::string_view>(
            {"required",
             "unique",
             "min",
             "max",
             "minlength",
             "maxlength",
             "pattern",
             "minbytes",
             "maxbytes"}
        );
        const auto end = std::ranges::find_if_not(rest_, is_word);
        const std::string_view word(rest_.begin(), end);
        return !word.empty() && std::ranges::find(validations, word) == validations.end();
    }

    static std::string column_type(const std::string& name) {
        const auto found = std::ranges::find(jdl_types, name, &jdl_type::name);
        return found == jdl_types.end() ? snake_case(name) : std::string(found->column);
    }

    void read_validation(const sketched_table& table, sketched_column& column) {
        const int line = line_;
        const std::string word = take_word("a validation, `,` or `}`");
        if (word == "required") {
            column.nullable = false;
        } else if (word == "unique") {
            column.unique = true;
        } else if (word == "pattern") {
            column.more["pattern"] = take_pattern();
        } else if (word == "maxlength" && column.type == "varchar") {
            column.arguments = {static_cast<int>(take_number(1e6))};
        } else if (word == "minlength" || word == "min" || word == "max" || word == "maxlength") {
            column.more[word.substr(0, 3)] = take_number(1e18);
        } else {
            made_.note(line, table.entity + "." + column.name, "`" + word + "` is left out");
            skip_parentheses();
        }
    }

    double take_number(double most) {
        take('(');
        const std::string text = take_word("a number");
        take(')');
        bj::error_code failure;
        const auto value = bj::parse(text, failure);
        if (failure || !value.is_number() || value.to_number<double>() > most) {
            throw refused{{"", "syntax", "`" + text + "` is no number that is taken", line_}};
        }
        return value.to_number<double>();
    }

    /// `(/^[A-Z]+$/)`
    std::string take_pattern() {
        take('(');
        if (rest_.empty() || rest_.front() != '/') {
            fail("a pattern between slashes");
        }
        const auto end = rest_.find("/)", 1);
        if (end == std::string_view::npos) {
            fail("a pattern with its end");
        }
        std::string pattern;
        for (const char c : rest_.substr(1, end - 1)) {
            // A slash is escaped for JDL alone.
            if (c == '/' && pattern.ends_with('\\')) {
                pattern.pop_back();
            }
            pattern += c;
        }
        advance(end + 2);
        return pattern;
    }

    void read_relationships() {
        const std::string kind = take_word("the kind of a relationship");
        take('{');
        while (!took('}')) {
            skip();
            const int line = line_;
            const side left = read_side();
            if (take_word("`to`") != "to") {
                fail("`to`");
            }
            const side right = read_side();
            if (skip() && rest_.starts_with("with")) {
                take_word("with");
                take_word("an option");
            }
            relate(kind, left, right, line);
            took(',');
        }
    }

    side read_side() {
        side made;
        made.entity = take_word("an entity");
        if (took('{')) {
            made.field = take_word("the name of a relation");
            skip_parentheses();
            made.required = !is('}') && take_word("`required` or `}`") == "required";
            take('}');
        }
        return made;
    }

    void relate(const std::string& kind, const side& left, const side& right, int line) {
        if (kind == "ManyToMany") {
            link(left, right, line);
            return;
        }
        if (kind != "ManyToOne" && kind != "OneToMany" && kind != "OneToOne") {
            made_.refuse(line, left.entity, "`" + kind + "` is not imported");
            return;
        }
        const bool turned = kind == "OneToMany";
        const side& from = turned ? right : left;
        const side& to = turned ? left : right;
        const std::string name =
            (from.field.empty() ? snake_case(to.entity) : snake_case(from.field)) + "_id";
        const std::string target = plural(snake_case(to.entity));
        relations_.push_back(
            {from.entity,
             {.name = name, .type = "uuid", .nullable = !from.required, .line = line},
             {name, target, "restrict", kind == "OneToOne", line}}
        );
    }

    void link(const side& left, const side& right, int line) {
        if (!right.field.empty()) {
            made_.note(
                line, right.entity + "." + right.field, "is left out: one side has the list"
            );
        }
        if (left.required || right.required) {
            made_.note(line, left.entity, "`required` is left out: a list may be empty");
        }
        const std::string target = plural(snake_case(right.entity));
        const std::string name = left.field.empty() ? target : snake_case(left.field);
        links_.emplace_back(left.entity, sketched_link{name, target, "", "", line});
    }

    void add_relation(const std::string& entity, sketched_column column, sketched_key key) {
        if (auto* const table = table_of(entity, key.line)) {
            table->columns.push_back(std::move(column));
            table->keys.push_back(std::move(key));
        }
    }

    sketched_table* table_of(const std::string& entity, int line) {
        auto* const table = made_.find(plural(snake_case(entity)));
        if (table == nullptr) {
            made_.refuse(line, entity, "there is no such entity");
        }
        return table;
    }

    std::string_view rest_;
    int line_ = 1;
    std::string comment_;
    sketch made_;
    std::vector<relation_found> relations_;
    std::vector<std::pair<std::string, sketched_link>> links_;
};

}  // namespace

std::expected<imported, faults> import_jdl(std::string_view text, const std::string& app_name) {
    if (text.size() > max_source_bytes || text.contains('\0')) {
        return std::unexpected(faults{{"", "too_large", "must have at most 4 MB, and no U+0000", 0}}
        );
    }
    try {
        return imported_of(jdl_reader(text).read(), app_name);
    } catch (const refused& refusal) {
        return std::unexpected(faults{refusal.why});
    }
}

}  // namespace teamflow::generation
