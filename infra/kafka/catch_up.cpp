#include "infra/kafka/catch_up.hpp"

#include <map>

#include <fmt/format.h>

#include "infra/kafka/message.hpp"
#include "infra/log/log_tail.hpp"

namespace teamflow::infra::kafka {

namespace {

constexpr int poll_ms = 20;

using clock = std::chrono::steady_clock;

[[noreturn]] void throw_failure(const rd_kafka_message_t& message, const events::position& wanted) {
    if (message.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
        message.err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE) {
        throw log_truncated(fmt::format(
            "partition {} of the log does not reach up to offset {}", wanted.partition, wanted.at
        ));
    }
    throw log_unavailable(fmt::format("kafka cannot be read: {}", rd_kafka_message_errstr(&message))
    );
}

/// librdkafka tries again by itself after these.
bool is_passing(rd_kafka_resp_err_t failure) {
    return failure == RD_KAFKA_RESP_ERR__TRANSPORT ||
           failure == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || failure == RD_KAFKA_RESP_ERR__RESOLVE;
}

/// The last offset of a partition, by what comes from its end. Appended while we looked: a later
/// offset is as good an answer.
events::offset last_before(const rd_kafka_message_t& message) {
    const bool at_end = message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    return message.offset - (at_end ? 1 : 0);
}

}  // namespace

rd_kafka_s* catch_up::consumer() {
    if (!client_) {
        client_ = std::make_unique<client>(
            client::role::consumer,
            settings_,
            std::initializer_list<std::pair<const char*, std::string>>{
                {"group.id", "teamflow-catch-up"},
                {"enable.auto.commit", "false"},
                {"enable.auto.offset.store", "false"},
                {"enable.partition.eof", "true"},
                {"auto.offset.reset", "error"},
                {"fetch.error.backoff.ms", "50"},
                {"fetch.message.max.bytes", std::to_string(max_message_bytes)},
                // An end shows itself by an empty answer: let the broker not wait for more.
                {"fetch.wait.max.ms", "10"},
                {"queued.min.messages", "2000"},
                {"queued.max.messages.kbytes", "16384"},
            }
        );
    }
    return client_->raw();
}

void catch_up::check_time(clock::time_point deadline) const {
    if (interrupted_ || clock::now() > deadline) {
        throw log_unavailable("kafka does not answer in time");
    }
}

void catch_up::go_to(events::partition_id partition, events::offset at) {
    const events::position wanted{.partition = partition, .at = at};
    if (next_ != wanted) {
        assign(consumer(), settings_.topic, std::span(&wanted, 1));
        next_ = wanted;
    }
}

std::vector<events::record_ptr> catch_up::read(
    events::partition_id partition,
    events::offset from,
    std::size_t max_records,
    std::size_t max_bytes
) {
    std::vector<events::record_ptr> records;
    std::size_t bytes = 0;
    const auto deadline = clock::now() + settings_.request_timeout;
    check_time(deadline);
    go_to(partition, from);
    while (records.size() < max_records && bytes < max_bytes) {
        check_time(deadline);
        const auto message = next_message(consumer(), records.empty() ? poll_ms : 0);
        if (!message) {
            if (!records.empty()) {
                break;
            }
            continue;
        }
        const events::position wanted = next_;
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            // Told once; whoever comes back to this end must ask for it anew.
            next_ = {.partition = -1, .at = -1};
            break;
        }
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            if (is_passing(message->err)) {
                continue;
            }
            next_ = {.partition = -1, .at = -1};
            throw_failure(*message, wanted);
        }
        if (message->offset != wanted.at) {
            next_ = {.partition = -1, .at = -1};
            throw events::log_gap(partition, wanted.at, message->offset);
        }
        records.push_back(record_of(*message));
        bytes += footprint(*records.back());
        ++next_.at;
    }
    return records;
}

/// Reads until each of `wanted` has said something: its first record, or its end. All in one
/// assignment, for each assignment costs a round trip or more.
void catch_up::hear_each(
    std::span<const events::position> wanted,
    const std::function<void(const rd_kafka_message_s&)>& take
) {
    const auto deadline = clock::now() + settings_.request_timeout;
    check_time(deadline);
    std::map<events::partition_id, events::position> silent;
    for (const auto& place : wanted) {
        silent.emplace(place.partition, place);
    }
    assign(consumer(), settings_.topic, wanted);
    next_ = {.partition = -1, .at = -1};
    while (!silent.empty()) {
        check_time(deadline);
        const auto message = next_message(consumer(), poll_ms);
        if (!message || is_passing(message->err)) {
            continue;
        }
        const auto place = silent.find(message->partition);
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR &&
            message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            throw_failure(*message, place == silent.end() ? wanted.front() : place->second);
        }
        if (place != silent.end()) {
            silent.erase(place);
            take(*message);
        }
    }
}

std::vector<events::record_ptr> catch_up::read_each(std::span<const events::position> wanted) {
    std::map<events::partition_id, events::record_ptr> found;
    hear_each(wanted, [&](const rd_kafka_message_s& message) {
        if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            found[message.partition] = record_of(message);
        }
    });
    std::vector<events::record_ptr> records;
    records.reserve(wanted.size());
    for (const auto& place : wanted) {
        records.push_back(found[place.partition]);
    }
    return records;
}

std::vector<events::offset> catch_up::ends(std::int32_t partitions) {
    std::vector<events::position> wanted;
    wanted.reserve(static_cast<std::size_t>(partitions));
    for (events::partition_id partition = 0; partition < partitions; ++partition) {
        wanted.push_back({.partition = partition, .at = RD_KAFKA_OFFSET_END});
    }
    std::vector<events::offset> found(wanted.size(), -1);
    hear_each(wanted, [&](const rd_kafka_message_s& message) {
        found[static_cast<std::size_t>(message.partition)] = last_before(message);
    });
    return found;
}

events::offset catch_up::end(events::partition_id partition) {
    const events::position wanted{.partition = partition, .at = RD_KAFKA_OFFSET_END};
    events::offset found = -1;
    hear_each(std::span(&wanted, 1), [&](const rd_kafka_message_s& message) {
        found = last_before(message);
    });
    return found;
}

}  // namespace teamflow::infra::kafka
