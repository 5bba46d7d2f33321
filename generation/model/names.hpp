#pragma once
// Names that users give: which may become identifiers, and what other spellings follow from them.

#include <string>
#include <string_view>
#include <vector>

namespace teamflow::generation {

inline constexpr std::size_t max_name_length = 30;

/// Each says why `name` cannot be used, or nothing if it can: a fault of form (only ASCII letters,
/// digits and underscores in the case that its place asks for), or a word that means something in
/// Python, SQLAlchemy, Pydantic or the generated application itself.
std::string entity_name_fault(std::string_view name);
std::string field_name_fault(std::string_view name);
std::string enum_value_fault(std::string_view value);
/// Names of applications, plurals and checks: snake_case, and no keyword of Python.
std::string snake_name_fault(std::string_view name);

/// The same rules for a JSON Schema: a name of 1 to `max_name_length` characters matches `pattern`
/// (ECMA 262), does not match `refused` if there is one, and is none of `taken`.
struct name_rule {
    std::string_view pattern;
    std::string_view refused;
    std::vector<std::string_view> taken;
};

name_rule entity_name_rule();
name_rule field_name_rule();
name_rule enum_value_rule();
name_rule snake_name_rule();

/// `OrderItem` to `order_item`.
std::string snake_case(std::string_view camel);
/// `order_item` to `OrderItem`.
std::string camel_case(std::string_view snake);
/// `order_items` to `order-items`.
std::string kebab_case(std::string_view snake);
/// `order_item` to `order item`.
std::string words(std::string_view snake);
/// `in-progress` to `IN_PROGRESS`.
std::string upper_case(std::string_view value);
/// `category` to `categories`.
std::string plural(std::string_view snake);
/// `an order`, `a task`.
std::string with_article(std::string_view words);

}  // namespace teamflow::generation
