#include "events/registry.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/json/monotonic_resource.hpp>

#include "events/json/parse.hpp"
#include "events/json/read.hpp"
#include "events/json/write.hpp"
#include "events/upcast.hpp"

namespace teamflow::events {

namespace {

using decoder = std::expected<event, json::problems> (*)(const boost::json::value&);

template <event_type E>
std::expected<event, json::problems> read_as(const boost::json::value& data) {
    auto read = json::read<E>(data, json::unknown_members::ignore);
    if (!read) {
        return std::unexpected(std::move(read).error());
    }
    return event(std::in_place_type<E>, *std::move(read));
}

constexpr std::size_t type_count = boost::mp11::mp_size<all_events>::value;

struct tables {
    std::array<event_info, type_count> infos;
    std::array<decoder, type_count> decoders;
};

template <class... E>
constexpr tables make_tables(boost::mp11::mp_list<E...>) {
    struct row {
        event_info info;
        decoder decode;
    };

    std::array<row, sizeof...(E)> rows{row{{E::type, E::schema_version, E::summary}, &read_as<E>}...
    };
    std::ranges::sort(rows, {}, [](const row& each) { return each.info.type; });
    tables sorted{};
    for (std::size_t i = 0; i < rows.size(); ++i) {
        sorted.infos[i] = rows[i].info;
        sorted.decoders[i] = rows[i].decode;
    }
    return sorted;
}

constexpr tables known = make_tables(all_events{});

static_assert(
    std::ranges::adjacent_find(known.infos, {}, &event_info::type) == known.infos.end(),
    "two events share a type name"
);

std::string describe(
    std::string_view type, std::int16_t schema_version, const json::problems& problems
) {
    std::string text = "undecodable event " + std::string(type) + " of version " +
                       std::to_string(schema_version) + ":";
    for (const auto& [field, code, message] : problems) {
        text += " " + (field.empty() ? std::string("data") : field) + " " + message + ";";
    }
    text.pop_back();
    return text;
}

}  // namespace

std::span<const event_info> event_types() {
    return known.infos;
}

const event_info* find_event_type(std::string_view type) {
    const auto* const found = std::ranges::lower_bound(known.infos, type, {}, &event_info::type);
    return found != known.infos.end() && found->type == type ? found : nullptr;
}

std::string_view type_of(const event& event) {
    return std::visit([]<class E>(const E&) -> std::string_view { return E::type; }, event);
}

std::int16_t schema_version_of(const event& event) {
    return std::visit([]<class E>(const E&) { return E::schema_version; }, event);
}

std::string stream_of(const event& event) {
    return std::visit([](const auto& each) { return each.stream(); }, event);
}

std::string encode(const event& event) {
    return std::visit([](const auto& each) { return json::to_json(each); }, event);
}

std::optional<event> decode(
    std::string_view type, std::int16_t schema_version, std::string_view data
) {
    const auto* const info = find_event_type(type);
    if (info == nullptr) {
        return std::nullopt;
    }
    boost::json::monotonic_resource arena;
    auto parsed = json::parse(data, &arena);
    if (!parsed) {
        throw undecodable_event(
            type, schema_version, {{"", "malformed_json", parsed.error().message}}
        );
    }
    if (auto* const object = parsed->if_object()) {
        upcast(type, schema_version, *object);
    }
    const auto at = static_cast<std::size_t>(info - known.infos.data());
    auto read = known.decoders[at](*parsed);
    if (!read) {
        throw undecodable_event(type, schema_version, std::move(read).error());
    }
    return *std::move(read);
}

undecodable_event::undecodable_event(
    std::string_view type, std::int16_t schema_version, json::problems problems
)
    : std::runtime_error(describe(type, schema_version, problems)),
      problems_(std::move(problems)) {}

}  // namespace teamflow::events
