#include "generation/exchange/schema_field.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "generation/model/check_model.hpp"
#include "generation/model/model.hpp"
#include "generation/model/names.hpp"
#include "generation/model/pattern_text.hpp"
#include "generation/model/prose.hpp"
#include "generation/model/samples.hpp"

namespace teamflow::generation {

namespace {

namespace bj = boost::json;

struct known_format {
    std::string_view format;
    std::string_view type;
};

constexpr auto known_formats = std::to_array<known_format>({
    {"date", "date"},
    {"date-time", "datetime"},
    {"time", "time"},
    {"uuid", "uuid"},
    {"email", "email"},
    {"idn-email", "email"},
    {"uri", "url"},
    {"url", "url"},
    {"iri", "url"},
    {"binary", "bytes-ref"},
    {"byte", "bytes-ref"},
    {"decimal", "decimal"},
});

/// Beyond it a string of a model is a text.
constexpr double longest_string = 2000;
constexpr double longest_text = 100'000;
/// Numbers up to here are written without an exponent.
constexpr double largest_plain = 1e15;

struct limit {
    std::optional<double> value;
    bool exclusive = false;
};

/// The places behind the point that `multipleOf` leaves; nothing if it is no power of ten below 1.
std::optional<int> places_of_step(double step) {
    for (int places = 1; places <= 10; ++places) {
        if (std::abs(step * std::pow(10, places) - 1) < 1e-9) {
            return places;
        }
    }
    return std::nullopt;
}

class field_reader {
public:
    field_reader(
        schema_reader& in, const schema_view& of, const std::string& path, const std::string& name
    )
        : in_(in), view_(of), path_(path), name_(name) {}

    schema_field read(const std::optional<std::string>& enumeration, bool optional) {
        set_type(enumeration);
        if (const auto description = schema_description(in_, view_)) {
            made_.document["description"] = *description;
        }
        for (const char* keyword : {"readOnly", "writeOnly"}) {
            if (in_.flag(view_, keyword)) {
                leave_out(keyword);
            }
        }
        const bool has_default = set_default();
        if (view_.nullable || (optional && !has_default)) {
            made_.document["nullable"] = true;
        }
        return std::move(made_);
    }

private:
    void leave_out(std::string_view keyword) {
        if (const auto found = schema_reader::find(view_, keyword); found.value != nullptr) {
            in_.note(found.path, "is left out");
        }
    }

    void set_type(const std::optional<std::string>& enumeration) {
        const auto type = in_.type(view_);
        if (enumeration) {
            made_.document["type"] = *enumeration;
        } else if (view_.is_choice) {
            set_json("one of several schemas");
        } else if (type == "string") {
            set_string();
        } else if (type == "integer") {
            set_integer();
        } else if (type == "number") {
            set_number();
        } else if (type == "boolean") {
            made_.document["type"] = "bool";
        } else {
            set_json(
                type == "array"    ? "a list"
                : type == "object" ? "an object"
                                   : "of no single type"
            );
        }
    }

    void set_json(std::string_view what) {
        made_.document["type"] = "json";
        in_.note(path_, "is " + std::string(what) + ", and becomes json");
    }

    void set_string() {
        const auto format = in_.text(view_, "format");
        const auto* const known =
            format ? std::ranges::find(known_formats, *format, &known_format::format)
                   : known_formats.end();
        if (known != known_formats.end()) {
            made_.document["type"] = known->type;
            if (known->type == "bytes-ref") {
                in_.note(path_, "becomes the key of an object store");
            }
            for (const char* keyword : {"minLength", "maxLength", "pattern"}) {
                leave_out(keyword);
            }
            return;
        }
        if (format) {
            leave_out("format");
        }
        auto max = length("maxLength");
        const auto pattern = taken_pattern();
        if (pattern && (!max || *max > longest_string)) {
            max = longest_string;
        }
        made_.document["type"] = max && *max <= longest_string ? "string" : "text";
        if (pattern) {
            made_.document["pattern"] = *pattern;
        }
        if (max && *max <= longest_text) {
            made_.document["max"] = static_cast<std::int64_t>(*max);
        } else if (max) {
            leave_out("maxLength");
        }
        if (const auto min = length("minLength"); min && *min > 0) {
            made_.document["min"] = static_cast<std::int64_t>(*min);
        }
    }

