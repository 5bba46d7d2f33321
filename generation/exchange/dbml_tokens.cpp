#include "generation/exchange/dbml_tokens.hpp"

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <utility>

namespace teamflow::generation {

namespace {

struct refused {
    fault why;
};

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

class tokenizer {
public:
    explicit tokenizer(std::string_view text) : rest_(text) {}

    std::vector<dbml_token> all() {
        while (skip()) {
            take();
        }
        tokens_.push_back({dbml_kind::end, "", line_});
        return std::move(tokens_);
    }

private:
    /// Blanks and comments; false at the end.
    bool skip() {
        while (!rest_.empty()) {
            if (rest_.starts_with("//")) {
                advance(std::min(rest_.find('\n'), rest_.size()));
            } else if (rest_.starts_with("/*")) {
                until("*/", "a comment");
            } else if (rest_.front() == ' ' || rest_.front() == '\t' || rest_.front() == '\r' ||
                       rest_.front() == '\n') {
                advance(1);
            } else {
                return true;
            }
        }
        return false;
    }

    void advance(std::size_t count) {
        line_ += static_cast<int>(std::ranges::count(rest_.substr(0, count), '\n'));
        rest_.remove_prefix(count);
    }

    /// To behind the next `end`; what stood before it.
    std::string_view until(std::string_view end, const char* what) {
        const auto found = rest_.find(end, 1);
        if (found == std::string_view::npos) {
            throw refused{{"", "syntax", std::string(what) + " has no end", line_}};
        }
        const std::string_view before = rest_.substr(0, found);
        advance(found + end.size());
        return before;
    }

    void take() {
        const int line = line_;
        const char c = rest_.front();
        if (rest_.starts_with("'''")) {
            advance(2);
            tokens_.push_back({dbml_kind::text, std::string(until("'''", "a text").substr(1)), line}
            );
        } else if (c == '\'') {
            tokens_.push_back({dbml_kind::text, quoted(), line});
        } else if (c == '`') {
            tokens_.push_back(
                {dbml_kind::expression, std::string(until("`", "an expression").substr(1)), line}
            );
        } else if (c == '"') {
            tokens_.push_back({dbml_kind::word, std::string(until("\"", "a name").substr(1)), line}
            );
        } else if (is_digit(c) || (c == '-' && rest_.size() > 1 && is_digit(rest_[1]))) {
            number(line);
        } else if (is_word(c)) {
            const auto end = std::ranges::find_if_not(rest_, is_word);
            const auto size = static_cast<std::size_t>(end - rest_.begin());
            tokens_.push_back({dbml_kind::word, std::string(rest_.substr(0, size)), line});
            advance(size);
        } else {
            const std::size_t size = rest_.starts_with("<>") ? 2 : 1;
            tokens_.push_back({dbml_kind::symbol, std::string(rest_.substr(0, size)), line});
            advance(size);
        }
    }

    void number(int line) {
        std::size_t size = 1;
        while (size < rest_.size() && (is_digit(rest_[size]) || rest_[size] == '.')) {
            ++size;
        }
        // `2fa` is a name.
        const bool is_name = size < rest_.size() && is_word(rest_[size]);
        while (is_name && size < rest_.size() && is_word(rest_[size])) {
            ++size;
        }
        tokens_.push_back(
            {is_name ? dbml_kind::word : dbml_kind::number, std::string(rest_.substr(0, size)), line
            }
        );
        advance(size);
    }

    std::string quoted() {
        const int line = line_;
        std::string made;
        advance(1);
        while (!rest_.empty() && rest_.front() != '\'') {
            if (rest_.front() == '\\' && rest_.size() > 1) {
                advance(1);
            }
            made += rest_.front();
            advance(1);
        }
        if (rest_.empty()) {
            throw refused{{"", "syntax", "a text has no end", line}};
        }
        advance(1);
        return made;
    }

    std::string_view rest_;
    int line_ = 1;
    std::vector<dbml_token> tokens_;
};

}  // namespace

std::expected<std::vector<dbml_token>, fault> dbml_tokens(std::string_view text) {
    try {
        return tokenizer(text).all();
    } catch (const refused& refusal) {
        return std::unexpected(refusal.why);
    }
}

}  // namespace teamflow::generation
