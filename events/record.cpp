#include "events/record.hpp"

#include <algorithm>
#include <charconv>

namespace teamflow::events {

namespace {

/// Kafka's variant of MurmurHash2 with its fixed seed; unsigned arithmetic wraps as Java's ints do.
std::uint32_t murmur2(std::string_view data) {
    constexpr std::uint32_t m = 0x5bd1e995;
    const auto byte = [&](std::size_t at) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(data[at]));
    };
    std::uint32_t h = 0x9747b28cU ^ static_cast<std::uint32_t>(data.size());
    const std::size_t whole = data.size() / 4 * 4;
    for (std::size_t i = 0; i < whole; i += 4) {
        std::uint32_t k =
            byte(i) | (byte(i + 1) << 8U) | (byte(i + 2) << 16U) | (byte(i + 3) << 24U);
        k *= m;
        k ^= k >> 24U;
        k *= m;
        h = h * m ^ k;
    }
    const std::size_t rest = data.size() - whole;
    if (rest == 3) {
        h ^= byte(whole + 2) << 16U;
    }
    if (rest >= 2) {
        h ^= byte(whole + 1) << 8U;
    }
    if (rest >= 1) {
        h ^= byte(whole);
        h *= m;
    }
    h ^= h >> 13U;
    h *= m;
    return h ^ (h >> 15U);
}

template <class Number>
std::optional<Number> parse_number(std::string_view text, Number least) {
    Number value{};
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = failure == std::errc() && end == text.data() + text.size();
    return whole && value >= least ? std::optional(value) : std::nullopt;
}

}  // namespace

std::string to_string(position value) {
    return std::to_string(value.partition) + '@' + std::to_string(value.at);
}

std::optional<std::vector<position>> parse_positions(std::string_view text) {
    std::vector<position> positions;
    while (true) {
        const std::size_t comma = text.find(',');
        const std::string_view one = text.substr(0, comma);
        const std::size_t at = one.find('@');
        if (at == std::string_view::npos) {
            return std::nullopt;
        }
        const auto partition = parse_number<partition_id>(one.substr(0, at), 0);
        const auto place = parse_number<offset>(one.substr(at + 1), -1);
        if (!partition || !place ||
            std::ranges::find(positions, *partition, &position::partition) != positions.end()) {
            return std::nullopt;
        }
        positions.push_back({*partition, *place});
        if (comma == std::string_view::npos) {
            return positions;
        }
        text.remove_prefix(comma + 1);
    }
}

partition_id partition_of(organization_id organization, std::int32_t partitions) {
    const std::uint32_t positive = murmur2(to_string(organization)) & 0x7fffffffU;
    return static_cast<partition_id>(positive % static_cast<std::uint32_t>(partitions));
}

}  // namespace teamflow::events
