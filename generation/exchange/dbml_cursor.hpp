#pragma once
// A way through the tokens of DBML: what is here, what must be here, and what is of no interest.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "generation/exchange/dbml_tokens.hpp"

namespace teamflow::generation {

/// Thrown where the text cannot be read on.
struct dbml_refused {
    fault why;
};

class dbml_cursor {
public:
    explicit dbml_cursor(std::vector<dbml_token> tokens) : tokens_(std::move(tokens)) {}

    [[nodiscard]] const dbml_token& here() const { return tokens_[at_]; }

    /// The one after it, or the end.
    [[nodiscard]] const dbml_token& next() const {
        return tokens_[std::min(at_ + 1, tokens_.size() - 1)];
    }

    [[nodiscard]] bool is(std::string_view symbol) const {
        return here().kind == dbml_kind::symbol && here().text == symbol;
    }

    /// Throws dbml_refused: what was wanted, what is there, and its line.
    [[noreturn]] void fail(const std::string& wanted) const {
        const std::string found =
            here().kind == dbml_kind::end ? "the end" : "`" + here().text + "`";
        throw dbml_refused{
            {"", "syntax", "here must be " + wanted + ", and is " + found, here().line}
        };
    }

    /// The token here, which must be of this kind; goes to the next.
    dbml_token take(dbml_kind kind, const std::string& wanted) {
        if (here().kind != kind) {
            fail(wanted);
        }
        return tokens_[at_++];
    }

    /// Past this symbol, which must be here.
    void take(std::string_view symbol) {
        if (!is(symbol)) {
            fail("`" + std::string(symbol) + "`");
        }
        at_ += 1;
    }

    /// Past this symbol, if it is here.
    bool took(std::string_view symbol) {
        const bool found = is(symbol);
        at_ += found ? 1 : 0;
        return found;
    }

    /// `name`, or `schema.name`, of which the last counts.
    std::string name(const std::string& wanted) {
        std::string last = take(dbml_kind::word, wanted).text;
        while (took(".")) {
            last = take(dbml_kind::word, wanted).text;
        }
        return last;
    }

    /// Up to behind the block in braces, or to the end of what stands behind a colon.
    void skip_element() {
        int depth = 0;
        while (here().kind != dbml_kind::end) {
            const bool opens = is("{");
            const bool closes = is("}");
            const bool is_last = depth == 0 && next().line != here().line && !opens &&
                                 !(next().kind == dbml_kind::symbol && next().text == "{");
            depth += opens ? 1 : closes ? -1 : 0;
            if (depth < 0) {
                fail("the next element");
            }
            at_ += 1;
            if ((closes && depth == 0) || is_last) {
                return;
            }
        }
    }

    /// Past `[...]`, if it is here.
    void skip_settings() {
        if (took("[")) {
            while (!is("]")) {
                if (here().kind == dbml_kind::end) {
                    fail("`]`");
                }
                at_ += 1;
            }
            take("]");
        }
    }

    /// To the next token, if this is not the end.
    void pass() { at_ += here().kind == dbml_kind::end ? 0 : 1; }

private:
    std::vector<dbml_token> tokens_;
    std::size_t at_ = 0;
};

}  // namespace teamflow::generation
