#include "generation/model/check_field.hpp"

#include <array>
#include <cmath>
#include <utility>

#include "generation/model/pattern_text.hpp"
#include "generation/model/samples.hpp"

namespace teamflow::generation {

namespace {

constexpr double longest_string = 2000;
constexpr double longest_text = 100'000;

bool is_text(kind what) {
    return what == kind::string || what == kind::text;
}

bool is_number(kind what) {
    return what == kind::integer || what == kind::bigint || what == kind::floating ||
           what == kind::decimal;
}

bool is_limited(kind what) {
    return is_text(what) || is_number(what);
}

bool is_string(kind what) {
    return what == kind::string;
}

bool is_html(kind what) {
    return what == kind::text;
}

bool is_decimal(kind what) {
    return what == kind::decimal;
}

bool can_be_unique(kind what) {
    return what != kind::boolean && what != kind::json && what != kind::text;
}

bool can_be_indexed(kind what) {
    return what != kind::json && what != kind::text;
}

bool can_begin(kind what) {
    return what != kind::json;
}

constexpr auto rules = std::to_array<option_rule>({
    {"min", [](const field& of) { return of.min.has_value(); }, is_limited, "texts and numbers"},
    {"max", [](const field& of) { return of.max.has_value(); }, is_limited, "texts and numbers"},
    {"pattern", [](const field& of) { return of.pattern.has_value(); }, is_string, "string"},
    {"html", [](const field& of) { return of.html.has_value(); }, is_html, "text"},
    {"digits", [](const field& of) { return of.digits.has_value(); }, is_decimal, "decimal"},
    {"places", [](const field& of) { return of.places.has_value(); }, is_decimal, "decimal"},
    {"unique",
     [](const field& of) { return of.unique.value; },
     can_be_unique,
     "types other than bool, json and text"},
    {"index",
     [](const field& of) { return of.index.value; },
     can_be_indexed,
     "types other than json and text"},
    {"default",
     [](const field& of) { return of.initial.has_value(); },
     can_begin,
     "types other than json"},
});

bool has_places(double value, int places) {
    const double scaled = value * std::pow(10, places);
    return std::abs(scaled - std::round(scaled)) < 1e-6;
}

class checker {
public:
    checker(const model& in, const report_fault& report) : model_(in), report_(report) {}

    void check(const field& of, const std::string& path) {
        check_options(of, path);
        if (of.initial && !accepts(model_, of, *of.initial)) {
            add(path + ".default", "not_allowed", "is no value that the field takes");
        }
        if (!of.examples) {
            return;
        }
        for (std::size_t i = 0; i < of.examples->size(); ++i) {
            if (!accepts(model_, of, (*of.examples)[i])) {
                add(path + ".examples." + std::to_string(i),
                    "not_allowed",
                    "is no value that the field takes");
            }
        }
    }

private:
    void add(std::string path, std::string code, std::string message) {
        report_(std::move(path), std::move(code), std::move(message));
    }

    void check_options(const field& of, const std::string& path) {
        for (const auto& rule : option_rules()) {
            if (rule.given(of) && !rule.goes_with(of.kind)) {
                add(path + "." + std::string(rule.option),
                    "not_allowed",
                    "is only for " + std::string(rule.kinds));
            }
        }
        if (of.pattern) {
            if (const auto why = pattern_fault(*of.pattern); !why.empty()) {
                add(path + ".pattern", "bad_pattern", why);
            }
        }
        if (of.pattern && of.html) {
            add(path + ".html", "not_allowed", "does not go with a pattern");
        }
        check_limits(of, path);
    }

    void check_limits(const field& of, const std::string& path) {
        if (of.kind == kind::decimal) {
            const bool sane = digits_of(of) >= 1 && digits_of(of) <= max_digits &&
                              places_of(of) >= 0 && places_of(of) < digits_of(of);
            if (!sane) {
                add(path + (of.digits ? ".digits" : ".places"),
                    "out_of_range",
                    "needs 1 <= digits <= 28 and 0 <= places < digits");
                return;
            }
        }
        field bare;
        bare.kind = of.kind;
        bare.digits = of.digits;
        bare.places = of.places;
        const limits own = limits_of(of);
        limits widest = limits_of(bare);
        if (of.kind == kind::string) {
            widest.max = longest_string;
        } else if (of.kind == kind::text) {
            widest.max = longest_text;
        }
        const bool whole = of.kind != kind::floating && of.kind != kind::decimal;
        for (const auto& [option, value] : {std::pair("min", of.min), std::pair("max", of.max)}) {
            if (!value) {
                continue;
            }
            if (*value < widest.min || *value > widest.max) {
                add(path + "." + option, "out_of_range", "is beyond what the type holds");
            } else if (whole && *value != std::floor(*value)) {
                add(path + "." + option, "not_allowed", "must be a whole number");
            } else if (of.kind == kind::decimal && !has_places(*value, places_of(of))) {
                add(path + "." + option, "not_allowed", "has more places than the field");
            }
        }
        if (own.min > own.max || (is_text(of.kind) && own.max < 1)) {
            add(path + (of.max ? ".max" : ".min"), "out_of_range", "leaves no value");
        }
    }

    const model& model_;
    const report_fault& report_;
};

}  // namespace

std::span<const option_rule> option_rules() {
    return rules;
}

void check_field(
    const model& in, const field& of, const std::string& path, const report_fault& report
) {
    checker(in, report).check(of, path);
}

}  // namespace teamflow::generation
