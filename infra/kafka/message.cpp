#include "infra/kafka/message.hpp"

#include <array>

#include "infra/kafka/client.hpp"
#include "infra/kafka/cloud_events.hpp"
#include "infra/log/event_log.hpp"

namespace teamflow::infra::kafka {

namespace {

/// Ours have about 20; what lies behind this bound is not looked at.
constexpr std::size_t max_headers = 64;

std::string_view view(const void* data, std::size_t size) {
    return data == nullptr ? std::string_view()
                           : std::string_view(static_cast<const char*>(data), size);
}

}  // namespace

events::record_ptr record_of(const rd_kafka_message_t& message) {
    std::array<message_header, max_headers> headers;
    std::size_t count = 0;
    rd_kafka_headers_t* raw = nullptr;
    if (rd_kafka_message_headers(&message, &raw) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        const char* name = nullptr;
        const void* value = nullptr;
        std::size_t size = 0;
        while (count < max_headers && rd_kafka_header_get_all(raw, count, &name, &value, &size) ==
                                          RD_KAFKA_RESP_ERR_NO_ERROR) {
            headers[count++] = {name, view(value, size)};
        }
    }
    const std::int64_t written_ms = rd_kafka_message_timestamp(&message, nullptr);
    return decode(
        {.partition = message.partition,
         .at = message.offset,
         .written_at = events::timestamp(std::chrono::milliseconds(std::max(written_ms, {}))),
         .headers = std::span(headers).first(count),
         .payload = view(message.payload, message.len)}
    );
}

message_handle next_message(rd_kafka_t* consumer, int wait_ms) {
    return message_handle(rd_kafka_consumer_poll(consumer, wait_ms));
}

namespace {

/// Returns when librdkafka's main thread has stopped the partitions that an assignment took away.
/// This release aborts (assertion rktp_started in rdkafka_assignment.c) when the next assignment
/// comes before. Stopping takes two turns of that thread's queue, and each question waits for one.
void settle_assignment(rd_kafka_t* consumer) {
    constexpr int turns = 3;
    for (int turn = 0; turn < turns; ++turn) {
        rd_kafka_topic_partition_list_t* raw = nullptr;
        rd_kafka_assignment(consumer, &raw);
        const partition_list_handle answer(raw);
    }
}

}  // namespace

void assign(
    rd_kafka_t* consumer, const std::string& topic, std::span<const events::position> from
) {
    const partition_list_handle list(rd_kafka_topic_partition_list_new(static_cast<int>(from.size())
    ));
    for (const auto& place : from) {
        rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), place.partition)->offset =
            place.at;
    }
    const auto failure = rd_kafka_assign(consumer, list.get());
    if (failure != RD_KAFKA_RESP_ERR_NO_ERROR) {
        throw log_unavailable(
            std::string("kafka: partitions cannot be read: ").append(error_text(failure))
        );
    }
    settle_assignment(consumer);
}

}  // namespace teamflow::infra::kafka
