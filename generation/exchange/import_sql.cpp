#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>

#include <pg_query.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "generation/exchange/sketch.hpp"

namespace teamflow::generation {

namespace {

namespace bj = boost::json;

struct free_parsed {
    void operator()(PgQueryParseResult* result) const { pg_query_free_parse_result(*result); }
};

constexpr std::size_t max_tree_depth = 500;

/// The member, or null.
const bj::value& at(const bj::value& of, std::string_view name) {
    static const bj::value nothing;
    const auto* const object = of.if_object();
    const auto* const found = object == nullptr ? nullptr : object->if_contains(name);
    return found == nullptr ? nothing : *found;
}

std::string text_of(const bj::value& of) {
    return of.is_string() ? std::string(of.get_string()) : "";
}

/// The text of a node `{"String": {"sval": ...}}`.
std::string name_in(const bj::value& node) {
    return text_of(at(at(node, "String"), "sval"));
}

std::vector<std::string> names_in(const bj::value& nodes) {
    std::vector<std::string> names;
    if (const auto* const array = nodes.if_array()) {
        for (const auto& each : *array) {
            names.push_back(name_in(each));
        }
    }
    return names;
}

const bj::array& elements(const bj::value& of) {
    static const bj::array none;
    const auto* const array = of.if_array();
    return array == nullptr ? none : *array;
}

class sql_reader {
public:
    explicit sql_reader(std::string_view text) : text_(text) {}

    sketch read(const bj::value& tree) {
        const auto& statements = elements(at(tree, "stmts"));
        // Types and tables first, then what is said of them.
        for (const auto& each : statements) {
            const bj::value& statement = at(each, "stmt");
            if (const auto& made = at(statement, "CreateEnumStmt"); !made.is_null()) {
                made_.enums.push_back(
                    {names_in(at(made, "typeName")).back(),
                     names_in(at(made, "vals")),
                     line_of(each)}
                );
            } else if (const auto& table = at(statement, "CreateStmt"); !table.is_null()) {
                read_table(table);
            }
        }
        for (const auto& each : statements) {
            read_rest(at(each, "stmt"), line_of(each));
        }
        return std::move(made_);
    }

private:
    int line_at(std::size_t offset) const {
        return static_cast<int>(
            1 + std::count(
                    text_.begin(),
                    text_.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text_.size())),
                    '\n'
                )
        );
    }

    /// Of a node, or of a statement behind its blanks.
    int line_of(const bj::value& node) const {
        const bj::value& own = at(node, "location");
        const bj::value& found = own.is_null() ? at(node, "stmt_location") : own;
        auto offset = found.is_int64() ? static_cast<std::size_t>(found.get_int64()) : 0;
        while (own.is_null() && offset < text_.size() &&
               (text_[offset] == ' ' || text_[offset] == '\n')) {
            ++offset;
        }
        return line_at(offset);
    }

    void read_table(const bj::value& from) {
        sketched_table table;
        table.name = text_of(at(at(from, "relation"), "relname"));
        table.line = line_of(at(from, "relation"));
        if (made_.find(table.name) != nullptr) {
            made_.refuse(table.line, table.name, "is made twice");
            return;
        }
        for (const auto& each : elements(at(from, "tableElts"))) {
            if (const auto& column = at(each, "ColumnDef"); !column.is_null()) {
                read_column(column, table);
            }
        }
        for (const auto& each : elements(at(from, "tableElts"))) {
            if (const auto& constraint = at(each, "Constraint"); !constraint.is_null()) {
                read_constraint(constraint, table, names_in(at(constraint, "keys")));
            } else if (at(each, "ColumnDef").is_null()) {
                made_.note(table.line, table.name, "has a part that is no column: it is left out");
            }
        }
        made_.tables.push_back(std::move(table));
    }

    void read_column(const bj::value& from, sketched_table& table) {
        sketched_column column;
        column.name = text_of(at(from, "colname"));
        column.line = line_of(from);
        const bj::value& type = at(from, "typeName");
        const auto names = names_in(at(type, "names"));
        column.type = names.empty() ? "" : names.back();
        if (!at(type, "arrayBounds").is_null()) {
            column.type += "[]";
        }
        for (const auto& each : elements(at(type, "typmods"))) {
            const bj::value& number = at(at(at(each, "A_Const"), "ival"), "ival");
            column.arguments.push_back(
                number.is_int64() ? static_cast<int>(number.get_int64()) : 0
            );
        }
        table.columns.push_back(std::move(column));
        for (const auto& each : elements(at(from, "constraints"))) {
            read_constraint(at(each, "Constraint"), table, {table.columns.back().name});
        }
    }

