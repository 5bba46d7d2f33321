#include "projections/stored_keys.hpp"

#include <algorithm>
#include <bit>

namespace teamflow::projections {

namespace {

/// The finalizer of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): hashes of ids and numbers may
/// have structure.
std::uint64_t mixed(std::uint64_t value) {
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31U);
}

constexpr std::size_t bits_of_word = 64;

}  // namespace

stored_keys::stored_keys(std::size_t bytes)
    : words_(std::bit_ceil(std::max(bytes, sizeof(std::uint64_t))) / sizeof(std::uint64_t)) {}

/// Probes by double hashing (Kirsch and Mitzenmacher, Less Hashing, Same Performance, 2006).
template <class Visit>
void stored_keys::for_each_probe(std::size_t hash, Visit&& visit) const {
    const std::uint64_t first = mixed(hash);
    const std::uint64_t step = mixed(first) | 1U;
    const std::uint64_t bits = words_.size() * bits_of_word;
    for (std::uint64_t i = 0; i < probes; ++i) {
        const std::uint64_t at = (first + i * step) & (bits - 1);
        if (!visit(at / bits_of_word, std::uint64_t{1} << (at % bits_of_word))) {
            return;
        }
    }
}

void stored_keys::add(std::size_t hash) {
    for_each_probe(hash, [this](std::size_t word, std::uint64_t bit) {
        words_[word] |= bit;
        return true;
    });
}

void stored_keys::add_all() {
    std::ranges::fill(words_, ~std::uint64_t{0});
}

bool stored_keys::may_hold(std::size_t hash) const {
    bool found = true;
    for_each_probe(hash, [&](std::size_t word, std::uint64_t bit) {
        found = (words_[word] & bit) != 0;
        return found;
    });
    return found;
}

}  // namespace teamflow::projections
