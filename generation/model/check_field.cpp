#include "generation/model/check_field.hpp"

#include <cmath>
#include <utility>

#include "generation/model/pattern_text.hpp"
#include "generation/model/samples.hpp"

namespace teamflow::generation {

namespace {

constexpr int max_digits = 28;
constexpr double longest_string = 2000;
constexpr double longest_text = 100'000;

bool is_text(kind what) {
    return what == kind::string || what == kind::text;
}

bool is_number(kind what) {
    return what == kind::integer || what == kind::bigint || what == kind::floating ||
           what == kind::decimal;
}

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

    void only_for(
        bool given, bool allowed, const std::string& path, const char* option, const char* kinds
    ) {
        if (given && !allowed) {
            add(path + "." + option, "not_allowed", std::string("is only for ") + kinds);
        }
    }

    void check_options(const field& of, const std::string& path) {
        const bool text = is_text(of.kind);
        only_for(
            of.min || of.max,
            text || is_number(of.kind),
            path,
            of.min ? "min" : "max",
            "texts and numbers"
        );
        only_for(of.pattern.has_value(), of.kind == kind::string, path, "pattern", "string");
        only_for(of.html.has_value(), of.kind == kind::text, path, "html", "text");
        only_for(of.digits.has_value(), of.kind == kind::decimal, path, "digits", "decimal");
        only_for(of.places.has_value(), of.kind == kind::decimal, path, "places", "decimal");
        only_for(
            of.unique.value,
            of.kind != kind::boolean && of.kind != kind::json && of.kind != kind::text,
            path,
            "unique",
            "types other than bool, json and text"
        );
        only_for(
            of.index.value,
            of.kind != kind::json && of.kind != kind::text,
            path,
            "index",
            "types other than json and text"
        );
        only_for(
            of.initial.has_value(), of.kind != kind::json, path, "default", "types other than json"
        );
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

void check_field(
    const model& in, const field& of, const std::string& path, const report_fault& report
) {
    checker(in, report).check(of, path);
}

}  // namespace teamflow::generation