    void read_constraint(
        const bj::value& from, sketched_table& table, const std::vector<std::string>& columns
    ) {
        const std::string kind = text_of(at(from, "contype"));
        const int line = line_of(from);
        auto* const column = columns.size() == 1 ? table.find(columns.front()) : nullptr;
        if (kind == "CONSTR_PRIMARY") {
            for (const auto& name : columns) {
                if (auto* const each = table.find(name)) {
                    each->primary = true;
                    each->nullable = false;
                }
            }
        } else if (kind == "CONSTR_FOREIGN") {
            const auto own = names_in(at(from, "fk_attrs"));
            read_key(from, table, own.empty() ? columns : own, line);
        } else if (kind == "CONSTR_CHECK") {
            read_check(from, table, line);
        } else if (kind == "CONSTR_UNIQUE" && columns.size() > 1) {
            made_.refuse(
                line, table.name, "unique over several columns is nothing a model can say"
            );
        } else if (column == nullptr) {
            made_.note(line, table.name, "a constraint is left out: " + kind);
        } else if (kind == "CONSTR_UNIQUE") {
            column->unique = true;
        } else if (kind == "CONSTR_NOTNULL") {
            column->nullable = false;
        } else if (kind == "CONSTR_DEFAULT") {
            read_default(at(from, "raw_expr"), table, *column);
        } else if (kind != "CONSTR_NULL") {
            made_.note(line, table.name + "." + column->name, "a constraint is left out: " + kind);
        }
    }

    void read_key(
        const bj::value& from,
        sketched_table& table,
        const std::vector<std::string>& columns,
        int line
    ) {
        if (columns.size() != 1) {
            made_.refuse(
                line, table.name, "a foreign key of several columns is nothing a model can say"
            );
            return;
        }
        sketched_key key{
            columns.front(), text_of(at(at(from, "pktable"), "relname")), "restrict", false, line
        };
        const std::string action = text_of(at(from, "fk_del_action"));
        if (action == "c") {
            key.on_delete = "cascade";
        } else if (action == "n") {
            key.on_delete = "set_null";
        } else if (action == "d") {
            made_.refuse(line, table.name, "ON DELETE SET DEFAULT is nothing a model can say");
        }
        table.keys.push_back(std::move(key));
    }

    void read_default(const bj::value& from, const sketched_table& table, sketched_column& column) {
        const bj::value& cast = at(from, "TypeCast");
        const bj::value& constant = at(cast.is_null() ? from : at(cast, "arg"), "A_Const");
        if (const auto& text = at(constant, "sval"); !text.is_null()) {
            column.initial = at(text, "sval").is_null() ? bj::value("") : at(text, "sval");
        } else if (const auto& whole = at(constant, "ival"); !whole.is_null()) {
            column.initial = integer_of(constant);
        } else if (const auto& real = at(constant, "fval"); !real.is_null()) {
            const std::string number = text_of(at(real, "fval"));
            column.initial = column.type == "numeric" ? bj::value(number) : bj::parse(number);
        } else if (const auto& truth = at(constant, "boolval"); !truth.is_null()) {
            column.initial = at(truth, "boolval").is_bool();
        } else if (at(constant, "isnull").is_null()) {
            if (!is_every_ones(column)) {
                made_.note(
                    column.line,
                    table.name + "." + column.name,
                    "its default is computed, and left out"
                );
            }
            return;
        }
        if (column.type == "numeric" && column.initial && column.initial->is_int64()) {
            column.initial = bj::serialize(*column.initial);
        }
    }

    void read_check(const bj::value& from, sketched_table& table, int line) {
        const auto condition = condition_of(at(from, "raw_expr"), 0);
        if (!condition) {
            made_.note(line, table.name, "a check is more than a model can say, and left out");
            return;
        }
        table.checks.push_back({text_of(at(from, "conname")), *condition, line});
    }

