#include "projections/projection.hpp"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

namespace teamflow::projections {

namespace {

/// FNV-1a, 64 bits (draft-eastlake-fnv): stable over compilers and runs, unlike std::hash.
std::uint64_t stable_hash(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char letter : text) {
        hash ^= static_cast<unsigned char>(letter);
        hash *= 0x100000001b3;
    }
    return hash;
}

}  // namespace

std::optional<events::user_id> event_context::user() const {
    const auto id = events::parse_uuid(head.actor);
    return id ? std::optional(events::user_id(*id)) : std::nullopt;
}

const handler* projection::find_handler(std::string_view type) const {
    const auto found = std::ranges::find(handlers, type, &handler::type);
    return found == handlers.end() ? nullptr : &*found;
}

unit_of_work projection::make_unit(const remembering& how) const {
    unit_of_work rows(how);
    for (const auto& table : tables) {
        table.add_to(rows);
    }
    return rows;
}

std::string projection::fingerprint() const {
    std::string shape;
    for (const auto& table : tables) {
        const auto sql = make_sql(table.definition, name);
        shape += sql.create;
        for (const auto& index : sql.indexes) {
            shape += index;
        }
    }
    return fmt::format("{}-{:016x}", version, stable_hash(shape));
}

std::string projection::parking_key_of(const events::envelope& event) const {
    return parks_by == parking_key::organization ? to_string(event.organization) : event.stream;
}

}  // namespace teamflow::projections
