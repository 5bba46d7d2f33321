#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>

#include "generation/exchange/dbml_cursor.hpp"
#include "generation/exchange/dbml_tokens.hpp"
#include "generation/exchange/sketch.hpp"
#include "generation/model/condition.hpp"

namespace teamflow::generation {

namespace {

namespace bj = boost::json;

std::string lower(std::string text) {
    for (char& c : text) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return text;
}

/// Names of SQL as conditions have them, without double quotes.
std::string without_quotes(std::string_view sql) {
    std::string made;
    bool in_text = false;
    for (const char c : sql) {
        in_text = in_text != (c == '\'');
        made += c == '"' && !in_text ? "" : std::string(1, c);
    }
    return made;
}

class dbml_reader : private dbml_cursor {
public:
    using dbml_cursor::dbml_cursor;

    sketch read() {
        while (here().kind != dbml_kind::end) {
            const dbml_token begin = take(dbml_kind::word, "Table, Enum, Ref or another element");
            const std::string word = lower(begin.text);
            if (word == "table") {
                read_table(begin.line);
            } else if (word == "enum") {
                read_enum(begin.line);
            } else if (word == "ref") {
                read_references();
            } else {
                made_.note(begin.line, begin.text, "is left out");
                skip_element();
            }
        }
        for (const auto& each : one_to_ones_) {
            relate_one(each);
        }
        for (auto& [table, key] : keys_) {
            if (auto* const found = made_.find(table); found != nullptr) {
                if (found->find(key.column) == nullptr) {
                    made_.refuse(key.line, table + "." + key.column, "there is no such column");
                }
                found->keys.push_back(std::move(key));
            } else {
                made_.refuse(key.line, table, "there is no such table");
            }
        }
        for (auto& [table, link] : links_) {
            if (auto* const found = made_.find(table); found != nullptr) {
                found->links.push_back(std::move(link));
            } else {
                made_.refuse(link.line, table, "there is no such table");
            }
        }
        return std::move(made_);
    }

private:
    struct place {
        std::string table;
        std::string column;
    };

    struct one_to_one {
        place left;
        place right;
        std::string on_delete;
        int line = 0;
    };

    void read_enum(int line) {
        sketched_enum made{name("the name of an enum"), {}, line};
        take("{");
        while (!took("}")) {
            made.values.push_back(take(dbml_kind::word, "a value or `}`").text);
            skip_settings();
        }
        made_.enums.push_back(std::move(made));
    }

    void read_table(int line) {
        sketched_table table;
        table.line = line;
        table.name = name("the name of a table");
        if (here().kind == dbml_kind::word && lower(here().text) == "as") {
            pass();
            name("an alias");
        }
        skip_settings();
        take("{");
        while (!took("}")) {
            const std::string word = lower(here().text);
            const bool is_block = next().kind == dbml_kind::symbol && next().text == "{";
            if (word == "note" && (is_block || next().text == ":")) {
                pass();
                table.note = read_note();
            } else if (word == "indexes" && is_block) {
                pass();
                read_indexes(table);
            } else if (word == "checks" && is_block) {
                pass();
                read_checks(table);
            } else {
                read_column(table);
            }
        }
        if (made_.find(table.name) != nullptr) {
            made_.refuse(line, table.name, "is made twice");
        }
        made_.tables.push_back(std::move(table));
    }

    std::string read_note() {
        const bool in_block = took("{");
        if (!in_block) {
            take(":");
        }
        std::string text = take(dbml_kind::text, "a text in quotes").text;
        if (in_block) {
            take("}");
        }
        return text;
    }

    void read_column(sketched_table& table) {
        sketched_column column;
        column.line = here().line;
        column.name = take(dbml_kind::word, "a column or `}`").text;
        // What is quoted may have blanks in it, and other names are case-blind.
        column.type = lower(name("the type of a column"));
        if (took("(")) {
            while (!took(")")) {
                const auto number = take(dbml_kind::number, "a number").text;
                if (number.size() > 9) {
                    fail("a smaller number");
                }
                column.arguments.push_back(std::stoi(number));
                took(",");
            }
        }
        if (is("[") && next().kind == dbml_kind::symbol && next().text == "]") {
            pass();
            pass();
            column.type += "[]";
        }
        if (took("[")) {
            while (!took("]")) {
                read_setting(table, column);
                if (!is("]")) {
                    take(",");
                }
            }
        }
        table.columns.push_back(std::move(column));
    }

