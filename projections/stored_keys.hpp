#pragma once
// Which rows a table may hold, in a fixed amount of memory: a Bloom filter.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace teamflow::projections {

/// Never says no to a key that was added; says yes to others the more often the fuller it is
/// (B. H. Bloom, Space/Time Trade-offs in Hash Coding, CACM 13, 1970). At ten bits for each key
/// that is one in a hundred.
class stored_keys {
public:
    /// Knows of nothing. `bytes` is rounded up to a power of two.
    explicit stored_keys(std::size_t bytes);

    void add(std::size_t hash);

    /// From now on everything may be there.
    void add_all();

    [[nodiscard]] bool may_hold(std::size_t hash) const;

private:
    static constexpr int probes = 4;

    /// Calls visit(word, bit) for each probe until it returns false.
    template <class Visit>
    void for_each_probe(std::size_t hash, Visit&& visit) const;

    std::vector<std::uint64_t> words_;
};

}  // namespace teamflow::projections
