#include "infra/kafka/membership.hpp"

#include <algorithm>
#include <span>
#include <thread>
#include <utility>

#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include "infra/kafka/message.hpp"

namespace teamflow::infra::kafka {

namespace {

constexpr int poll_ms = 50;
constexpr std::size_t client_id_max = 99;
/// How long the group waits for this member in a rebalance: its thread does nothing but poll.
constexpr std::chrono::milliseconds rebalance_limit = std::chrono::seconds(10);

std::string client_id_of(const std::string& address) {
    return ("teamflow/" + address).substr(0, client_id_max);
}

settings with_close_limit(settings how, std::chrono::milliseconds limit) {
    how.close_timeout = std::max(limit, std::chrono::milliseconds(1));
    return how;
}

}  // namespace

std::shared_ptr<membership> membership::join(const settings& how, options as, listener told) {
    auto self = std::make_shared<membership>(private_tag{}, how, std::move(as), std::move(told));
    std::thread([self] { self->run(); }).detach();
    return self;
}

membership::membership(private_tag /*only join()*/, const settings& how, options as, listener told)
    : options_(std::move(as)),
      topic_(how.topic),
      client_(
          client::role::consumer,
          with_close_limit(how, options_.leave_limit),
          {
              {"client.id", client_id_of(options_.address)},
              {"group.id", options_.group},
              // Eager, and stable: members are sorted by their ids, which begin with the client id.
              {"partition.assignment.strategy", "range"},
              {"session.timeout.ms", std::to_string(options_.session_timeout.count())},
              {"heartbeat.interval.ms", std::to_string(options_.heartbeat_interval.count())},
              {"max.poll.interval.ms",
               std::to_string(std::max(rebalance_limit, options_.session_timeout).count())},
              {"enable.auto.commit", "false"},
              {"enable.auto.offset.store", "false"},
              {"auto.offset.reset", "error"},
          },
          {.owner = this, .on_rebalance = &on_rebalance}
      ),
      told_(std::move(told)),
      ended_(ending_.get_future()) {}

membership::~membership() = default;

void membership::renew() {
    auto never = clock::time_point{};
    renew_at_.compare_exchange_strong(never, clock::now() + options_.renew_delay);
}

std::vector<events::partition_id> membership::assigned() const {
    const std::lock_guard lock(mutex_);
    return assigned_;
}

void membership::leave() {
    stopping_ = true;
    {
        const std::lock_guard lock(mutex_);
        told_ = nullptr;
    }
    ended_.wait();
}

void membership::run() {
    subscribe();
    while (!stopping_) {
        if (const auto at = renew_at_.load(); at != clock::time_point{} && at <= clock::now()) {
            renew_at_ = clock::time_point{};
            spdlog::info("group {}: asking for the assignment anew", options_.group);
            subscribe();
        }
        // Nothing is read, so what comes is an error; the client goes on by itself after it.
        if (const auto message = next_message(client_.raw(), poll_ms)) {
            spdlog::warn("group {}: {}", options_.group, rd_kafka_message_errstr(message.get()));
        }
    }
    if (options_.leave_limit.count() > 0) {
        part();
    }
    is_member_ = false;
    client_.close();
    ending_.set_value();
}

void membership::subscribe() {
    const partition_list_handle topics(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(topics.get(), topic_.c_str(), RD_KAFKA_PARTITION_UA);
    const auto failure = rd_kafka_subscribe(client_.raw(), topics.get());
    if (failure != RD_KAFKA_RESP_ERR_NO_ERROR) {
        spdlog::error("group {} cannot be joined: {}", options_.group, error_text(failure));
    }
}

void membership::on_rebalance(
    void* self, int code, const rd_kafka_topic_partition_list_t& partitions
) {
    auto& of = *static_cast<membership*>(self);
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        // The group has its answer; an empty list lets nothing be read.
        assign(of.client_.raw(), of.topic_, {});
        of.take_assignment(partitions);
        return;
    }
    // An owner serves on until it sees another one's claim.
    if (rd_kafka_assignment_lost(of.client_.raw()) != 0) {
        spdlog::warn("group {}: this process lost its place", of.options_.group);
        of.is_member_ = false;
    }
    rd_kafka_assign(of.client_.raw(), nullptr);
}

void membership::take_assignment(const rd_kafka_topic_partition_list_t& partitions) {
    std::vector<events::partition_id> ours;
    for (const auto& each : std::span(partitions.elems, static_cast<std::size_t>(partitions.cnt))) {
        ours.push_back(each.partition);
    }
    std::ranges::sort(ours);
    is_member_ = true;
    renew_at_ = clock::time_point{};
    const std::lock_guard lock(mutex_);
    if (ours != assigned_) {
        spdlog::info("group {} assigns {}", options_.group, fmt::join(ours, ", "));
    }
    assigned_ = std::move(ours);
    if (told_) {
        told_(assigned_);
    }
}

/// Takes its leave. An unreachable coordinator is not waited for longer than the limit: closing in
/// one call would block on it (confluentinc/librdkafka issue 4519).
void membership::part() {
    const queue_handle queue(rd_kafka_queue_new(client_.raw()));
    const error_handle failure(rd_kafka_consumer_close_queue(client_.raw(), queue.get()));
    const auto deadline = clock::now() + options_.leave_limit;
    while (!failure && rd_kafka_consumer_closed(client_.raw()) == 0 && clock::now() < deadline) {
        rd_kafka_queue_poll_callback(queue.get(), 1);
    }
}

}  // namespace teamflow::infra::kafka
