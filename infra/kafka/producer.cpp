#include "infra/kafka/producer.hpp"

#include <thread>
#include <utility>

#include <spdlog/spdlog.h>

#include "events/broken_rule.hpp"
#include "infra/failpoint.hpp"
#include "infra/kafka/rdkafka.hpp"

namespace teamflow::infra::kafka {

namespace {

constexpr int poll_ms = 50;
/// Room in librdkafka's queue beyond our own bound, which is the one that counts.
constexpr std::size_t spare_records = 10'000;

headers_handle headers_of(const encoded_message& message) {
    headers_handle headers(rd_kafka_headers_new(message.headers()));
    for (std::size_t i = 0; i < message.headers(); ++i) {
        const auto header = message.header(i);
        rd_kafka_header_add(
            headers.get(),
            header.name.data(),
            static_cast<ssize_t>(header.name.size()),
            header.value.data(),
            static_cast<ssize_t>(header.value.size())
        );
    }
    return headers;
}

struct message_parts {
    rd_kafka_topic_t* topic;
    std::int32_t partition;
    std::string_view key;
    std::string_view value;
    rd_kafka_headers_t* headers;
    void* opaque;
};

// The macros of rd_kafka_producev check their types with statement expressions.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wgnu-statement-expression-from-macro-expansion"

/// Key and value are copied; the headers belong to librdkafka on success.
rd_kafka_resp_err_t produce(rd_kafka_t* handle, const message_parts& message) {
    return rd_kafka_producev(
        handle,
        RD_KAFKA_V_RKT(message.topic),
        RD_KAFKA_V_PARTITION(message.partition),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY(message.key.empty() ? nullptr : message.key.data(), message.key.size()),
        RD_KAFKA_V_VALUE(const_cast<char*>(message.value.data()), message.value.size()),
        RD_KAFKA_V_HEADERS(message.headers),
        RD_KAFKA_V_OPAQUE(message.opaque),
        RD_KAFKA_V_END
    );
}

#pragma clang diagnostic pop

}  // namespace

std::shared_ptr<producer> producer::start(
    const settings& how, std::int32_t partitions, std::string source, limits bounds
) {
    auto self =
        std::make_shared<producer>(private_tag{}, how, partitions, std::move(source), bounds);
    std::thread([self] { self->poll(); }).detach();
    return self;
}

producer::producer(
    private_tag /*only start()*/,
    const settings& how,
    std::int32_t partitions,
    std::string source,
    limits bounds
)
    : source_(std::move(source)),
      limits_(bounds),
      lanes_(static_cast<std::size_t>(partitions)),
      client_(
          client::role::producer,
          how,
          {
              {"enable.idempotence", is_broken(events::rule::idempotence) ? "false" : "true"},
              {"acks", "all"},
              {"linger.ms", "0"},
              {"max.in.flight.requests.per.connection", "5"},
              {"message.timeout.ms", std::to_string(how.message_timeout.count())},
              {"request.timeout.ms", std::to_string(how.message_timeout.count())},
              {"retry.backoff.ms", "50"},
              {"message.max.bytes", std::to_string(max_message_bytes)},
              {"queue.buffering.max.messages", std::to_string(bounds.max_records + spare_records)},
              {"queue.buffering.max.kbytes", std::to_string(bounds.max_bytes / 512)},
          },
          {.owner = this, .on_delivered = &on_delivered, .on_broken = &on_broken}
      ),
      topic_(rd_kafka_topic_new(client_.raw(), how.topic.c_str(), nullptr)),
      closed_(closing_.get_future()) {
    if (topic_ == nullptr) {
        throw std::runtime_error("kafka: " + how.topic + " is no topic name");
    }
}

producer::~producer() = default;

void producer::on_delivered(void* self, int error, std::int64_t offset, void* record) {
    static_cast<producer*>(self)->take_report(*static_cast<sent_record*>(record), error, offset);
}

void producer::on_broken(void* self, std::string_view reason) {
    static_cast<producer*>(self)->end(reason);
}

void producer::send(
    events::partition_id partition,
    std::vector<std::shared_ptr<events::record>> records,
    append_done done
) {
    auto added = std::make_unique<batch>();
    added->partition = partition;
    added->done = std::move(done);
    for (const auto& record : records) {
        added->bytes += message_bytes(*record);
    }
    added->waiting = std::move(records);
    lane& of = lanes_.at(static_cast<std::size_t>(partition));
    bool sent = true;
    {
        const std::lock_guard lock(of.mutex);
        if (ended_) {
            return added->done({});
        }
        const std::size_t count = records_in_flight_.fetch_add(added->waiting.size());
        const std::size_t bytes = bytes_in_flight_.fetch_add(added->bytes);
        sent = count + added->waiting.size() <= limits_.max_records &&
               bytes + added->bytes <= limits_.max_bytes;
        of.batches.push_back(std::move(added));
        sent = sent && (of.sent > 0 || send_waiting(of));
    }
    failpoint("producer.after_produce");
    if (!sent) {
        end("its queue is full");
    }
}

/// False when librdkafka does not take them.
bool producer::send_waiting(lane& of) {
    while (of.sent < of.batches.size()) {
        if (!send_batch(of, *of.batches[of.sent++])) {
            return false;
        }
    }
    return true;
}

bool producer::send_batch(lane& of, batch& what) {
    const auto all = std::exchange(what.waiting, {});
    what.records.resize(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto& record = *all[i];
        what.records[i] = {.of = &what, .index = static_cast<std::int32_t>(i)};
        of.encoder.encode(record, source_);
        auto headers = headers_of(of.encoder);
        const message_parts parts{
            .topic = topic_,
            .partition = what.partition,
            .key = of.encoder.key(),
            .value = record.data,
            .headers = headers.get(),
            .opaque = &what.records[i]
        };
        const auto failure = produce(client_.raw(), parts);
        if (failure != RD_KAFKA_RESP_ERR_NO_ERROR) {
            spdlog::error("kafka: a record was not taken: {}", error_text(failure));
            return false;
        }
        // They are part of the message now.
        [[maybe_unused]] const auto* owned = headers.release();
    }
    return true;
}

void producer::take_report(sent_record& record, int error, events::offset offset) {
    failpoint("producer.before_report");
    batch& of = *record.of;
    lane& at = lanes_[static_cast<std::size_t>(of.partition)];
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR && !ended_) {
        end(error_text(error));
    }
    bool sent = true;
    {
        const std::lock_guard lock(at.mutex);
        const events::offset base = offset < 0 ? -1 : offset - record.index;
        of.base = of.base.value_or(base) == base ? base : -1;
        ++of.reported;
        tell_whole(at);
        if (at.sent == 0 && !ended_) {
            sent = send_waiting(at);
        }
    }
    if (!sent) {
        end("its queue is full");
    }
}

