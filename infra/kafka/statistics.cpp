#include "infra/kafka/statistics.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

#include <boost/json/parse.hpp>

namespace teamflow::infra::kafka {

namespace {

namespace json = boost::json;

const json::object* object_in(const json::object& of, std::string_view name) {
    const auto* found = of.if_contains(name);
    return found == nullptr ? nullptr : found->if_object();
}

std::optional<std::int64_t> number_in(const json::object& of, std::string_view name) {
    const auto* found = of.if_contains(name);
    const auto* number = found == nullptr ? nullptr : found->if_int64();
    return number == nullptr ? std::nullopt : std::optional(*number);
}

bool is_text(const json::object& of, std::string_view name, std::string_view text) {
    const auto* found = of.if_contains(name);
    const auto* string = found == nullptr ? nullptr : found->if_string();
    return string != nullptr && std::string_view(*string) == text;
}

std::vector<std::int64_t> brokers_that_speak(
    const json::object& all, std::chrono::microseconds silence_max
) {
    std::vector<std::int64_t> found;
    const auto* brokers = object_in(all, "brokers");
    if (brokers == nullptr) {
        return found;
    }
    for (const auto& [name, value] : *brokers) {
        const auto* broker = value.if_object();
        if (broker == nullptr || !is_text(*broker, "state", "UP")) {
            continue;
        }
        // -1 as long as it has not sent anything at all.
        const auto idle_us = number_in(*broker, "rxidle").value_or(-1);
        const auto id = number_in(*broker, "nodeid");
        if (id && idle_us >= 0 && idle_us <= silence_max.count()) {
            found.push_back(*id);
        }
    }
    return found;
}

}  // namespace

std::vector<events::partition_id> partitions_heard_of(
    std::string_view statistics, std::string_view topic, std::chrono::milliseconds silence_max
) {
    std::vector<events::partition_id> heard;
    boost::system::error_code failure;
    const auto value = json::parse(statistics, failure);
    const auto* all = failure ? nullptr : value.if_object();
    const auto* topics = all == nullptr ? nullptr : object_in(*all, "topics");
    const auto* ours = topics == nullptr ? nullptr : object_in(*topics, topic);
    const auto* partitions = ours == nullptr ? nullptr : object_in(*ours, "partitions");
    if (partitions == nullptr) {
        return heard;
    }
    const auto speaking = brokers_that_speak(*all, silence_max);
    for (const auto& [name, each] : *partitions) {
        const auto* partition = each.if_object();
        if (partition == nullptr || !is_text(*partition, "fetch_state", "active")) {
            continue;
        }
        const auto leader = number_in(*partition, "leader").value_or(-1);
        // -1 is where librdkafka keeps what has no partition yet.
        const auto id = number_in(*partition, "partition").value_or(-1);
        if (id >= 0 && std::ranges::find(speaking, leader) != speaking.end()) {
            heard.push_back(static_cast<events::partition_id>(id));
        }
    }
    return heard;
}

}  // namespace teamflow::infra::kafka