    void read_setting(const sketched_table& table, sketched_column& column) {
        const dbml_token begin = take(dbml_kind::word, "a setting");
        std::string word = lower(begin.text);
        while (here().kind == dbml_kind::word) {
            word += " " + lower(take(dbml_kind::word, "a setting").text);
        }
        if (word == "pk" || word == "primary key") {
            column.primary = true;
            column.nullable = false;
        } else if (word == "not null") {
            column.nullable = false;
        } else if (word == "unique") {
            column.unique = true;
        } else if (word == "default") {
            take(":");
            read_default(table, column);
        } else if (word == "note") {
            take(":");
            column.note = take(dbml_kind::text, "a text in quotes").text;
        } else if (word == "ref") {
            take(":");
            const std::string sign = read_sign();
            relate({table.name, column.name}, sign, read_place(), "restrict", begin.line);
        } else if (word != "null" && word != "increment") {
            made_.note(begin.line, table.name + "." + column.name, "`" + word + "` is left out");
            while (!is(",") && !is("]") && here().kind != dbml_kind::end) {
                pass();
            }
        }
    }

    void read_default(const sketched_table& table, sketched_column& column) {
        const dbml_token value = here();
        pass();
        if (value.kind == dbml_kind::text) {
            column.initial = value.text;
        } else if (value.kind == dbml_kind::number) {
            const bool is_decimal = column.type == "numeric" || column.type == "decimal";
            bj::error_code failure;
            const auto number = bj::parse(value.text, failure);
            if (failure) {
                throw dbml_refused{{"", "syntax", "`" + value.text + "` is no number", value.line}};
            }
            column.initial = is_decimal ? bj::value(value.text) : number;
        } else if (value.kind == dbml_kind::word &&
                   (lower(value.text) == "true" || lower(value.text) == "false")) {
            column.initial = lower(value.text) == "true";
        } else if (!is_every_ones(column) &&
                   (value.kind != dbml_kind::word || lower(value.text) != "null")) {
            made_.note(
                value.line, table.name + "." + column.name, "its default is computed, and left out"
            );
        }
    }

    void read_indexes(sketched_table& table) {
        take("{");
        while (!took("}")) {
            const int line = here().line;
            std::vector<std::string> columns;
            bool plain = true;
            const auto column = [&] {
                plain = plain && here().kind == dbml_kind::word;
                columns.push_back(here().text);
                pass();
            };
            if (took("(")) {
                while (!took(")")) {
                    if (here().kind == dbml_kind::end) {
                        fail("`)`");
                    }
                    column();
                    took(",");
                }
            } else if (here().kind == dbml_kind::end) {
                fail("an index or `}`");
            } else {
                column();
            }
            add_index(table, std::move(columns), plain, index_settings(), line);
        }
    }

    /// The words of the settings of an index, in lower case.
    std::string index_settings() {
        std::string words;
        if (took("[")) {
            while (!took("]")) {
                if (here().kind == dbml_kind::end) {
                    fail("`]`");
                }
                words += lower(here().text) + " ";
                pass();
            }
        }
        return words;
    }

    void add_index(
        sketched_table& table,
        std::vector<std::string> columns,
        bool plain,
        const std::string& settings,
        int line
    ) {
        const bool unique = settings.contains("unique");
        auto* const single = columns.size() == 1 ? table.find(columns.front()) : nullptr;
        if (settings.contains("pk")) {
            for (const auto& each : columns) {
                if (auto* const column = table.find(each)) {
                    column->primary = true;
                }
            }
        } else if (!plain || (unique && single == nullptr)) {
            made_.note(line, table.name, "an index is more than a model can say, and left out");
        } else if (unique) {
            single->unique = true;
        } else if (single != nullptr) {
            single->indexed = true;
        } else {
            table.indexes.push_back({std::move(columns), line});
        }
    }

    void read_checks(sketched_table& table) {
        take("{");
        while (!took("}")) {
            const int line = here().line;
            const std::string sql = take(dbml_kind::expression, "a condition in backquotes").text;
            std::string name;
            if (took("[")) {
                while (!took("]")) {
                    const std::string word = lower(take(dbml_kind::word, "a setting").text);
                    take(":");
                    const dbml_token value = here();
                    pass();
                    name = word == "name" ? value.text : name;
                    took(",");
                }
            }
            const std::string text = without_quotes(sql);
            if (condition::parse(text)) {
                table.checks.push_back({name, text, line});
            } else {
                made_.note(line, table.name, "a check is more than a model can say, and left out");
            }
        }
    }

