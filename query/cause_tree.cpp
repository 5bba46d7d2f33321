#include "query/cause_tree.hpp"

#include <map>
#include <ranges>
#include <set>
#include <utility>

namespace teamflow::query {

namespace {

using views = std::vector<const event_view*>;

/// Lists events with all that came of them.
class tree_walk {
public:
    explicit tree_walk(const std::vector<event_view>& events) {
        for (const auto& event : events) {
            led_to_.try_emplace(event.id.value);
        }
        for (const auto& event : events) {
            const auto of = event.causation_id ? led_to_.find(*event.causation_id) : led_to_.end();
            (of == led_to_.end() ? top_ : of->second).push_back(&event);
        }
    }

    void walk() { walk(top_); }

    /// Does nothing where it has been.
    void walk(const views& from) {
        std::vector<std::pair<const event_view*, std::int32_t>> next;
        const auto add = [&](const views& some, std::int32_t depth) {
            for (const auto* const event : some | std::views::reverse) {
                next.emplace_back(event, depth);
            }
        };
        add(from, 0);
        while (!next.empty()) {
            const auto [event, depth] = next.back();
            next.pop_back();
            const auto& id = event->id;
            if (listed_.insert(id.value).second) {
                tree.push_back({id, event->type, event->causation_id, depth});
                add(led_to_.at(id.value), depth + 1);
            }
        }
    }

    std::vector<cause> tree;

private:
    views top_;
    std::map<events::uuid, views> led_to_;
    std::set<events::uuid> listed_;
};

}  // namespace

std::vector<cause> cause_tree(const std::vector<event_view>& events) {
    tree_walk all(events);
    all.walk();
    // What is left goes round in circles, which no program of ours writes.
    for (const auto& event : events) {
        all.walk({&event});
    }
    return std::move(all.tree);
}

}  // namespace teamflow::query
