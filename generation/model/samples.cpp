#include "generation/model/samples.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include <fmt/format.h>
#include <re2/re2.h>

#include "events/json/described.hpp"
#include "events/time.hpp"
#include "generation/model/condition.hpp"
#include "generation/model/names.hpp"
#include "generation/model/pattern_text.hpp"

namespace teamflow::generation {

namespace {

namespace bj = boost::json;

constexpr double longest_string = 255;
constexpr double longest_text = 10'000;
constexpr int default_digits = 12;
constexpr int default_places = 2;

bool matches(std::string_view text, const RE2& pattern) {
    return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

std::string capitalized(std::string text) {
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') {
        text[0] = static_cast<char>(text[0] - 'a' + 'A');
    }
    return text;
}

/// `Title 3`, made longer or shorter to fit; the number stays in it.
std::optional<std::string> plain_text(const field& of, std::size_t number) {
    const auto [min, max] = limits_of(of);
    const std::string count = std::to_string(number + 1);
    std::string text = capitalized(words(of.name)) + " " + count;
    if (static_cast<double>(text.size()) > max) {
        if (max < static_cast<double>(count.size())) {
            return std::nullopt;
        }
        text = count;
    }
    const auto least = static_cast<std::size_t>(min);
    if (text.size() < least) {
        text.append(least - text.size(), 'x');
    }
    return text;
}

/// A decimal as a text with all its places.
std::string decimal_text(double value, int places) {
    return fmt::format("{:.{}f}", value, places);
}

/// Later fields and rows have greater numbers, so that `from <= to` holds without help.
double number_value(const field& of, std::size_t number, std::size_t place) {
    const auto [min, max] = limits_of(of);
    const double begin = std::max(min, 1.0);
    const double wanted = begin + static_cast<double>(number + place);
    return wanted <= max ? wanted
                         : std::min(max, std::max(min, begin + static_cast<double>(number)));
}

std::optional<bj::value> made_up(
    const model& in, const field& of, std::size_t number, std::size_t place
) {
    const int day = static_cast<int>(1 + place % 20);
    switch (of.kind) {
        case kind::string:
        case kind::text: {
            const auto [min, max] = limits_of(of);
            const auto text = of.pattern ? matching_text(
                                               *of.pattern,
                                               static_cast<std::size_t>(min),
                                               static_cast<std::size_t>(max),
                                               number
                                           )
                                         : plain_text(of, number);
            return text ? std::optional<bj::value>(*text) : std::nullopt;
        }
        case kind::integer:
        case kind::bigint:
            return static_cast<std::int64_t>(number_value(of, number, place));
        case kind::floating:
            return number_value(of, number, place) == std::floor(number_value(of, number, place))
                       ? std::min(number_value(of, number, place) + 0.5, limits_of(of).max)
                       : number_value(of, number, place);
        case kind::decimal:
            return bj::value(decimal_text(number_value(of, number, place), places_of(of)));
        case kind::boolean:
            return number % 2 == 1;
        case kind::date:
            return bj::value(fmt::format("20{:02}-01-{:02}", 26 + number, day));
        case kind::datetime:
            return bj::value(fmt::format("20{:02}-01-{:02}T08:30:00Z", 26 + number, day));
        case kind::time:
            return bj::value(fmt::format("{:02}:{:02}:00", 8 + number, day));
        case kind::uuid:
            return bj::value(
                fmt::format("00000000-0000-4000-8000-{:06}{:06}", place + 1, number + 1)
            );
        case kind::json:
            return bj::object{{"note", fmt::format("Note {}", number + 1)}};
        case kind::email:
            return bj::value(fmt::format("{}.{}@example.com", kebab_case(of.name), number + 1));
        case kind::url:
            return bj::value(
                fmt::format("https://example.com/{}/{}", kebab_case(of.name), number + 1)
            );
        case kind::reference:
            return bj::value(fmt::format("{}/{}", kebab_case(of.name), number + 1));
        case kind::enumeration: {
            const auto& values = in.find_enum(of.type)->values;
            return bj::value(values[number % values.size()]);
        }
    }
    return std::nullopt;
}

bool accepts_text(const field& of, std::string_view text) {
    const auto [min, max] = limits_of(of);
    const bool ascii = std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
    if (!ascii || static_cast<double>(text.size()) < min ||
        static_cast<double>(text.size()) > max) {
        return false;
    }
    return !of.pattern || RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *of.pattern);
}

bool accepts_decimal(const field& of, std::string_view text) {
    static const RE2 form(R"(-?[0-9]+(\.[0-9]+)?)");
    if (!matches(text, form)) {
        return false;
    }
    const auto dot = text.find('.');
    const auto places = dot == std::string_view::npos ? 0 : text.size() - dot - 1;
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    const double most = std::pow(10, digits_of(of) - places_of(of));
    const auto [min, max] = limits_of(of);
    return static_cast<int>(places) <= places_of(of) && std::abs(value) < most && value >= min &&
           value <= max;
}

bool accepts_number(const field& of, const bj::value& value) {
    if (!value.is_number() || (of.kind != kind::floating && value.is_double())) {
        return false;
    }
    const double number = value.to_number<double>();
    const auto [min, max] = limits_of(of);
    return number >= min && number <= max;
}

bool accepts_string(const model& in, const field& of, std::string_view text) {
    // Made once: limits of length make large automata.
    static const RE2 time("([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]");
    static const RE2 email(R"([A-Za-z0-9._-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+)");
    static const RE2 url(R"(https?://[A-Za-z0-9.-]{1,200}(/[A-Za-z0-9._~/-]{0,500})?)");
    static const RE2 reference("[A-Za-z0-9._/-]{1,500}");
    switch (of.kind) {
        case kind::decimal:
            return accepts_decimal(of, text);
        case kind::date:
            return events::parse_date(text).has_value();
        case kind::datetime:
            return events::parse_timestamp(text).has_value();
        case kind::time:
            return matches(text, time);
        case kind::uuid:
            return events::parse_uuid(text).has_value();
        case kind::email:
            return matches(text, email);
        case kind::url:
            return matches(text, url);
        case kind::reference:
            return matches(text, reference);
        case kind::enumeration:
            return std::ranges::count(in.find_enum(of.type)->values, text) > 0;
        default:
            return accepts_text(of, text);
    }
}

bool is_text_kind(kind what) {
    return what != kind::integer && what != kind::bigint && what != kind::floating &&
           what != kind::boolean && what != kind::json;
}

}  // namespace