    std::optional<double> length(std::string_view keyword) {
        const auto written = in_.number(view_, keyword);
        if (written && (*written < 0 || *written != std::floor(*written) || *written > 1e9)) {
            in_.refuse(
                schema_reader::find(view_, keyword).path,
                "out_of_range",
                "must be a whole number from 0 to 1000000000"
            );
            return std::nullopt;
        }
        return written;
    }

    std::optional<std::string> taken_pattern() {
        auto pattern = in_.text(view_, "pattern");
        if (pattern) {
            if (const auto why = pattern_fault(*pattern); !why.empty()) {
                in_.note(schema_reader::find(view_, "pattern").path, "is left out: " + why);
                return std::nullopt;
            }
        }
        return pattern;
    }

    /// `minimum` and `exclusiveMinimum`, which is a flag in OpenAPI 3.0.
    limit limit_of(const char* plain, const char* exclusive) {
        const auto other = schema_reader::find(view_, exclusive);
        const bool is_flag = other.value != nullptr && other.value->is_bool();
        if (other.value != nullptr && !is_flag) {
            return {in_.number(view_, exclusive), true};
        }
        return {in_.number(view_, plain), is_flag && other.value->get_bool()};
    }

    void set_integer() {
        const auto format = in_.text(view_, "format");
        leave_out("multipleOf");
        auto [min, above] = limit_of("minimum", "exclusiveMinimum");
        auto [max, below] = limit_of("maximum", "exclusiveMaximum");
        if (min) {
            min = above ? std::floor(*min) + 1 : std::ceil(*min);
        }
        if (max) {
            max = below ? std::ceil(*max) - 1 : std::floor(*max);
        }
        const limits narrow = limits_of(bare(kind::integer));
        const bool is_wide = (min && (*min < narrow.min || *min > narrow.max)) ||
                             (max && (*max < narrow.min || *max > narrow.max));
        const bool is_big = format == "int64" || (format != "int32" && is_wide);
        made_.document["type"] = is_big ? "bigint" : "int";
        set_limits(bare(is_big ? kind::bigint : kind::integer), min, max);
    }

    void set_number() {
        const auto step = in_.number(view_, "multipleOf");
        const auto places = step ? places_of_step(*step) : std::nullopt;
        field like = bare(kind::floating);
        if (places || view_.is_decimal || in_.text(view_, "format") == "decimal") {
            like.kind = kind::decimal;
            like.places = places;
        }
        if (step && !places) {
            leave_out("multipleOf");
        }
        made_.document["type"] = like.kind == kind::decimal ? "decimal" : "float";
        if (places) {
            made_.document["places"] = *places;
        }
        const auto min = limit_of("minimum", "exclusiveMinimum");
        const auto max = limit_of("maximum", "exclusiveMaximum");
        set_limits(like, min.value, max.value);
        exclude(min, '>', "above");
        exclude(max, '<', "below");
    }

    /// A limit that is no value itself, as a check.
    void exclude(const limit& of, char sign, std::string_view suffix) {
        if (of.exclusive && of.value && std::abs(*of.value) < largest_plain) {
            made_.checks.emplace_back(
                fmt::format("{}_{}", name_, suffix), fmt::format("{} {} {}", name_, sign, *of.value)
            );
        }
    }

    void set_limits(const field& like, std::optional<double> min, std::optional<double> max) {
        const limits own = limits_of(like);
        for (const auto& [option, value] : {std::pair("min", min), std::pair("max", max)}) {
            if (!value || *value == own.min || *value == own.max) {
                continue;
            }
            if (*value < own.min || *value > own.max) {
                in_.note(path_, std::string(option) + " is beyond the type's, and left out");
            } else if (like.kind == kind::integer || like.kind == kind::bigint) {
                made_.document[option] = static_cast<std::int64_t>(*value);
            } else {
                made_.document[option] = *value;
            }
        }
    }