    /// In the language of conditions, if it has the words.
    std::optional<std::string> condition_of(const bj::value& from, int depth) const {
        if (depth > 50) {
            return std::nullopt;
        }
        if (const auto& all = at(from, "BoolExpr"); !all.is_null()) {
            return joined(all, depth);
        }
        if (const auto& test = at(from, "NullTest"); !test.is_null()) {
            const auto what = condition_of(at(test, "arg"), depth + 1);
            const bool is_null = text_of(at(test, "nulltesttype")) == "IS_NULL";
            return what ? std::optional(*what + (is_null ? " is null" : " is not null"))
                        : std::nullopt;
        }
        if (const auto& column = at(from, "ColumnRef"); !column.is_null()) {
            const auto names = names_in(at(column, "fields"));
            return names.empty() ? std::nullopt : std::optional(names.back());
        }
        if (const auto& cast = at(from, "TypeCast"); !cast.is_null()) {
            return condition_of(at(cast, "arg"), depth + 1);
        }
        if (const auto& constant = at(from, "A_Const"); !constant.is_null()) {
            return constant_of(constant);
        }
        const auto& comparison = at(from, "A_Expr");
        return comparison.is_null() ? std::nullopt : compared(comparison, depth);
    }

    std::optional<std::string> joined(const bj::value& from, int depth) const {
        const std::string kind = text_of(at(from, "boolop"));
        std::string whole;
        for (const auto& each : elements(at(from, "args"))) {
            const auto part = condition_of(each, depth + 1);
            if (!part) {
                return std::nullopt;
            }
            whole += whole.empty() ? "" : kind == "AND_EXPR" ? " and " : " or ";
            whole += *part;
        }
        return kind == "NOT_EXPR" ? "not (" + whole + ")" : "(" + whole + ")";
    }

    std::optional<std::string> compared(const bj::value& from, int depth) const {
        static const std::set<std::string> known{"=", "<>", "<", "<=", ">", ">="};
        const auto names = names_in(at(from, "name"));
        if (at(from, "lexpr").is_null() || at(from, "rexpr").is_null()) {
            return std::nullopt;
        }
        const auto left = condition_of(at(from, "lexpr"), depth + 1);
        const auto right = condition_of(at(from, "rexpr"), depth + 1);
        if (text_of(at(from, "kind")) != "AEXPR_OP" || names.size() != 1 || !left || !right ||
            !known.contains(names.front())) {
            return std::nullopt;
        }
        return *left + " " + names.front() + " " + *right;
    }

