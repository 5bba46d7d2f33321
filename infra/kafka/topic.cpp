#include "infra/kafka/topic.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include "infra/kafka/client.hpp"
#include "infra/kafka/rdkafka.hpp"

namespace teamflow::infra::kafka {

namespace {

using reason_buffer = std::array<char, 512>;

constexpr std::chrono::milliseconds pause{20};
/// How long one broker may not know yet what another one has answered: a new topic.
constexpr std::chrono::seconds news_limit{2};
/// How long brokers that start may take until the others know them.
constexpr std::chrono::seconds broker_patience{5};

int timeout_ms(const settings& how) {
    return static_cast<int>(how.request_timeout.count());
}

/// Without a topic of the brokers alone, or of them and all topics.
metadata_handle metadata_of(
    const client& admin, const settings& how, rd_kafka_topic_t* topic, bool all_topics = false
) {
    const rd_kafka_metadata_t* raw = nullptr;
    const auto failure =
        rd_kafka_metadata(admin.raw(), all_topics ? 1 : 0, topic, &raw, timeout_ms(how));
    metadata_handle metadata(raw);
    if (failure != RD_KAFKA_RESP_ERR_NO_ERROR) {
        throw log_unavailable(
            fmt::format("kafka at {} does not answer: {}", how.bootstrap, error_text(failure))
        );
    }
    return metadata;
}

/// Waits for the one result of an admin request.
event_handle result_of(rd_kafka_queue_t* queue, const settings& how) {
    event_handle result(rd_kafka_queue_poll(queue, timeout_ms(how)));
    if (!result) {
        throw log_unavailable(fmt::format("kafka at {} does not answer in time", how.bootstrap));
    }
    if (rd_kafka_event_error(result.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        throw log_unavailable(fmt::format(
            "kafka at {} refuses: {}", how.bootstrap, rd_kafka_event_error_string(result.get())
        ));
    }
    return result;
}

/// False when the broker that was asked does not know the topic.
bool read_config(topic_state& into, rd_kafka_event_t* described) {
    const auto* result = rd_kafka_event_DescribeConfigs_result(described);
    std::size_t resources = 0;
    auto** all = rd_kafka_DescribeConfigs_result_resources(result, &resources);
    for (std::size_t i = 0; i < resources; ++i) {
        const auto failure = rd_kafka_ConfigResource_error(all[i]);
        if (failure == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
            return false;
        }
        if (failure != RD_KAFKA_RESP_ERR_NO_ERROR) {
            throw log_unavailable(
                fmt::format("kafka: the topic cannot be described: {}", error_text(failure))
            );
        }
        std::size_t entries = 0;
        const auto** configs = rd_kafka_ConfigResource_configs(all[i], &entries);
        for (std::size_t entry = 0; entry < entries; ++entry) {
            const char* value = rd_kafka_ConfigEntry_value(configs[entry]);
            into.config[rd_kafka_ConfigEntry_name(configs[entry])] = value == nullptr ? "" : value;
        }
    }
    return true;
}

bool is_led(const rd_kafka_metadata_t& metadata, std::int32_t partitions) {
    const auto& topic = metadata.topics[0];
    const std::span all(topic.partitions, static_cast<std::size_t>(topic.partition_cnt));
    return topic.partition_cnt == partitions &&
           std::ranges::all_of(all, [](const auto& each) { return each.leader >= 0; });
}

/// A topic that the controller has made is unknown to its brokers for a moment, and without leaders
/// for another.
void wait_until_led(const client& admin, const settings& how, std::int32_t partitions) {
    const topic_handle topic(rd_kafka_topic_new(admin.raw(), how.topic.c_str(), nullptr));
    const auto deadline = std::chrono::steady_clock::now() + how.request_timeout;
    while (!is_led(*metadata_of(admin, how, topic.get()), partitions)) {
        if (std::chrono::steady_clock::now() > deadline) {
            throw log_unavailable(
                fmt::format("kafka topic {} was made, but has no leaders yet", how.topic)
            );
        }
        std::this_thread::sleep_for(pause);
    }
}

std::int32_t fewest_replicas(const rd_kafka_metadata_topic_t& topic) {
    const std::span all(topic.partitions, static_cast<std::size_t>(topic.partition_cnt));
    return std::ranges::min(all, {}, &rd_kafka_metadata_partition_t::replica_cnt).replica_cnt;
}

bool is_there(const client& admin, const settings& how) {
    const auto known = metadata_of(admin, how, nullptr, true);
    const std::span all(known->topics, static_cast<std::size_t>(known->topic_cnt));
    return std::ranges::any_of(all, [&](const auto& each) { return how.topic == each.topic; });
}

/// How many replicas a new topic is to have, once there are as many brokers; those that start just
/// now are waited for. Throws std::runtime_error if they stay away.
std::int32_t affordable_replicas(const client& admin, const settings& how, const topic_plan& plan) {
    const auto named = brokers_named(how.bootstrap);
    const auto deadline = std::chrono::steady_clock::now() + broker_patience;
    while (true) {
        const auto alive = metadata_of(admin, how, nullptr)->broker_cnt;
        const auto wanted = replicas_for(plan, alive, named);
        if (alive >= wanted) {
            return wanted;
        }
        if (std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error(fmt::format(
                "the kafka topic {} was not made: it is to have {} replicas, and only {} broker{} "
                "{} there. Start the others, or say how many replicas are enough: --replicas {}",
                how.topic,
                wanted,
                alive,
                alive == 1 ? "" : "s",
                alive == 1 ? "is" : "are",
                alive
            ));
        }
        std::this_thread::sleep_for(pause);
    }
}

/// Nothing when the brokers that were asked do not know the topic.
std::optional<topic_state> describe_now(const client& admin, const settings& how) {
    const topic_handle topic(rd_kafka_topic_new(admin.raw(), how.topic.c_str(), nullptr));
    const auto metadata = metadata_of(admin, how, topic.get());
    if (metadata->topic_cnt != 1 || metadata->topics[0].partition_cnt == 0) {
        return std::nullopt;
    }
    topic_state state;
    state.partitions = metadata->topics[0].partition_cnt;
    state.replicas = fewest_replicas(metadata->topics[0]);
    const config_resource_handle asked(
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, how.topic.c_str())
    );
    const queue_handle queue(rd_kafka_queue_new(admin.raw()));
    auto* raw = asked.get();
    rd_kafka_DescribeConfigs(admin.raw(), &raw, 1, nullptr, queue.get());
    const auto answer = result_of(queue.get(), how);
    return read_config(state, answer.get()) ? std::optional(std::move(state)) : std::nullopt;
}

}  // namespace

bool create_topic(const settings& how, const topic_plan& plan) {
    client admin(client::role::producer, how, {});
    if (is_there(admin, how)) {
        return false;
    }
    const auto replicas = affordable_replicas(admin, how, plan);
    reason_buffer reason{};
    const new_topic_handle wanted(rd_kafka_NewTopic_new(
        how.topic.c_str(), plan.partitions, replicas, reason.data(), reason.size()
    ));
    if (!wanted) {
        throw std::runtime_error(fmt::format("kafka topic {}: {}", how.topic, reason.data()));
    }
    for (const auto& [name, value] : topic_config(plan, replicas)) {
        rd_kafka_NewTopic_set_config(wanted.get(), name.c_str(), value.c_str());
    }
    const queue_handle queue(rd_kafka_queue_new(admin.raw()));
    auto* raw = wanted.get();
    const admin_options_handle options(
        rd_kafka_AdminOptions_new(admin.raw(), RD_KAFKA_ADMIN_OP_CREATETOPICS)
    );
    rd_kafka_AdminOptions_set_operation_timeout(
        options.get(), timeout_ms(how), reason.data(), reason.size()
    );
    rd_kafka_CreateTopics(admin.raw(), &raw, 1, options.get(), queue.get());
    const auto answer = result_of(queue.get(), how);
    std::size_t topics = 0;
    const auto* const* results = rd_kafka_CreateTopics_result_topics(
        rd_kafka_event_CreateTopics_result(answer.get()), &topics
    );
    const auto failure = rd_kafka_topic_result_error(results[0]);
    if (failure == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
        return false;
    }
    if (failure != RD_KAFKA_RESP_ERR_NO_ERROR) {
        throw log_unavailable(fmt::format(
            "kafka topic {} cannot be made: {}",
            how.topic,
            rd_kafka_topic_result_error_string(results[0])
        ));
    }
    wait_until_led(admin, how, plan.partitions);
    return true;
}

topic_state describe_topic(const settings& how) {
    client admin(client::role::producer, how, {});
    const auto deadline = std::chrono::steady_clock::now() + news_limit;
    auto state = describe_now(admin, how);
    while (!state && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(pause);
        state = describe_now(admin, how);
    }
    if (!state) {
        throw std::runtime_error(fmt::format(
            "kafka at {} has no topic {}. Make it with `teamflow migrate`", how.bootstrap, how.topic
        ));
    }
    return *std::move(state);
}

void check_topic(const settings& how, const topic_state& state, std::int32_t partitions) {
    const auto faults = topic_faults(state, partitions);
    if (!faults.empty()) {
        throw std::runtime_error(fmt::format(
            "the kafka topic {} cannot be the log: {}. Nothing was started, for events would be "
            "lost. Set it with `kafka-configs.sh --alter --entity-type topics --entity-name {}`",
            how.topic,
            fmt::join(faults, "; "),
            how.topic
        ));
    }
}

topic_state checked_topic(const settings& how, std::int32_t partitions) {
    auto topic = describe_topic(how);
    check_topic(how, topic, partitions);
    for (const auto& risk : topic_risks(topic)) {
        spdlog::warn("kafka topic {}: {}", how.topic, risk);
    }
    return topic;
}

}  // namespace teamflow::infra::kafka
