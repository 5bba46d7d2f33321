#pragma once
// The parameters after the question mark, decoded strictly.

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace teamflow::gateway {

/// More of them are refused.
inline constexpr std::size_t max_query_parameters = 100;

/// Parameters in the order sent; a name may come more than once.
class query_string {
public:
    /// `text` is what follows the question mark. Errors: what is wrong (a bad escape, no UTF-8, a
    /// NUL, more than max_query_parameters), a literal.
    static std::expected<query_string, std::string_view> parse(std::string_view text);

    /// The first value of that name.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;

    /// Every value of that name.
    [[nodiscard]] std::vector<std::string_view> all(std::string_view name) const;

    /// Name and value of every parameter.
    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& pairs() const {
        return pairs_;
    }

private:
    std::vector<std::pair<std::string, std::string>> pairs_;
};

}  // namespace teamflow::gateway
