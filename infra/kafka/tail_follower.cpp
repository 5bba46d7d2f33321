#include "infra/kafka/tail_follower.hpp"

#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "infra/kafka/message.hpp"
#include "infra/kafka/statistics.hpp"

namespace teamflow::infra::kafka {

namespace {

constexpr int poll_ms = 50;
constexpr std::size_t records_at_once = 2000;
/// How long to wait for a broker's word on who leads.
constexpr int leaders_ms = 1000;
/// A leader answers a fetch twice a second, whether there is news or not.
constexpr std::chrono::milliseconds leader_silence{1500};

}  // namespace

tail_follower::tail_follower(
    const settings& how, log_tail& tail, std::vector<events::position> from
)
    : topic_(how.topic),
      patience_(how.truncation_patience),
      tail_(tail),
      client_(
          client::role::consumer,
          how,
          {
              // Needed to assign; nothing is ever joined or committed.
              {"group.id", "teamflow-tail"},
              {"enable.auto.commit", "false"},
              {"enable.auto.offset.store", "false"},
              {"enable.partition.eof", "true"},
              {"auto.offset.reset", "error"},
              {"fetch.error.backoff.ms", "50"},
              {"fetch.message.max.bytes", std::to_string(max_message_bytes)},
              {"queued.min.messages", "10000"},
              {"queued.max.messages.kbytes", "32768"},
          },
          {.owner = this,
           .on_statistics = [](void* owner, std::string_view json
                            ) { static_cast<tail_follower*>(owner)->note_who_speaks(json); }}
      ),
      next_(std::move(from)),
      taken_(next_.size()),
      early_since_(next_.size()) {
    for (const auto& place : next_) {
        tail_.begin(place.partition, place.at);
    }
    // What the instance tells of itself comes with what it reads.
    rd_kafka_poll_set_consumer(client_.raw());
    thread_ = std::thread([this] { follow(); });
}

tail_follower::~tail_follower() {
    stop();
}

std::string tail_follower::truncated() const {
    const std::lock_guard lock(mutex_);
    return truncated_;
}

std::string tail_follower::damaged() const {
    const std::lock_guard lock(mutex_);
    return damaged_.empty() ? "" : damaged_.begin()->second;
}

void tail_follower::stop() {
    stopping_ = true;
    if (thread_.joinable()) {
        thread_.join();
    }
    client_.close();
}

void tail_follower::follow() {
    constexpr std::chrono::milliseconds pause{200};
    start_anew();
    while (!stopping_) {
        int wait_ms = poll_ms;
        for (std::size_t i = 0; i < records_at_once && !must_start_anew_; ++i) {
            const auto message = next_message(client_.raw(), std::exchange(wait_ms, 0));
            if (!message) {
                break;
            }
            if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
                take(*message);
            } else {
                take_failure(*message);
            }
        }
        push();
        if (!client_.reachable()) {
            ask_for_leaders();
        }
        if (ask_again_ && clock::now() > *ask_again_) {
            ask_again_.reset();
            must_start_anew_ = true;
        }
        if (std::exchange(must_start_anew_, false)) {
            std::this_thread::sleep_for(pause);
            start_anew();
        }
    }
}

void tail_follower::start_anew() {
    unreadable_.clear();
    try {
        assign(client_.raw(), topic_, next_);
    } catch (const log_unavailable& failure) {
        spdlog::error("{}", failure.what());
        must_start_anew_ = true;
    }
}

void tail_follower::take(const rd_kafka_message_t& message) {
    client_.note_answer();
    const auto partition = static_cast<std::size_t>(message.partition);
    auto& next = next_.at(partition).at;
    early_since_.at(partition).reset();
    if (message.offset < next) {
        return;
    }
    if (message.offset > next && unreadable_.contains(message.partition)) {
        return;
    }
    if (message.offset > next) {
        // The client may have skipped some: ask once more before the log itself is blamed.
        const events::position hole{.partition = message.partition, .at = next};
        if (std::exchange(hole_, hole) == hole) {
            found_truncated(fmt::format(
                "partition {} has no record at offset {}, the next one lies at {}",
                message.partition,
                next,
                message.offset
            ));
        }
        must_start_anew_ = true;
        return;
    }
    taken_[partition].push_back(record_of(message));
    ++next;
    is_well(message.partition);
}