void producer::tell_whole(lane& of) {
    while (of.sent > 0) {
        batch& oldest = *of.batches.front();
        const std::size_t count = oldest.records.size();
        if (oldest.reported < count || (ended_ && !oldest.told)) {
            return;
        }
        if (!oldest.told) {
            append_outcome outcome{.status = append_status::durable, .last = std::nullopt};
            if (const events::offset base = oldest.base.value_or(-1); base >= 0) {
                outcome.last = base + static_cast<events::offset>(count) - 1;
            }
            oldest.done(outcome);
        }
        records_in_flight_ -= count;
        bytes_in_flight_ -= oldest.bytes;
        of.batches.pop_front();
        --of.sent;
    }
}

void producer::end(std::string_view reason) {
    if (ended_.exchange(true)) {
        return;
    }
    std::size_t unknown = 0;
    for (lane& each : lanes_) {
        const std::lock_guard lock(each.mutex);
        for (auto& pending : each.batches) {
            if (!std::exchange(pending->told, true)) {
                pending->done({});
                ++unknown;
            }
        }
    }
    spdlog::info("kafka: a producer ends ({}), {} batches unknown", reason, unknown);
}

void producer::poll() {
    while (!ended_ && !stopping_) {
        rd_kafka_poll(client_.raw(), poll_ms);
    }
    const auto deadline = std::chrono::steady_clock::now() + stop_limit_.load();
    while (!ended_ && rd_kafka_outq_len(client_.raw()) > 0 &&
           std::chrono::steady_clock::now() < deadline) {
        rd_kafka_poll(client_.raw(), 1);
    }
    end("stopped");
    constexpr int everything =
        RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING;
    rd_kafka_purge(client_.raw(), everything);
    rd_kafka_topic_destroy(topic_);
    client_.close();
    closing_.set_value();
}

void producer::begin_stop(std::chrono::milliseconds limit) {
    stop_limit_ = limit;
    stopping_ = true;
}

}  // namespace teamflow::infra::kafka