    /// libpg_query 4.0.0 writes zero and all negative integers alike: these are read from the text.
    std::optional<bj::value> integer_of(const bj::value& constant) const {
        if (const auto& told = at(at(constant, "ival"), "ival"); !told.is_null()) {
            return told;
        }
        const bj::value& location = at(constant, "location");
        std::string_view rest = text_;
        rest.remove_prefix(std::min(
            location.is_int64() ? static_cast<std::size_t>(location.get_int64()) : 0, rest.size()
        ));
        std::string digits;
        for (const char c : rest) {
            if ((c == '-' && digits.empty()) || (c >= '0' && c <= '9')) {
                digits += c;
            } else if (c != ' ') {
                break;
            }
        }
        std::int64_t number = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), number);
        return error == std::errc{} ? std::optional<bj::value>(number) : std::nullopt;
    }

    std::optional<std::string> constant_of(const bj::value& from) const {
        if (const auto& text = at(from, "sval"); !text.is_null()) {
            std::string quoted = "'";
            for (const char c : text_of(at(text, "sval"))) {
                quoted += c == '\'' ? "''" : std::string(1, c);
            }
            return quoted + "'";
        }
        if (const auto& whole = at(from, "ival"); !whole.is_null()) {
            const auto number = integer_of(from);
            return number ? std::optional(bj::serialize(*number)) : std::nullopt;
        }
        if (const auto& real = at(from, "fval"); !real.is_null()) {
            return text_of(at(real, "fval"));
        }
        return std::nullopt;
    }

    void read_rest(const bj::value& statement, int line) {
        if (const auto& altered = at(statement, "AlterTableStmt"); !altered.is_null()) {
            read_alteration(altered, line);
        } else if (const auto& index = at(statement, "IndexStmt"); !index.is_null()) {
            read_index(index, line);
        } else if (const auto& comment = at(statement, "CommentStmt"); !comment.is_null()) {
            read_comment(comment);
        } else if (at(statement, "CreateStmt").is_null() &&
                   at(statement, "CreateEnumStmt").is_null() && statement.is_object()) {
            const auto kind = statement.get_object().begin()->key();
            made_.note(line, "", "a statement is left out: " + std::string(kind));
        }
    }

    void read_alteration(const bj::value& from, int line) {
        const std::string name = text_of(at(at(from, "relation"), "relname"));
        auto* const table = made_.find(name);
        if (table == nullptr) {
            made_.refuse(line, name, "is no table that was made before");
            return;
        }
        for (const auto& each : elements(at(from, "cmds"))) {
            const bj::value& command = at(each, "AlterTableCmd");
            const bj::value& constraint = at(at(command, "def"), "Constraint");
            if (text_of(at(command, "subtype")) == "AT_AddConstraint" && !constraint.is_null()) {
                read_constraint(constraint, *table, names_in(at(constraint, "keys")));
            } else {
                made_.note(
                    line, name, "an alteration is left out: " + text_of(at(command, "subtype"))
                );
            }
        }
    }

    void read_index(const bj::value& from, int line) {
        auto* const table = made_.find(text_of(at(at(from, "relation"), "relname")));
        std::vector<std::string> columns;
        for (const auto& each : elements(at(from, "indexParams"))) {
            columns.push_back(text_of(at(at(each, "IndexElem"), "name")));
        }
        const bool plain = table != nullptr && at(from, "whereClause").is_null() &&
                           std::ranges::none_of(columns, &std::string::empty);
        const bool unique = at(from, "unique").is_bool();
        if (!plain || (unique && columns.size() > 1)) {
            made_.note(line, text_of(at(from, "idxname")), "the index is left out");
            return;
        }
        auto* const column = columns.size() == 1 ? table->find(columns.front()) : nullptr;
        if (column == nullptr) {
            table->indexes.push_back({std::move(columns), line});
        } else if (unique) {
            column->unique = true;
        } else {
            column->indexed = true;
        }
    }

    void read_comment(const bj::value& from) {
        const auto names = names_in(at(at(at(from, "object"), "List"), "items"));
        const std::string text = text_of(at(from, "comment"));
        const std::string kind = text_of(at(from, "objtype"));
        if (kind == "OBJECT_TABLE" && !names.empty()) {
            if (auto* const table = made_.find(names.back())) {
                table->note = text;
            }
        } else if (kind == "OBJECT_COLUMN" && names.size() > 1) {
            auto* const table = made_.find(names[names.size() - 2]);
            if (auto* const column = table == nullptr ? nullptr : table->find(names.back())) {
                column->note = text;
            }
        }
    }

    std::string_view text_;
    sketch made_;
};

}  // namespace

std::expected<imported, faults> import_sql(std::string_view text, const std::string& app_name) {
    if (text.size() > max_source_bytes || text.contains('\0')) {
        return std::unexpected(faults{{"", "too_large", "must have at most 4 MB, and no U+0000", 0}}
        );
    }
    const std::string whole(text);
    PgQueryParseResult parsed = pg_query_parse(whole.c_str());
    const std::unique_ptr<PgQueryParseResult, free_parsed> freed(&parsed);
    if (parsed.error != nullptr) {
        const auto position = static_cast<std::size_t>(std::max(parsed.error->cursorpos - 1, 0));
        const auto end =
            whole.begin() + static_cast<std::ptrdiff_t>(std::min(position, whole.size()));
        const int line = static_cast<int>(1 + std::count(whole.begin(), end, '\n'));
        return std::unexpected(faults{{"", "syntax", parsed.error->message, line}});
    }
    bj::error_code failure;
    bj::parse_options options;
    options.max_depth = max_tree_depth;
    const bj::value tree = bj::parse(parsed.parse_tree, failure, {}, options);
    if (failure) {
        return std::unexpected(faults{{"", "syntax", "is nested too deep", 0}});
    }
    return imported_of(sql_reader(whole).read(tree), app_name);
}

}  // namespace teamflow::generation