void tail_follower::take_failure(const rd_kafka_message_t& message) {
    switch (message.err) {
        case RD_KAFKA_RESP_ERR__PARTITION_EOF:
            client_.note_answer();
            early_since_.at(static_cast<std::size_t>(message.partition)).reset();
            push();
            tail_.extend(message.partition, message.offset - 1);
            break;
        case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
        case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
            ends_early(message.partition);
            break;
        case RD_KAFKA_RESP_ERR__BAD_MSG:
            is_damaged(message.partition);
            break;
        default:
            spdlog::warn("kafka: the tail cannot be read: {}", rd_kafka_message_errstr(&message));
    }
}

/// A leader that was cut off serves an old state until it hears of its successor.
void tail_follower::ends_early(events::partition_id partition) {
    if (unreadable_.contains(partition)) {
        return;
    }
    auto& since = early_since_.at(static_cast<std::size_t>(partition));
    const auto now = clock::now();
    auto what = fmt::format(
        "partition {} ends before offset {}, up to which it was read",
        partition,
        next_.at(static_cast<std::size_t>(partition)).at
    );
    if (since && now - *since > patience_) {
        return found_truncated(std::move(what));
    }
    if (!since) {
        spdlog::warn("kafka: {}; asking again", what);
        since = now;
    }
    ask_for_leaders();
    must_start_anew_ = true;
}

/// Only this partition stands still: what comes of the others meanwhile is taken.
void tail_follower::is_damaged(events::partition_id partition) {
    constexpr std::chrono::seconds patience{1};
    unreadable_.insert(partition);
    if (!ask_again_) {
        ask_again_ = clock::now() + patience;
    }
    auto what = fmt::format(
        "the record at offset {} of partition {}, or one soon behind it, has a wrong checksum: a "
        "disk of its broker has changed it",
        next_.at(static_cast<std::size_t>(partition)).at,
        partition
    );
    const std::lock_guard lock(mutex_);
    auto& known = damaged_[partition];
    if (known != what) {
        spdlog::critical("kafka: {}", what);
        known = std::move(what);
    }
}

void tail_follower::is_well(events::partition_id partition) {
    // Changed on this thread alone.
    if (damaged_.contains(partition)) {
        const std::lock_guard lock(mutex_);
        damaged_.erase(partition);
    }
}

/// Any broker is asked; a failure leaves the leaders as they were known. An answer shows that
/// brokers are back where no records come that would show it.
void tail_follower::ask_for_leaders() {
    const topic_handle topic(rd_kafka_topic_new(client_.raw(), topic_.c_str(), nullptr));
    const rd_kafka_metadata_t* raw = nullptr;
    const auto failure = rd_kafka_metadata(client_.raw(), 0, topic.get(), &raw, leaders_ms);
    const metadata_handle answer(raw);
    if (failure == RD_KAFKA_RESP_ERR_NO_ERROR) {
        client_.note_answer();
    }
}

void tail_follower::push() {
    for (std::size_t i = 0; i < taken_.size(); ++i) {
        if (!taken_[i].empty()) {
            tail_.push(next_[i].partition, taken_[i]);
            taken_[i].clear();
        }
    }
}

/// At the end nothing is told to a consumer that has been there: who asks how old the known end is
/// needs to know that its leader still answers. On the follower's thread, while it polls.
void tail_follower::note_who_speaks(std::string_view statistics) {
    for (const auto partition : partitions_heard_of(statistics, topic_, leader_silence)) {
        client_.note_answer();
        if (partition < tail_.partitions()) {
            tail_.hear(partition);
        }
    }
}

void tail_follower::found_truncated(std::string what) {
    const std::lock_guard lock(mutex_);
    if (truncated_.empty()) {
        spdlog::critical("kafka: {}", what);
        truncated_ = std::move(what);
        is_truncated_ = true;
    }
}

}  // namespace teamflow::infra::kafka
