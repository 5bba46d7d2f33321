#include "infra/latency_table.hpp"

namespace teamflow::infra {

namespace {

bool is_of(const latency_table::entry& known, std::string_view name, std::uint32_t kind) {
    return known.kind == kind && known.name == name;
}

}  // namespace

latency_table::latency_table() {
    entries_.emplace_back().name = "other";
}

void latency_table::observe(
    std::string_view name, std::uint32_t kind, std::chrono::steady_clock::duration took
) {
    find_or_add(name, kind).latencies.observe(took);
}

latency_table::entry& latency_table::find_or_add(std::string_view name, std::uint32_t kind) {
    std::size_t at = (std::hash<std::string_view>()(name) + kind) % slots;
    // Fewer kinds than slots: an empty one always comes.
    while (auto* known = slots_[at].load(std::memory_order_acquire)) {
        if (is_of(*known, name, kind)) {
            return *known;
        }
        at = (at + 1) % slots;
    }
    return add(name, kind, at);
}

latency_table::entry& latency_table::add(
    std::string_view name, std::uint32_t kind, std::size_t from
) {
    const std::lock_guard lock(mutex_);
    while (auto* known = slots_[from].load(std::memory_order_acquire)) {
        if (is_of(*known, name, kind)) {
            return *known;
        }
        from = (from + 1) % slots;
    }
    if (entries_.size() >= kinds_max) {
        return entries_.front();
    }
    entry& made = entries_.emplace_back();
    made.name = name;
    made.kind = kind;
    slots_[from].store(&made, std::memory_order_release);
    return made;
}

void latency_table::for_each(const std::function<void(const entry&)>& visit) const {
    const std::lock_guard lock(mutex_);
    const bool is_full = entries_.size() >= kinds_max;
    for (std::size_t i = is_full ? 0 : 1; i < entries_.size(); ++i) {
        visit(entries_[i]);
    }
}

}  // namespace teamflow::infra
