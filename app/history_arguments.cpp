#include "app/history_arguments.hpp"

#include <algorithm>
#include <charconv>
#include <iostream>

#include <fmt/format.h>

#include "app/read_model_names.hpp"
#include "projections/all.hpp"
#include "projections/stream_states.hpp"

namespace teamflow::app {

namespace {

constexpr std::size_t schema_name_max = 63;
constexpr std::chrono::minutes life_min{1};
constexpr std::chrono::days life_max{365};
constexpr int wrong_use = 2;

bool is_name_letter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_';
}

std::optional<std::chrono::seconds> unit_of(char letter) {
    switch (letter) {
        case 'm':
            return std::chrono::minutes(1);
        case 'h':
            return std::chrono::hours(1);
        case 'd':
            return std::chrono::days(1);
        default:
            return std::nullopt;
    }
}

std::optional<std::chrono::seconds> parse_lifetime(std::string_view text) {
    const auto unit = text.empty() ? std::nullopt : unit_of(text.back());
    std::int32_t number = 0;
    const auto* const end = text.data() + text.size() - (unit ? 1 : 0);
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (!unit || error != std::errc{} || stop != end) {
        return std::nullopt;
    }
    const auto life = number * *unit;
    return life >= life_min && life <= life_max ? std::optional(life) : std::nullopt;
}

}  // namespace

std::optional<events::timestamp> read_time(
    std::string_view option, const std::string& text, faults& found
) {
    if (text.empty()) {
        return std::nullopt;
    }
    if (const auto day = events::parse_date(text)) {
        return events::timestamp(std::chrono::sys_days(*day));
    }
    const auto time = events::parse_timestamp(text);
    if (!time) {
        found.push_back(fmt::format(
            "{}: '{}' is no time: write 2026-11-21 or 2026-11-21T09:30:00Z", option, text
        ));
    }
    return time;
}

std::optional<events::timestamp> read_past_time(
    std::string_view option, const std::string& text, faults& found
) {
    const auto time = read_time(option, text, found);
    // Not the other way round: a year far off is no number of nanoseconds.
    const auto now =
        std::chrono::floor<events::timestamp::duration>(std::chrono::system_clock::now());
    if (time && *time > now) {
        found.push_back(fmt::format("{}: {} is still to come", option, text));
    }
    return time;
}

std::vector<const projections::projection*> find_models(
    std::string_view option, const std::vector<std::string>& names, faults& found
) {
    static const auto states = projections::stream_states();
    std::vector<const projections::projection*> models;
    for (const auto& each : projections::all()) {
        if (names.empty() || std::ranges::find(names, each.name) != names.end()) {
            models.push_back(&each);
        }
    }
    if (std::ranges::find(names, states.name) != names.end()) {
        models.push_back(&states);
    }
    for (const auto& name : names) {
        if (std::ranges::find(models, name, &projections::projection::name) == models.end()) {
            found.push_back(fmt::format("{}: {}", option, projections::no_projection(name)));
        }
    }
    return models;
}

std::optional<std::chrono::seconds> read_lifetime(
    std::string_view option, const std::string& text, faults& found
) {
    const auto life = parse_lifetime(text);
    if (!life) {
        found.push_back(fmt::format(
            "{}: '{}' is no lifetime: write 30m, 24h or 7d, from a minute to 365 days", option, text
        ));
    }
    return life;
}

void check_schema_name(std::string_view option, const std::string& name, faults& found) {
    const auto names = known_names();
    const bool is_name = !name.empty() && name.size() <= schema_name_max && name.front() >= 'a' &&
                         name.front() <= 'z' && std::ranges::all_of(name, is_name_letter);
    if (!is_name) {
        found.push_back(fmt::format(
            "{}: '{}' must be a letter and at most {} letters, digits and _, all in lower case",
            option,
            name,
            schema_name_max - 1
        ));
    } else if (name == "live" || name.starts_with("pg_") || name.contains("__build_") ||
               std::ranges::find(names, name) != names.end()) {
        found.push_back(fmt::format("{}: '{}' is taken: choose another name", option, name));
    }
}

int refuse(const faults& found) {
    for (const auto& fault : found) {
        std::cerr << "teamflow: " << fault << '\n';
    }
    return wrong_use;
}

}  // namespace teamflow::app
