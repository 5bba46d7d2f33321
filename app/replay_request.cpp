#include "app/replay_request.hpp"

#include <array>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/history_arguments.hpp"
#include "events/json/parse.hpp"
#include "events/json/read.hpp"
#include "events/json/write.hpp"
#include "events/near_names.hpp"
#include "events/registry.hpp"

namespace teamflow::app {

namespace {

constexpr std::array<std::string_view, 2> formats{"jsonl", "csv"};

std::vector<events::position> read_places(
    std::string_view option, const std::string& text, faults& found
) {
    if (text.empty()) {
        return {};
    }
    auto places = events::parse_positions(text);
    if (!places) {
        found.push_back(fmt::format("{} must be a list of positions such as 3@120,7@44", option));
    }
    return places.value_or(std::vector<events::position>());
}

std::optional<events::uuid> read_id(
    std::string_view option, const std::string& text, faults& found
) {
    if (text.empty()) {
        return std::nullopt;
    }
    const auto id = events::parse_uuid(text);
    if (!id) {
        found.push_back(fmt::format("{}: '{}' is no id", option, text));
    }
    return id;
}

void check_types(const std::vector<std::string>& types, faults& found) {
    for (const auto& type : types) {
        if (events::find_event_type(type) == nullptr) {
            found.push_back(fmt::format(
                "--type: there is no type '{}'{}", type, events::did_you_mean_type(type)
            ));
        }
    }
}

void check_stream(const std::string& stream, faults& found) {
    if (!events::is_stream_name(stream)) {
        found.push_back(fmt::format(
            "--stream: '{}' is no stream: write a kind and an id, such as task-0193…{}",
            stream,
            events::did_you_mean_stream(stream)
        ));
    }
}

std::optional<replay_manifest> read_manifest(const std::string& file, faults& found) {
    const std::ifstream in(file);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) {
        found.push_back(fmt::format("--resume: {} cannot be read", file));
        return std::nullopt;
    }
    const auto value = events::json::parse(text.str());
    auto read =
        value ? events::json::read<replay_manifest>(*value, events::json::unknown_members::ignore)
              : std::unexpected(events::json::problems{});
    if (!read || !events::parse_positions(read->next_after)) {
        found.push_back(fmt::format("--resume: {} is no manifest of a replay", file));
        return std::nullopt;
    }
    return *std::move(read);
}

/// Goes on with what the manifest was made of; what comes later may have another end.
void resume(const replay_manifest& before, replay_request& into) {
    const auto to = into.filter.to;
    into.filter = before.filters;
    into.filter.to = to;
    into.format = before.format;
    into.after = events::parse_positions(before.next_after).value_or(into.after);
    into.log_id = before.log_id;
}

bool chooses(const replay_arguments& what) {
    return !what.from.empty() || !what.after.empty() || !what.types.empty() || what.stream ||
           !what.organization.empty() || what.actor || !what.correlation.empty() || what.format;
}

/// The arguments that choose, as they were given.
std::string purpose_of(const replay_arguments& what) {
    std::string text = "replay";
    const auto add = [&](std::string_view option, const std::string& value) {
        if (!value.empty()) {
            text += fmt::format(" {} {}", option, value);
        }
    };
    add("--as-of", what.as_of);
    add("--projections", fmt::format("{}", fmt::join(what.projections, ",")));
    add("--from", what.from);
    add("--to", what.to);
    add("--after", what.after);
    add("--until", what.until);
    for (const auto& type : what.types) {
        add("--type", type);
    }
    add("--stream", what.stream.value_or(""));
    add("--organization", what.organization);
    add("--actor", what.actor.value_or(""));
    add("--correlation", what.correlation);
    return text;
}

void check_scratch(const replay_arguments& what, replay_request& made, faults& found) {
    if (what.into.empty()) {
        if (!what.as_of.empty() || !what.projections.empty() || !what.keep.empty()) {
            found.emplace_back(
                "--as-of, --projections and --keep are about read models: say where they are to be "
                "built, with --into SCHEMA"
            );
        }
        return;
    }
    if (what.format || what.follow || what.progress || !what.out.empty() ||
        !what.manifest.empty() || !what.resume.empty()) {
        found.emplace_back(
            "--into builds read models and writes no text: leave out --format, --follow, "
            "--progress, --out, --manifest and --resume"
        );
    }
    check_schema_name("--into", what.into, found);
    const auto keep =
        read_lifetime("--keep", what.keep.empty() ? std::string(usual_keep) : what.keep, found);
    made.scratch = {
        .schema = what.into,
        .purpose = purpose_of(what),
        .as_of = read_past_time("--as-of", what.as_of, found),
        .models = find_models("--projections", what.projections, found),
        .keep = keep.value_or(std::chrono::seconds())
    };
    const auto& as_of = made.scratch->as_of;
    if (as_of && made.filter.from && *as_of < *made.filter.from) {
        found.emplace_back("--as-of must not be earlier than --from");
    }
}

void check_together(const replay_arguments& what, const replay_request& made, faults& found) {
    const auto& filter = made.filter;
    if (filter.from && filter.to && *filter.from >= *filter.to) {
        found.emplace_back("--to must be later than --from");
    }
    if (what.follow && (!what.to.empty() || !what.until.empty())) {
        found.emplace_back("--follow has no end: leave out --to and --until");
    }
    if (!what.resume.empty() && chooses(what)) {
        found.emplace_back(
            "--resume goes on with the filters and the format of the manifest: beside it only "
            "--to, --until and --follow choose events"
        );
    }
}

}  // namespace

std::expected<replay_request, std::vector<std::string>> check(const replay_arguments& what) {
    faults found;
    replay_request made;
    auto& filter = made.filter;
    filter.from = read_time("--from", what.from, found);
    filter.to = read_time("--to", what.to, found);
    made.after = read_places("--after", what.after, found);
    made.until = read_places("--until", what.until, found);
    if (const auto id = read_id("--organization", what.organization, found)) {
        filter.organization = events::organization_id{*id};
    }
    filter.correlation_id = read_id("--correlation", what.correlation, found);
    filter.types = what.types;
    filter.stream = what.stream;
    filter.actor = what.actor;
    check_types(what.types, found);
    if (what.stream) {
        check_stream(*what.stream, found);
    }
    const std::string format = what.format.value_or("jsonl");
    if (const auto known = events::json::enum_value<replay_format>(format)) {
        made.format = *known;
    } else {
        found.push_back(fmt::format(
            "--format is jsonl or csv, not '{}'{}", format, events::did_you_mean(format, formats)
        ));
    }
    check_scratch(what, made, found);
    check_together(what, made, found);
    if (!what.resume.empty()) {
        if (const auto before = read_manifest(what.resume, found)) {
            resume(*before, made);
        }
    }
    if (!found.empty()) {
        return std::unexpected(std::move(found));
    }
    return made;
}

void save(const replay_manifest& manifest, const std::filesystem::path& file) {
    auto fresh = file;
    fresh += ".new";
    std::ofstream out(fresh);
    out << events::json::to_json(manifest) << '\n';
    out.close();
    if (!out) {
        throw std::runtime_error(fresh.string() + " cannot be written");
    }
    std::filesystem::rename(fresh, file);
}

}  // namespace teamflow::app