    void read_references() {
        if (here().kind == dbml_kind::word) {
            name("the name of a reference");
        }
        if (took(":")) {
            read_reference();
            return;
        }
        take("{");
        while (!took("}")) {
            read_reference();
        }
    }

    void read_reference() {
        const int line = here().line;
        const place left = read_place();
        const std::string sign = read_sign();
        const place right = read_place();
        std::string on_delete = "restrict";
        if (took("[")) {
            while (!took("]")) {
                const std::string word = lower(take(dbml_kind::word, "a setting").text);
                take(":");
                std::string action;
                while (here().kind == dbml_kind::word) {
                    action += (action.empty() ? "" : "_") + lower(here().text);
                    pass();
                }
                if (word == "delete" && action != "no_action") {
                    on_delete = action;
                }
                took(",");
            }
        }
        if (sign == "-") {
            one_to_ones_.push_back({left, right, on_delete, line});
        } else {
            relate(left, sign, right, on_delete, line);
        }
    }

    /// Of two columns one has the key: the right one, as others read it, unless it is a primary one
    /// and the left is none.
    void relate_one(const one_to_one& of) {
        const auto is_primary = [&](const place& where) {
            auto* const table = made_.find(where.table);
            const auto* const column = table == nullptr ? nullptr : table->find(where.column);
            return column != nullptr && column->primary;
        };
        const bool turned = is_primary(of.right) && !is_primary(of.left);
        relate(
            turned ? of.left : of.right, "-", turned ? of.right : of.left, of.on_delete, of.line
        );
    }

    /// A question mark beside it says that the row may be missing, as the column's `not null` does.
    std::string read_sign() {
        took("?");
        std::string sign = take(dbml_kind::symbol, "<, > or -").text;
        took("?");
        return sign;
    }

    /// `table.column`, or `schema.table.column`.
    place read_place() {
        std::vector<std::string> parts{take(dbml_kind::word, "a table").text};
        while (took(".")) {
            if (is("(")) {
                throw dbml_refused{
                    {"",
                     "not_imported",
                     "a key of several columns is nothing a model can say",
                     here().line}
                };
            }
            parts.push_back(take(dbml_kind::word, "a column").text);
        }
        if (parts.size() < 2) {
            fail("`.` and a column");
        }
        return {parts[parts.size() - 2], parts.back()};
    }

    void relate(
        const place& left,
        const std::string& sign,
        const place& right,
        const std::string& on_delete,
        int line
    ) {
        if (sign == "<>") {
            links_.emplace_back(left.table, sketched_link{right.table, right.table, "", "", line});
            return;
        }
        if (sign != "<" && sign != ">" && sign != "-") {
            throw dbml_refused{{"", "syntax", "here must be <, > or -, and is `" + sign + "`", line}
            };
        }
        if (on_delete == "set_default") {
            made_.refuse(line, left.table, "`set default` is nothing a model can say");
        }
        const place& from = sign == "<" ? right : left;
        const place& to = sign == "<" ? left : right;
        keys_.emplace_back(
            from.table, sketched_key{from.column, to.table, on_delete, sign == "-", line}
        );
    }

    sketch made_;
    std::vector<std::pair<std::string, sketched_key>> keys_;
    std::vector<std::pair<std::string, sketched_link>> links_;
    std::vector<one_to_one> one_to_ones_;
};

}  // namespace

std::expected<imported, faults> import_dbml(std::string_view text, const std::string& app_name) {
    if (text.size() > max_source_bytes || text.contains('\0')) {
        return std::unexpected(faults{{"", "too_large", "must have at most 4 MB, and no U+0000", 0}}
        );
    }
    auto tokens = dbml_tokens(text);
    if (!tokens) {
        return std::unexpected(faults{tokens.error()});
    }
    try {
        return imported_of(dbml_reader(std::move(*tokens)).read(), app_name);
    } catch (const dbml_refused& refusal) {
        return std::unexpected(faults{refusal.why});
    }
}

}  // namespace teamflow::generation
