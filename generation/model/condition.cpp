#include "generation/model/condition.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <compare>
#include <utility>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace teamflow::generation {

namespace bj = boost::json;

struct condition::node {
    enum class form { field, number, text, compare, is_null, negation, both, either };

    form what;
    /// A name, a literal as it stood, or an operator.
    std::string word;
    std::shared_ptr<const node> left;
    std::shared_ptr<const node> right;
};

namespace {

using node = condition::node;
using form = node::form;
using tree = std::shared_ptr<const node>;

constexpr int max_nesting = 20;
constexpr std::array<std::string_view, 6> comparisons{"<=", ">=", "<>", "=", "<", ">"};

struct syntax {
    std::string message;
};

struct token {
    enum class sort { end, word, number, text, sign };

    sort what = sort::end;
    std::string text;
};

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string lower(std::string text) {
    for (char& c : text) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return text;
}

class lexer {
public:
    explicit lexer(std::string_view text) : text_(text) {}

    token next() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) {
            ++at_;
        }
        if (at_ == text_.size()) {
            return {};
        }
        const char c = text_[at_];
        if (is_letter(c)) {
            return {token::sort::word, take([](char each) {
                        return is_letter(each) || is_digit(each);
                    })};
        }
        if (is_digit(c) || (c == '-' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) {
            return number();
        }
        if (c == '\'') {
            return quoted();
        }
        if (c == '(' || c == ')') {
            ++at_;
            return {token::sort::sign, std::string(1, c)};
        }
        for (const auto comparison : comparisons) {
            if (text_.substr(at_).starts_with(comparison)) {
                at_ += comparison.size();
                return {token::sort::sign, std::string(comparison)};
            }
        }
        throw syntax{"does not understand `" + std::string(1, c) + "`"};
    }

private:
    template <class Wanted>
    std::string take(Wanted wanted) {
        const std::size_t begin = at_;
        while (at_ < text_.size() && wanted(text_[at_])) {
            ++at_;
        }
        return std::string(text_.substr(begin, at_ - begin));
    }

    token number() {
        std::string digits;
        if (text_[at_] == '-') {
            digits += text_[at_++];
        }
        digits += take(is_digit);
        if (at_ + 1 < text_.size() && text_[at_] == '.' && is_digit(text_[at_ + 1])) {
            digits += text_[at_++];
            digits += take(is_digit);
        }
        return {token::sort::number, digits};
    }

    /// Two quotes inside stand for one, as in SQL.
    token quoted() {
        std::string inside;
        for (++at_; at_ < text_.size(); ++at_) {
            if (text_[at_] != '\'') {
                inside += plain(text_[at_]);
            } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '\'') {
                inside += '\'';
                ++at_;
            } else {
                ++at_;
                return {token::sort::text, inside};
            }
        }
        throw syntax{"a text in quotes does not end"};
    }

    /// SQLAlchemy and its drivers give a meaning of their own to what is left out here.
    static char plain(char c) {
        if (c < ' ' || c > '~' || c == ':' || c == '%' || c == '\\') {
            throw syntax{"takes only plain ASCII in quotes, without `:`, `%` and `\\`"};
        }
        return c;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

class parser {
public:
    explicit parser(std::string_view text) : lexer_(text) { advance(); }

    tree whole() {
        tree made = either();
        if (now_.what != token::sort::end) {
            throw syntax{"does not expect `" + now_.text + "`"};
        }
        return made;
    }

private:
    void advance() { now_ = lexer_.next(); }

    bool is_word(std::string_view wanted) const {
        return now_.what == token::sort::word && lower(now_.text) == wanted;
    }

    bool is_sign(std::string_view wanted) const {
        return now_.what == token::sort::sign && now_.text == wanted;
    }

    bool accept_word(std::string_view wanted) {
        const bool found = is_word(wanted);
        if (found) {
            advance();
        }
        return found;
    }

    static tree make(form what, std::string word, tree left = nullptr, tree right = nullptr) {
        return std::make_shared<const node>(
            what, std::move(word), std::move(left), std::move(right)
        );
    }

    tree either() {
        tree made = both();
        while (accept_word("or")) {
            made = make(form::either, "OR", made, both());
        }
        return made;
    }

    tree both() {
        tree made = single();
        while (accept_word("and")) {
            made = make(form::both, "AND", made, single());
        }
        return made;
    }

    tree single() {
        if (++nesting_ > max_nesting) {
            throw syntax{"is nested too deep"};
        }
        tree made;
        if (accept_word("not")) {
            made = make(form::negation, "NOT", single());
        } else if (is_sign("(")) {
            advance();
            made = either();
            if (!is_sign(")")) {
                throw syntax{"misses a `)`"};
            }
            advance();
        } else {
            made = comparison();
        }
        --nesting_;
        return made;
    }

    tree comparison() {
        tree left = operand();
        if (accept_word("is")) {
            const bool negative = accept_word("not");
            if (!accept_word("null")) {
                throw syntax{"expects `null` after `is`"};
            }
            tree test = make(form::is_null, "IS NULL", left);
            return negative ? make(form::negation, "NOT", test) : test;
        }
        if (now_.what != token::sort::sign ||
            std::ranges::find(comparisons, now_.text) == comparisons.end()) {
            throw syntax{"expects one of = <> < <= > >= or `is null` after `" + left->word + "`"};
        }
        std::string sign = now_.text;
        advance();
        return make(form::compare, std::move(sign), left, operand());
    }

    tree operand() {
        const token found = now_;
        switch (found.what) {
            case token::sort::word:
                advance();
                return make(form::field, found.text);
            case token::sort::number:
                advance();
                return make(form::number, found.text);
            case token::sort::text:
                advance();
                return make(form::text, found.text);
            case token::sort::end:
                throw syntax{"ends too early"};
            case token::sort::sign:
                break;
        }
        throw syntax{
            "expects a field, a number or a text in single quotes, not `" + found.text + "`"
        };
    }

    lexer lexer_;
    token now_;
    int nesting_ = 0;
};

std::string quoted(std::string_view text, char quote) {
    std::string made(1, quote);
    for (const char c : text) {
        made += c;
        if (c == quote) {
            made += quote;
        }
    }
    return made += quote;
}

std::string sql_of(const node& from) {
    switch (from.what) {
        case form::field:
            return quoted(from.word, '"');
        case form::number:
            return from.word;
        case form::text:
            return quoted(from.word, '\'');
        case form::compare:
            return sql_of(*from.left) + " " + from.word + " " + sql_of(*from.right);
        case form::is_null:
            return sql_of(*from.left) + " IS NULL";
        case form::negation:
            return "NOT (" + sql_of(*from.left) + ")";
        case form::both:
        case form::either:
            break;
    }
    return "(" + sql_of(*from.left) + " " + from.word + " " + sql_of(*from.right) + ")";
}

void collect(const node& from, std::vector<std::string>& into) {
    if (from.what == form::field && std::ranges::find(into, from.word) == into.end()) {
        into.push_back(from.word);
    }
    for (const auto& each : {from.left, from.right}) {
        if (each) {
            collect(*each, into);
        }
    }
}

std::optional<double> number_of(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value)
                                                                    : std::nullopt;
}

