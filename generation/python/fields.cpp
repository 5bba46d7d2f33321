#include "generation/python/fields.hpp"

#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include "events/json/write.hpp"
#include "generation/model/names.hpp"
#include "generation/model/samples.hpp"
#include "generation/python/decimal_pattern.hpp"
#include "generation/python/literal.hpp"

namespace teamflow::generation::python {

namespace {

std::size_t longest_value(const enumeration& of) {
    std::size_t longest = 20;
    for (const auto& each : of.values) {
        longest = std::max(longest, each.size());
    }
    return longest;
}

/// The column's type in SQLAlchemy, as the class and what it is called with.
struct column_type {
    std::string name;
    std::string arguments;

    [[nodiscard]] std::string text() const {
        return arguments.empty() ? name : name + "(" + arguments + ")";
    }
};

column_type column_type_of(const model& in, const field& of) {
    switch (of.kind) {
        case kind::string:
            return {"String", number(limits_of(of).max)};
        case kind::text:
            return {"Text", ""};
        case kind::integer:
            return {"Integer", ""};
        case kind::bigint:
            return {"BigInteger", ""};
        case kind::floating:
            return {"Double", ""};
        case kind::decimal:
            return {"Numeric", fmt::format("{}, {}", digits_of(of), places_of(of))};
        case kind::boolean:
            return {"Boolean", ""};
        case kind::date:
            return {"Date", ""};
        case kind::datetime:
            return {"UtcDateTime", ""};
        case kind::time:
            return {"Time", ""};
        case kind::uuid:
            return {"Uuid", ""};
        case kind::json:
            return {"JSON", ""};
        case kind::email:
            return {"String", "254"};
        case kind::url:
            return {"String", "2048"};
        case kind::reference:
            return {"String", "500"};
        case kind::enumeration:
            return {
                "Enum",
                fmt::format(
                    "{}, native_enum=False, length={}, values_callable=enum_values",
                    of.type,
                    longest_value(*in.find_enum(of.type))
                )
            };
    }
    return {};
}

void need_value_type(const field& of, imports& needs) {
    switch (of.kind) {
        case kind::decimal:
            needs.add("decimal", "Decimal");
            break;
        case kind::date:
        case kind::datetime:
        case kind::time:
            needs.add_module("datetime", "dt");
            break;
        case kind::uuid:
            needs.add("uuid", "UUID");
            break;
        case kind::json:
            needs.add("typing", "Any");
            break;
        default:
            break;
    }
}

std::string number_limits(const field& of) {
    const limits bounds = limits_of(of);
    return "ge=" + number(bounds.min) + ", le=" + number(bounds.max);
}

std::string decimal_limits(const field& of) {
    std::string made;
    for (const auto& [option, bound] : {std::pair("ge", of.min), std::pair("le", of.max)}) {
        if (bound) {
            const bool whole = *bound == std::floor(*bound);
            made += std::string(option) + "=" +
                    (whole ? number(*bound) : "Decimal(" + string(number(*bound)) + ")") + ", ";
        }
    }
    return made + fmt::format("max_digits={}, decimal_places={}", digits_of(of), places_of(of));
}

std::string text_constraints(const field& of) {
    const limits bounds = limits_of(of);
    std::string made = "StringConstraints(";
    made += bounds.min > 0 ? "min_length=" + number(bounds.min) + ", " : "";
    made += "max_length=" + number(bounds.max);
    made += ", pattern=" + (of.pattern ? pattern(*of.pattern) : "NO_NUL") + ")";
    return made;
}

/// A call with one argument that stands in a line of its own, four blanks in, with a comma.
std::string nested(
    const std::string& before, const std::string& argument, const std::string& after
) {
    std::string text = enclose(4, before, {argument}, after + ",").substr(4);
    text.pop_back();
    return text;
}

std::string change(const field& of, const std::string& value) {
    return "{" + string(of.name) + ": " + value + "}";
}

}  // namespace

std::string number(double value) {
    if (value == std::floor(value) && std::abs(value) < 1e16) {
        return std::to_string(static_cast<std::int64_t>(value));
    }
    std::string text;
    events::json::write_number(text, value);
    return text;
}

std::string value_type(const field& of) {
    switch (of.kind) {
        case kind::integer:
        case kind::bigint:
            return "int";
        case kind::floating:
            return "float";
        case kind::decimal:
            return "Decimal";
        case kind::boolean:
            return "bool";
        case kind::date:
            return "dt.date";
        case kind::datetime:
            return "dt.datetime";
        case kind::time:
            return "dt.time";
        case kind::uuid:
            return "UUID";
        case kind::json:
            return "dict[str, Any]";
        case kind::enumeration:
            return of.type;
        default:
            return "str";
    }
}

std::string migration_type(const model& in, const field& of) {
    switch (of.kind) {
        case kind::string:
        case kind::email:
        case kind::url:
        case kind::reference:
            return "sa.String(length=" + column_type_of(in, of).arguments + ")";
        case kind::decimal:
            return fmt::format("sa.Numeric(precision={}, scale={})", digits_of(of), places_of(of));
        case kind::datetime:
            return "sa.DateTime(timezone=True)";
        case kind::enumeration: {
            const enumeration& of_values = *in.find_enum(of.type);
            std::vector<std::string> arguments;
            arguments.reserve(of_values.values.size() + 3);
            for (const auto& each : of_values.values) {
                arguments.push_back(string(each));
            }
            arguments.push_back("name=" + string(snake_case(of.type)));
            arguments.emplace_back("native_enum=False");
            arguments.push_back("length=" + std::to_string(longest_value(of_values)));
            // With the comma that follows where the column takes several lines.
            std::string text = enclose(12, "sa.Enum(", arguments, "),").substr(12);
            text.pop_back();
            return text;
        }
        default:
            return "sa." + column_type_of(in, of).name + "()";
    }
}

std::string mapped_column(const model& in, const field& of, imports& needs) {
    need_value_type(of, needs);
    const column_type type = column_type_of(in, of);
    needs.add(of.kind == kind::datetime ? "src.core.database" : "sqlalchemy", type.name);
    std::vector<std::string> arguments{type.text()};
    if (of.unique.value) {
        arguments.emplace_back("unique=True");
    }
    if (of.index.value && !of.unique.value) {
        arguments.emplace_back("index=True");
    }
    if (of.initial && !of.initial->is_null()) {
        arguments.push_back("default=" + initial_value(of, needs));
    }
    const std::string optional = of.nullable.value ? " | None" : "";
    return enclose(
        4, of.name + ": Mapped[" + value_type(of) + optional + "] = mapped_column(", arguments, ")"
    );
}

std::string mapped_column(const model& in, const relation& of, imports& needs) {
    needs.add("uuid", "UUID");
    needs.add("sqlalchemy", "ForeignKey");
    const entity& target = *in.find_entity(of.to);
    const std::string table = target.plural.value_or(plural(snake_case(target.name)));
    const std::string action = of.on_delete.value == on_delete::cascade    ? "CASCADE"
                               : of.on_delete.value == on_delete::set_null ? "SET NULL"
                                                                           : "RESTRICT";
    std::vector<std::string> arguments{
        "ForeignKey(" + string(table + ".id") + ", ondelete=" + string(action) + ")"
    };
    arguments.emplace_back(of.kind == relation_kind::one_to_one ? "unique=True" : "index=True");
    const std::string optional = of.required.value ? "" : " | None";
    return enclose(
        4, of.column() + ": Mapped[UUID" + optional + "] = mapped_column(", arguments, ")"
    );
}

std::string schema_type(const entity& in, const field& of, imports& needs) {
    static const std::string base = "src.models.base";
    const auto from_base = [&](const char* name) {
        needs.add(base, name);
        return std::string(name);
    };
    switch (of.kind) {
        case kind::boolean:
            return "bool";
        case kind::date:
            return from_base("DateOnly");
        case kind::datetime:
            return from_base("Moment");
        case kind::time:
            return from_base("TimeOfDay");
        case kind::uuid:
            return from_base("UuidText");
        case kind::json:
            return from_base("JsonObject");
        case kind::email:
            return from_base("Email");
        case kind::url:
            return from_base("Url");
        case kind::reference:
            return from_base("StorageKey");
        case kind::enumeration:
            needs.add("typing", "Annotated");
            needs.add("pydantic", "Field");
            return "Annotated[" + of.type + ", Field(strict=False)]";
        default:
            return in.name + camel_case(of.name) + "Value";
    }
}

std::string alias(const entity& in, const field& of, imports& needs) {
    const std::string name = in.name + camel_case(of.name) + "Value";
    const auto annotated = [&](const std::vector<std::string>& arguments) {
        needs.add("typing", "Annotated");
        return enclose(0, name + " = Annotated[", arguments, "]");
    };
    switch (of.kind) {
        case kind::string:
        case kind::text:
            needs.add("pydantic", "StringConstraints");
            if (!of.pattern) {
                needs.add("src.models.base", "NO_NUL");
            }
            return annotated({"str", text_constraints(of)});
        case kind::integer:
        case kind::bigint:
            needs.add("pydantic", "Field");
            needs.add("src.models.base", "WHOLE");
            return annotated({"int", "Field(" + number_limits(of) + ")", "WHOLE"});
        case kind::floating:
            needs.add("pydantic", "Field");
            return annotated({"float", "Field(" + number_limits(of) + ", allow_inf_nan=False)"});
        case kind::decimal:
            needs.add("decimal", "Decimal");
            needs.add("pydantic", "Field");
            needs.add("src.models.base", "decimal_text");
            return annotated(
                {"Decimal",
                 "Field(" + decimal_limits(of) + ", strict=False)",
                 nested("*decimal_text(", pattern(decimal_pattern(of)), ")")}
            );
        default:
            return "";
    }
}

std::string initial_value(const field& of, imports& needs) {
    switch (of.kind) {
        case kind::enumeration:
            return of.type + "." + upper_case(std::string_view(of.initial->get_string()));
        case kind::decimal:
            needs.add("decimal", "Decimal");
            return "Decimal(" + value(*of.initial) + ")";
        case kind::date:
        case kind::datetime:
        case kind::time:
            needs.add_module("datetime", "dt");
            return value_type(of) + ".fromisoformat(" + value(*of.initial) + ")";
        case kind::uuid:
            needs.add("uuid", "UUID");
            return "UUID(" + value(*of.initial) + ")";
        case kind::floating:
            return value(of.initial->to_number<double>());
        default:
            return value(*of.initial);
    }
}

std::vector<std::string> refused_changes(const field& of) {
    std::vector<std::string> all;
    const auto add = [&](const std::string& value) { all.push_back(change(of, value)); };
    const limits bounds = limits_of(of);
    if (!of.nullable.value) {
        add("None");
    }
    switch (of.kind) {
        case kind::string:
        case kind::text:
            add("5");
            add(R"("nul\x00")");
            add(R"("x" * )" + number(bounds.max + 1));
            if (bounds.min > 0) {
                add(bounds.min == 1 ? R"("")" : R"("x" * )" + number(bounds.min - 1));
            }
            break;
        case kind::integer:
        case kind::bigint:
            add(number(bounds.min - 1));
            add(number(bounds.max + 1));
            add("1.5");
            add(R"("1")");
            break;
        case kind::floating:
            add(number(bounds.max * 2 + 1));
            add(R"("1")");
            break;
        case kind::decimal:
            add("1");
            add(string("0." + std::string(static_cast<std::size_t>(places_of(of)) + 1, '1')));
            add(R"("much")");
            if (bounds.min >= 0) {
                add(R"("-1")");
            }
            break;
        case kind::boolean:
            add(R"("yes")");
            add("1");
            break;
        case kind::date:
        case kind::time:
            add("0");
            add(R"("soon")");
            break;
        case kind::datetime:
            add("0");
            add(R"("2026-01-01T00:00:00")");
            break;
        case kind::json:
            add(R"("text")");
            break;
        case kind::enumeration:
            add(R"("no such value")");
            break;
        default:
            add("5");
            add(R"("no such thing!")");
            break;
    }
    return all;
}

std::vector<std::pair<std::string, std::string>> limit_checks(const field& of) {
    std::vector<std::pair<std::string, std::string>> made;
    const bool is_number = of.kind == kind::integer || of.kind == kind::bigint ||
                           of.kind == kind::floating || of.kind == kind::decimal;
    if (is_number && of.min) {
        made.emplace_back(of.name + "_min", "\"" + of.name + "\" >= " + number(*of.min));
    }
    if (is_number && of.max) {
        made.emplace_back(of.name + "_max", "\"" + of.name + "\" <= " + number(*of.max));
    }
    return made;
}

}  // namespace teamflow::generation::python
