#include "infra/kafka/truncation.hpp"

#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace teamflow::infra::kafka {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds pause{200};

struct difference {
    std::string what;
    /// The partition ends too early: perhaps its leader only does not know better yet.
    bool may_pass = false;
};

bool is_same(const events::record& left, const events::record& right) {
    return left.at == right.at && left.reign == right.reign && left.sequence == right.sequence &&
           left.head.id == right.head.id;
}

std::optional<difference> find_difference(
    catch_up& topic, const std::vector<events::record_ptr>& archived
) {
    std::vector<events::position> places;
    places.reserve(archived.size());
    for (const auto& record : archived) {
        places.push_back({.partition = record->partition, .at = record->at});
    }
    std::optional<difference> early;
    try {
        const auto found = topic.read_each(places);
        for (std::size_t i = 0; i < found.size(); ++i) {
            const auto [partition, at] = places[i];
            if (!found[i]) {
                early = {
                    .what = fmt::format(
                        "partition {} ends before offset {}, which is archived", partition, at
                    ),
                    .may_pass = true
                };
            } else if (!is_same(*found[i], *archived[i])) {
                return difference{
                    .what = fmt::format(
                        "partition {} has another record at offset {} than the archive",
                        partition,
                        at
                    )
                };
            }
        }
    } catch (const log_truncated& failure) {
        early = {.what = failure.what(), .may_pass = true};
    }
    return early;
}

}  // namespace

std::string find_truncation(
    catch_up& topic,
    const std::vector<events::record_ptr>& archived,
    std::chrono::milliseconds patience,
    const std::atomic<bool>& stopping
) {
    if (archived.empty()) {
        return {};
    }
    const auto deadline = clock::now() + patience;
    auto found = find_difference(topic, archived);
    while (found && found->may_pass && !stopping && clock::now() < deadline) {
        spdlog::warn("kafka: {}; asking again", found->what);
        std::this_thread::sleep_for(pause);
        // A new client asks any broker who leads, not the leader that it knows.
        topic.close();
        found = find_difference(topic, archived);
    }
    return found ? std::move(found->what) : std::string();
}

}  // namespace teamflow::infra::kafka
