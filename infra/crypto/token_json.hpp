#pragma once
// Reads the JSON object of a token's header or payload, strictly: what two parsers could read
// differently (duplicate names, NUL, fractions) is refused or never taken for a value.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace teamflow::infra {

/// Whatever a token's member may hold that nobody here reads: null, fractions, nested objects,
/// arrays of anything but strings.
struct unread_value {
    friend bool operator==(const unread_value&, const unread_value&) = default;
};

using token_value =
    std::variant<unread_value, std::string, std::int64_t, bool, std::vector<std::string>>;

struct token_member {
    std::string name;
    token_value value;
};

/// The members of one object, each name once.
class token_object {
public:
    /// Takes the members over; the caller promises that no name stands twice.
    explicit token_object(std::vector<token_member> members) : members_(std::move(members)) {}

    /// The value of `name`, or null when there is none.
    [[nodiscard]] const token_value* find(std::string_view name) const;

    /// The value of `name` if it is there and of type `T`.
    template <class T>
    [[nodiscard]] const T* find_as(std::string_view name) const {
        const token_value* value = find(name);
        return value == nullptr ? nullptr : std::get_if<T>(value);
    }

    [[nodiscard]] const std::vector<token_member>& members() const { return members_; }

private:
    std::vector<token_member> members_;
};

/// Reads one JSON object of at most 64 members, nested at most 16 deep. Invalid JSON, invalid
/// UTF-8, NUL in a string, a duplicate name on the top level and anything after the object are
/// nullopt.
std::optional<token_object> parse_token_object(std::string_view json);

}  // namespace teamflow::infra