/// The operand's text for this row; nothing for null.
std::optional<std::string> value_of(const node& from, const bj::object& row) {
    if (from.what != form::field) {
        return from.word;
    }
    const auto* const value = row.if_contains(from.word);
    if (value == nullptr || value->is_null()) {
        return std::nullopt;
    }
    if (const auto* const text = value->if_string()) {
        return std::string(*text);
    }
    return bj::serialize(*value);
}

bool holds(std::partial_ordering order, std::string_view sign) {
    if (sign == "=") {
        return order == 0;
    }
    if (sign == "<>") {
        return order != 0;
    }
    if (sign == "<") {
        return order < 0;
    }
    if (sign == "<=") {
        return order <= 0;
    }
    return sign == ">" ? order > 0 : order >= 0;
}

/// True, false or, as SQL says, unknown.
std::optional<bool> truth(const node& from, const bj::object& row) {
    if (from.what == form::compare) {
        const auto left = value_of(*from.left, row);
        const auto right = value_of(*from.right, row);
        if (!left || !right) {
            return std::nullopt;
        }
        const auto a = number_of(*left);
        const auto b = number_of(*right);
        const std::partial_ordering order =
            a && b ? *a <=> *b : std::partial_ordering(*left <=> *right);
        return holds(order, from.word);
    }
    if (from.what == form::is_null) {
        return !value_of(*from.left, row).has_value();
    }
    const auto left = truth(*from.left, row);
    if (from.what == form::negation) {
        return left ? std::optional(!*left) : std::nullopt;
    }
    const auto right = truth(*from.right, row);
    const bool decisive = from.what == form::either;
    if ((left && *left == decisive) || (right && *right == decisive)) {
        return decisive;
    }
    return left && right ? std::optional(!decisive) : std::nullopt;
}

}  // namespace

std::expected<condition, std::string> condition::parse(std::string_view text) {
    if (text.size() > max_condition_length) {
        return std::unexpected(
            "must have at most " + std::to_string(max_condition_length) + " characters"
        );
    }
    try {
        return condition(parser(text).whole());
    } catch (const syntax& why) {
        return std::unexpected("the condition " + why.message);
    }
}

std::vector<std::string> condition::fields() const {
    std::vector<std::string> names;
    collect(*root_, names);
    return names;
}

std::string condition::sql() const {
    return sql_of(*root_);
}

bool condition::allows(const bj::object& row) const {
    return truth(*root_, row).value_or(true);
}

}  // namespace teamflow::generation
