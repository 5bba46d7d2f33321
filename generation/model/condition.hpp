#pragma once
// The conditions of checks: a small language that is read, checked against the entity and written
// as SQL again, so that no text of a model reaches a database as it stands.

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

namespace teamflow::generation {

inline constexpr std::size_t max_condition_length = 500;

/// `a <= 10 and (b is null or b <> 'x')`: fields, numbers and texts in single quotes compared by
/// = <> < <= > >=, `is null`, `is not null`, joined by `and`, `or`, `not` and parentheses.
class condition {
public:
    struct node;

    /// What is wrong is told in words; nesting and length are bounded.
    static std::expected<condition, std::string> parse(std::string_view text);

    /// The fields that are named, each once, in the order of their first mention.
    [[nodiscard]] std::vector<std::string> fields() const;

    /// Fields become quoted identifiers, texts quoted literals.
    [[nodiscard]] std::string sql() const;

    /// As a CHECK takes it: false only if the condition is false for this row, true if it is true
    /// or unknown. Numbers compare with numbers (a text that is one counts), texts with texts.
    [[nodiscard]] bool allows(const boost::json::object& row) const;

private:
    explicit condition(std::shared_ptr<const node> root) : root_(std::move(root)) {}

    std::shared_ptr<const node> root_;
};

}  // namespace teamflow::generation
