#include "generation/model/pattern_text.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include <re2/re2.h>

namespace teamflow::generation {

namespace {

constexpr std::size_t most_repetitions = 1000;

/// One step of a pattern: any of some characters, or any of some sequences, repeated.
struct part {
    std::string characters;
    std::vector<std::vector<part>> choices;
    std::size_t least = 1;
    std::size_t most = 1;
};

using sequence = std::vector<part>;

struct not_understood : std::runtime_error {
    using std::runtime_error::runtime_error;
};

std::string between(char first, char last) {
    std::string all;
    for (char c = first; c <= last; ++c) {
        all += c;
    }
    return all;
}

std::string of_escape(char c) {
    switch (c) {
        case 'd':
            return between('0', '9');
        case 'w':
            return between('a', 'z') + between('A', 'Z') + between('0', '9') + "_";
        case 's':
            return " ";
        default:
            if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) {
                throw not_understood("an escape");
            }
            return std::string(1, c);
    }
}

class parser {
public:
    explicit parser(std::string_view text) : text_(text) {}

    std::vector<sequence> choices() {
        std::vector<sequence> all(1);
        while (at_ < text_.size() && text_[at_] != ')') {
            if (text_[at_] == '|') {
                ++at_;
                all.emplace_back();
            } else {
                all.back().push_back(repeated(atom()));
            }
        }
        return all;
    }

    [[nodiscard]] bool at_end() const { return at_ == text_.size(); }

private:
    char take() {
        if (at_ == text_.size()) {
            throw not_understood("an early end");
        }
        return text_[at_++];
    }

    part atom() {
        const char c = take();
        if (c == '[') {
            return {one_class(), {}};
        }
        if (c == '(') {
            if (text_.substr(at_).starts_with("?:")) {
                at_ += 2;
            }
            part group{"", choices()};
            if (take() != ')') {
                throw not_understood("a group");
            }
            return group;
        }
        if (c == '\\') {
            return {of_escape(take()), {}};
        }
        if (c == '^' || c == '$') {
            throw not_understood("an anchor inside");
        }
        return {std::string(1, c), {}};
    }

    std::string one_class() {
        std::string all;
        for (char c = take(); c != ']'; c = take()) {
            std::string some = c == '\\' ? of_escape(take()) : std::string(1, c);
            const bool is_range = some.size() == 1 && at_ + 1 < text_.size() && text_[at_] == '-' &&
                                  text_[at_ + 1] != ']';
            if (is_range) {
                ++at_;
                const char last = take();
                some = between(some[0], last == '\\' ? of_escape(take())[0] : last);
            }
            all += some;
        }
        return all;
    }

    part repeated(part one) {
        if (at_ == text_.size()) {
            return one;
        }
        switch (text_[at_]) {
            case '?':
                one.least = 0;
                break;
            case '*':
                one.least = 0;
                one.most = most_repetitions;
                break;
            case '+':
                one.most = most_repetitions;
                break;
            case '{':
                bounds(one);
                return one;
            default:
                return one;
        }
        ++at_;
        return one;
    }

    void bounds(part& one) {
        ++at_;
        one.least = one.most = number();
        char c = take();
        if (c == ',') {
            one.most = text_.substr(at_).starts_with('}') ? most_repetitions : number();
            c = take();
        }
        if (c != '}') {
            throw not_understood("a repetition");
        }
    }

    std::size_t number() {
        std::size_t value = 0;
        while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
            value = std::min(
                value * 10 + static_cast<std::size_t>(text_[at_++] - '0'), most_repetitions
            );
        }
        return value;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

/// Writes one text; `number` is spent on the choices that there are, as digits of mixed radix.
class writer {
public:
    writer(std::size_t number, std::size_t extra, std::size_t longest)
        : number_(number), extra_(extra), longest_(longest) {}

    void write(const sequence& parts) {
        for (const auto& each : parts) {
            const std::size_t times = std::min(each.most, each.least + extra_);
            for (std::size_t i = 0; i < times && text_.size() <= longest_; ++i) {
                if (each.choices.empty()) {
                    text_ += each.characters[pick(each.characters.size())];
                } else {
                    write(each.choices[pick(each.choices.size())]);
                }
            }
        }
    }

    std::size_t pick(std::size_t size) {
        const std::size_t chosen = number_ % size;
        number_ /= size;
        return chosen;
    }

    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    std::size_t number_;
    std::size_t extra_;
    std::size_t longest_;
    std::string text_;
};

std::string_view inside_anchors(std::string_view pattern) {
    return pattern.substr(1, pattern.size() - 2);
}

bool names_a_negated_class(std::string_view pattern) {
    return pattern.contains("[^") || pattern.contains("\\D") || pattern.contains("\\W") ||
           pattern.contains("\\S");
}

/// A dot that is neither escaped nor inside of a class.
bool has_bare_dot(std::string_view pattern) {
    bool in_class = false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char c = pattern[i];
        if (c == '\\') {
            ++i;
        } else if (c == '[') {
            in_class = true;
        } else if (c == ']') {
            in_class = false;
        } else if (c == '.' && !in_class) {
            return true;
        }
    }
    return false;
}

}  // namespace

std::string pattern_fault(std::string_view pattern) {
    if (pattern.size() > max_pattern_length) {
        return "must have at most " + std::to_string(max_pattern_length) + " characters";
    }
    if (!std::ranges::all_of(pattern, [](char c) { return c >= ' ' && c <= '~'; })) {
        return "must be printable ASCII";
    }
    if (pattern.size() < 3 || !pattern.starts_with('^') || !pattern.ends_with('$') ||
        pattern.ends_with("\\$")) {
        return "must be anchored: begin with ^ and end with $";
    }
    if (names_a_negated_class(pattern) || has_bare_dot(pattern)) {
        return "must name the characters that it takes: `.` and negated classes match U+0000, "
               "which "
               "PostgreSQL cannot store";
    }
    if (pattern.contains("(?") && !pattern.contains("(?:")) {
        return "must not use groups other than ( ) and (?: )";
    }
    const RE2 compiled(re2::StringPiece(pattern.data(), pattern.size()), RE2::Quiet);
    if (!compiled.ok()) {
        return "is no regular expression: " + compiled.error();
    }
    try {
        parser reads(inside_anchors(pattern));
        static_cast<void>(reads.choices());
        return reads.at_end() ? "" : "has a `)` too many";
    } catch (const not_understood& what) {
        return std::string("uses what not all of PostgreSQL's clients read alike: ") + what.what();
    }
}

std::optional<std::string> matching_text(
    std::string_view pattern, std::size_t min, std::size_t max, std::size_t number
) {
    const auto choices = parser(inside_anchors(pattern)).choices();
    const RE2 compiled(re2::StringPiece(pattern.data(), pattern.size()), RE2::Quiet);
    // A few more characters than the least make room for different texts.
    for (std::size_t extra = 2; extra <= std::max<std::size_t>(min, 2); ++extra) {
        for (const std::size_t tried : {extra, std::size_t{1}, std::size_t{0}}) {
            writer out(number, tried, max);
            out.write(choices[out.pick(choices.size())]);
            std::string text = out.take();
            if (text.size() >= min && text.size() <= max && RE2::FullMatch(text, compiled)) {
                return text;
            }
        }
    }
    return std::nullopt;
}

}  // namespace teamflow::generation