    static field bare(kind what) {
        field made;
        made.kind = what;
        return made;
    }

    bool set_default() {
        const auto found = schema_reader::find(view_, "default");
        if (found.value == nullptr || found.value->is_null()) {
            return false;
        }
        const bj::string type = made_.document.at("type").get_string();
        if (type == "json" || found.value->is_object() || found.value->is_array()) {
            leave_out("default");
            return false;
        }
        const auto* const text = found.value->if_string();
        if (type == "decimal" && found.value->is_number()) {
            made_.document["default"] = fmt::format("{}", found.value->to_number<double>());
        } else if (!built_in_kind(type) && text != nullptr) {
            made_.document["default"] = enum_word(*text);
        } else {
            made_.document["default"] = *found.value;
        }
        return true;
    }

    schema_reader& in_;
    const schema_view& view_;
    std::string path_;
    std::string name_;
    schema_field made_;
};

}  // namespace

std::optional<listed_texts> listed_texts_of(schema_reader& in, const schema_view& of) {
    listed_texts made;
    bool all_texts = true;
    if (of.is_choice || of.is_decimal) {
        return std::nullopt;
    }
    std::string path;
    const auto take = [&](const bj::value& each) {
        if (const auto* const text = each.if_string()) {
            made.values.emplace_back(*text);
        }
        made.has_null = made.has_null || each.is_null();
        all_texts = all_texts && (each.is_string() || each.is_null());
    };
    const auto take_all = [&](const schema_place& list) {
        if (const auto* const values = in.list(list)) {
            path = list.path;
            std::ranges::for_each(*values, take);
        }
    };
    take_all(schema_reader::find(of, "enum"));
    if (const auto single = schema_reader::find(of, "const"); single.value != nullptr) {
        path = single.path;
        take(*single.value);
    }
    for (const std::string_view keyword : {"anyOf", "oneOf"}) {
        const auto choices = schema_reader::find(of, keyword);
        if (!made.values.empty() || choices.value == nullptr || !choices.value->is_array()) {
            continue;
        }
        path = choices.path;
        for (const auto& each : choices.value->get_array()) {
            const auto* const object = each.if_object();
            if (object != nullptr && object->contains("const")) {
                take(object->at("const"));
            } else if (object != nullptr && object->contains("enum")) {
                take_all({&object->at("enum"), joined_path(choices.path, "enum")});
            }
        }
    }
    if (!all_texts) {
        in.note(path, "lists values that are no texts, and is left out");
        return std::nullopt;
    }
    if (made.values.empty()) {
        return std::nullopt;
    }
    return made;
}

schema_field schema_field_of(
    schema_reader& in,
    const schema_view& of,
    const std::string& path,
    const std::string& name,
    const std::optional<std::string>& enumeration,
    bool optional
) {
    return field_reader(in, of, path, name).read(enumeration, optional);
}

std::optional<std::string> schema_description(schema_reader& in, const schema_view& of) {
    const auto written = in.text(of, "description");
    if (!written) {
        return std::nullopt;
    }
    std::string line = one_line(*written);
    if (line.empty()) {
        return std::nullopt;
    }
    if (!is_prose(line, max_description)) {
        in.note(
            schema_reader::find(of, "description").path,
            "is left out: it is too long, or has control characters"
        );
        return std::nullopt;
    }
    return line;
}

std::string enum_word(std::string_view text) {
    return enum_value_fault(text).empty() ? std::string(text) : snake_word(text);
}

std::string snake_word(std::string_view name) {
    std::string plain;
    for (const char c : name) {
        const bool is_word =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        plain += is_word ? c : '_';
    }
    std::string made;
    for (const char c : snake_case(plain)) {
        if (c != '_' || (!made.empty() && made.back() != '_')) {
            made += c;
        }
    }
    if (made.ends_with('_')) {
        made.pop_back();
    }
    return made;
}

}  // namespace teamflow::generation
