#include "infra/kafka/truncation.hpp"

#include <algorithm>
#include <thread>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace teamflow::infra::kafka {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds pause{200};

/// The kind is a verdict of the fold, which the topic does not hold; the time of a foreign message
/// is that of its arrival.
bool is_same(const events::record& left, const events::record& right) {
    return left.at == right.at && left.reign == right.reign && left.sequence == right.sequence &&
           left.head.id == right.head.id && left.data == right.data;
}

/// Whatever may pass is worth another look unless something else will not.
bool may_all_pass(const std::vector<difference>& found) {
    return std::ranges::all_of(found, &difference::may_pass);
}

}  // namespace

std::vector<difference> find_differences(
    catch_up& topic, const std::vector<events::record_ptr>& archived
) {
    std::vector<events::position> places;
    places.reserve(archived.size());
    for (const auto& record : archived) {
        places.push_back({.partition = record->partition, .at = record->at});
    }
    std::vector<difference> differences;
    try {
        const auto found = topic.read_each(places);
        for (std::size_t i = 0; i < found.size(); ++i) {
            const auto [partition, at] = places[i];
            if (!found[i]) {
                differences.push_back(
                    {.what = fmt::format(
                         "partition {} ends before offset {}, which is archived", partition, at
                     ),
                     .may_pass = true}
                );
            } else if (!is_same(*found[i], *archived[i])) {
                differences.push_back(
                    {.what = fmt::format(
                         "partition {} has another record at offset {} than the archive",
                         partition,
                         at
                     )}
                );
            }
        }
    } catch (const log_truncated& failure) {
        differences.push_back({.what = failure.what(), .may_pass = true});
    }
    return differences;
}

std::string find_truncation(
    catch_up& topic,
    const std::vector<events::record_ptr>& archived,
    std::chrono::milliseconds patience,
    const std::atomic<bool>& stopping
) {
    const auto deadline = clock::now() + patience;
    auto found = find_differences(topic, archived);
    while (!found.empty() && may_all_pass(found) && !stopping && clock::now() < deadline) {
        spdlog::warn("kafka: {}; asking again", found.front().what);
        std::this_thread::sleep_for(pause);
        // A new client asks any broker who leads, not the leader that it knows.
        topic.close();
        found = find_differences(topic, archived);
    }
    const auto worst = std::ranges::find(found, false, &difference::may_pass);
    if (worst != found.end()) {
        return worst->what;
    }
    return found.empty() ? std::string() : found.front().what;
}

}  // namespace teamflow::infra::kafka
