#include "commands/decider.hpp"

#include <stdexcept>

namespace teamflow::commands {

namespace {

/// SplitMix64 (Steele, Lea, Flood, 2014): spreads a seed over as many draws as a decision needs.
std::uint64_t split_mix(std::uint64_t value) {
    value += 0x9e3779b97f4a7c15ULL;
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31U);
}

}  // namespace

events::uuid context::make_uuid(std::size_t n) const {
    const std::uint64_t base = seed + n * 0x9e3779b97f4a7c15ULL;
    // The counter leads, so that ids made by one decision sort in the order they were made.
    return events::make_uuid_v7(now.time_since_epoch().count(), n, split_mix(base));
}

bool context::has_made(const events::uuid& id) const {
    // Where make_uuid_v7() puts the counter.
    const std::size_t n = (id.data[6] & 0x0FU) << 8U | id.data[7];
    return make_uuid(n) == id;
}

const folded_stream& view::at(std::string_view stream) const {
    const auto found = streams_.find(stream);
    if (found == streams_.end()) {
        throw std::logic_error("decide() reads " + std::string(stream) + ", which streams() lacks");
    }
    return *found->second;
}

}  // namespace teamflow::commands