int digits_of(const field& of) {
    return of.digits.value_or(default_digits);
}

int places_of(const field& of) {
    return of.places.value_or(default_places);
}

limits limits_of(const field& of) {
    double low = 0;
    double high = 0;
    switch (of.kind) {
        case kind::integer:
            low = std::numeric_limits<std::int32_t>::min();
            high = std::numeric_limits<std::int32_t>::max();
            break;
        case kind::bigint:
            // What JSON can hold exactly.
            low = -9'007'199'254'740'991;
            high = 9'007'199'254'740'991;
            break;
        case kind::floating:
            low = -1e15;
            high = 1e15;
            break;
        case kind::decimal:
            high = std::pow(10, digits_of(of) - places_of(of)) - std::pow(10, -places_of(of));
            low = -high;
            break;
        case kind::text:
            high = longest_text;
            break;
        default:
            high = longest_string;
            break;
    }
    return {of.min.value_or(low), of.max.value_or(high)};
}

bool accepts(const model& in, const field& of, const bj::value& value) {
    if (value.is_null()) {
        return of.nullable.value;
    }
    if (of.kind == kind::boolean) {
        return value.is_bool();
    }
    if (of.kind == kind::json) {
        return value.is_object();
    }
    if (is_text_kind(of.kind)) {
        return value.is_string() && accepts_string(in, of, value.get_string());
    }
    return accepts_number(of, value);
}

namespace {

/// How values go from one field to the next: `from <= to` needs them to rise, `used <= room` where
/// the room comes first to fall, and `a = b` to do neither.
enum class course { rises, falls, stays };

std::size_t place_on(course how, std::size_t place, std::size_t count) {
    return how == course::rises ? place : how == course::falls ? count - 1 - place : 0;
}

samples rows_on(course how, const model& in, const entity& of) {
    samples made;
    for (std::size_t number = 0; number < sample_count; ++number) {
        bj::object row;
        for (std::size_t place = 0; place < of.fields.size(); ++place) {
            const field& each = of.fields[place];
            const bool given = each.examples && !each.examples->empty();
            const auto value =
                given ? std::optional((*each.examples)[number % each.examples->size()])
                      : made_up(in, each, number, place_on(how, place, of.fields.size()));
            const bool is_repeated = value && each.unique.value &&
                                     std::ranges::any_of(made.rows, [&](const bj::object& other) {
                                         return other.at(each.name) == *value;
                                     });
            if (!value || !accepts(in, each, *value) || is_repeated) {
                made.field = each.name;
                made.problem = "no " + std::to_string(sample_count) +
                               (each.unique.value ? " different" : "") +
                               " values for tests can be made up: give `examples`";
                return made;
            }
            row[each.name] = *value;
        }
        made.rows.push_back(std::move(row));
    }
    return made;
}

bool keep_checks(const samples& made, const entity& of) {
    return std::ranges::all_of(of.checks, [&](const auto& check) {
        const auto parsed = condition::parse(check.second);
        return parsed && std::ranges::all_of(made.rows, [&](const bj::object& row) {
                   return parsed->allows(row);
               });
    });
}

}  // namespace

samples sample_rows(const model& in, const entity& of) {
    samples first = rows_on(course::rises, in, of);
    if (!first.problem.empty() || keep_checks(first, of)) {
        return first;
    }
    for (const course how : {course::falls, course::stays}) {
        samples other = rows_on(how, in, of);
        if (other.problem.empty() && keep_checks(other, of)) {
            return other;
        }
    }
    return first;
}

}  // namespace teamflow::generation
