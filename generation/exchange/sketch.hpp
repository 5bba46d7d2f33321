#pragma once
// Tables as other languages tell them, on their way to a model.

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "generation/exchange/exchange.hpp"

namespace teamflow::generation {

struct sketched_column {
    std::string name;
    /// In the other language, lower case, without arguments: `varchar`, `numeric`.
    std::string type;
    std::vector<int> arguments;
    bool nullable = true;
    bool unique = false;
    bool primary = false;
    bool indexed = false;
    /// A constant; what is computed is noted and left out.
    std::optional<boost::json::value> initial;
    std::string note;
    /// Members of the field as a model has them.
    boost::json::object more;
    int line = 0;
};

/// One that each entity has: the primary key, `created_at` or `updated_at`.
bool is_every_ones(const sketched_column& of);

struct sketched_key {
    std::string column;
    std::string target;
    /// `restrict`, `cascade`, `set_null`
    std::string on_delete = "restrict";
    bool one_to_one = false;
    int line = 0;
};

/// Many to many.
struct sketched_link {
    std::string name;
    std::string target;
    /// The table between the two; empty for the one that a model would name.
    std::string through;
    std::string note;
    int line = 0;
};

struct sketched_check {
    std::string name;
    /// In the language of conditions.
    std::string condition;
    int line = 0;
};

struct sketched_index {
    std::vector<std::string> columns;
    int line = 0;
};

struct sketched_table {
    std::string name;
    /// Where the other language has entities; what the table's name says otherwise.
    std::string entity;
    std::string note;
    std::vector<sketched_column> columns;
    std::vector<sketched_key> keys;
    std::vector<sketched_link> links;
    std::vector<sketched_check> checks;
    std::vector<sketched_index> indexes;
    int line = 0;

    [[nodiscard]] sketched_column* find(std::string_view column);
};

struct sketched_enum {
    std::string name;
    std::vector<std::string> values;
    int line = 0;
};

struct sketch {
    std::vector<sketched_enum> enums;
    std::vector<sketched_table> tables;
    faults notes;
    faults refused;

    [[nodiscard]] sketched_table* find(std::string_view table);

    void note(int line, std::string path, std::string message);
    void refuse(int line, std::string path, std::string message);
};

/// The document of a model. Tables become entities in the singular, keys relations, and tables of
/// two keys alone links; columns that every entity has (`id`, `created_at`, `updated_at`) are not
/// fields.
std::expected<imported, faults> imported_of(sketch of, const std::string& app_name);

}  // namespace teamflow::generation
