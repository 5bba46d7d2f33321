#include "infra/kafka/topic_rules.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "infra/kafka/settings.hpp"

namespace teamflow::infra::kafka {

namespace {

std::string text_of(const topic_state& state, const std::string& name) {
    const auto place = state.config.find(name);
    return place == state.config.end() ? "unknown" : place->second;
}

std::int64_t number_of(const topic_state& state, const std::string& name) {
    const auto text = text_of(state, name);
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace

std::int32_t brokers_named(std::string_view bootstrap) {
    return static_cast<std::int32_t>(std::ranges::count(bootstrap, ',')) + 1;
}

std::int32_t replicas_for(
    const topic_plan& plan, std::int32_t brokers_alive, std::int32_t brokers_named
) {
    const bool is_alone = brokers_alive == 1 && brokers_named == 1;
    return plan.replicas.value_or(is_alone ? 1 : default_replicas);
}

std::vector<std::pair<std::string, std::string>> topic_config(
    const topic_plan& plan, std::int32_t replicas
) {
    const bool has_majority = replicas >= default_replicas;
    std::vector<std::pair<std::string, std::string>> config = {
        {"retention.ms", "-1"},
        {"retention.bytes", "-1"},
        {"cleanup.policy", "delete"},
        {"unclean.leader.election.enable", "false"},
        {"min.insync.replicas", std::to_string(has_majority ? replicas / 2 + 1 : 1)},
        {"max.message.bytes", std::to_string(max_message_bytes)},
    };
    if (!has_majority && plan.flush_each_record) {
        config.emplace_back("flush.messages", "1");
    }
    return config;
}

std::vector<std::string> topic_faults(const topic_state& state, std::int32_t partitions) {
    std::vector<std::string> faults;
    if (state.partitions != partitions) {
        faults.push_back(fmt::format(
            "it has {} partitions, the log was made with {}: copy it with `teamflow log copy`",
            state.partitions,
            partitions
        ));
    }
    const auto must_be = [&](const std::string& name, std::string_view wanted) {
        const auto value = text_of(state, name);
        if (value != wanted) {
            faults.push_back(fmt::format("{} is {} and must be {}", name, value, wanted));
        }
    };
    must_be("retention.ms", "-1");
    must_be("retention.bytes", "-1");
    must_be("cleanup.policy", "delete");
    must_be("unclean.leader.election.enable", "false");
    const auto must_reach = [&](const std::string& name, std::int64_t least) {
        if (number_of(state, name) < least) {
            faults.push_back(
                fmt::format("{} is {} and must be at least {}", name, text_of(state, name), least)
            );
        }
    };
    must_reach("max.message.bytes", static_cast<std::int64_t>(max_message_bytes));
    if (state.replicas >= default_replicas) {
        must_reach("min.insync.replicas", 2);
    }
    return faults;
}

std::vector<std::string> topic_risks(const topic_state& state) {
    const bool confirmed_twice = number_of(state, "min.insync.replicas") >= 2;
    if (confirmed_twice || number_of(state, "flush.messages") == 1) {
        return {};
    }
    return {fmt::format(
        "a power cut of one broker loses what it acknowledged last: the topic has {} replica{} and "
        "is not flushed. Set flush.messages=1",
        state.replicas,
        state.replicas == 1 ? "" : "s"
    )};
}

}  // namespace teamflow::infra::kafka
