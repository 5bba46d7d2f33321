#pragma once
// Schemas of JSON Schema and OpenAPI as an importer reads them: references followed, and what holds
// for one value put together (JSON Schema 2020-12, Core 8.2.3 and 10.2; OpenAPI 3.0 and 3.1, Schema
// Object).

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "generation/model/fault.hpp"
#include "generation/model/source.hpp"

namespace teamflow::generation {

/// A value of the document and its dotted path. `value` is null where there is none.
struct schema_place {
    const boost::json::value* value = nullptr;
    std::string path;
};

/// All that holds for one value: schemas, what they refer to, and the parts of their allOf.
struct schema_view {
    /// Objects, the outermost first.
    std::vector<schema_place> parts;
    /// Schemas that `$ref` led to while nothing was added to them, the nearest first.
    std::vector<const boost::json::value*> targets;
    bool nullable = false;
    /// One of several schemas holds, and they are more than lists of values.
    bool is_choice = false;
    /// A number or a text holds, as Pydantic publishes decimals; the number is one of the parts.
    bool is_decimal = false;
};

/// Reads a document that outlives it. What is malformed is refused with its path, once, and then
/// taken as not being there.
class schema_reader {
public:
    explicit schema_reader(const source& from) : from_(from) {}

    /// What holds where all of these schemas do. Nothing, after a refusal, if references go in a
    /// circle, lead out of the document or to nothing, or something there is no schema.
    std::optional<schema_view> view(const std::vector<schema_place>& schemas);

    /// The first of the parts that has the keyword.
    static schema_place find(const schema_view& in, std::string_view keyword);

    std::optional<std::string> text(const schema_view& in, std::string_view keyword);
    std::optional<double> number(const schema_view& in, std::string_view keyword);
    bool flag(const schema_view& in, std::string_view keyword);
    const boost::json::array* list(const schema_place& of);
    const boost::json::object* object(const schema_place& of);

    /// The one type besides null that is named; nothing if there is none, or several.
    std::optional<std::string> type(const schema_view& in);

    /// The schemas of each property in the order of the document.
    std::vector<std::pair<std::string, std::vector<schema_place>>> properties(const schema_view& in
    );
    std::set<std::string> required(const schema_view& in);

    void note(const std::string& path, std::string message);
    void refuse(const std::string& path, std::string code, std::string message);

    /// By line, then by path, each once.
    faults take_notes();
    faults take_refused();

private:
    bool add(schema_view& into, const schema_place& schema, bool alone);
    bool add_reference(schema_view& into, const schema_place& reference, bool alone);
    bool add_choices(schema_view& into, const schema_place& schema, bool alone);
    void tell_unread(const schema_place& schema);
    faults in_order(faults found) const;

    const source& from_;
    std::vector<const boost::json::value*> open_;
    std::set<const boost::json::value*> told_;
    faults notes_;
    faults refused_;
};

/// `outer.inner`
std::string joined_path(std::string_view outer, std::string_view inner);

}  // namespace teamflow::generation
