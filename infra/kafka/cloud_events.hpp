#pragma once
// Records as Kafka messages: the CloudEvents 1.0 Kafka protocol binding in binary content mode.
// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events/record.hpp"

namespace teamflow::infra::kafka {

/// The type of the record by which a writer claims a partition (rule R1).
inline constexpr std::string_view claim_type = "log.writer_claimed";

struct message_header {
    std::string_view name;
    std::string_view value;
};

/// One message as a producer needs it. Reused from record to record, it stops allocating.
class encoded_message {
public:
    /// Writes key and headers of a record; the payload is `record.data` itself. `source` is the
    /// CloudEvents source, a URI reference that names this log.
    void encode(const events::record& record, std::string_view source);

    /// The organization's id; empty for a claim, which has no key.
    [[nodiscard]] std::string_view key() const { return key_; }

    [[nodiscard]] std::size_t headers() const { return headers_.size(); }

    /// Good until the next encode().
    [[nodiscard]] message_header header(std::size_t index) const;

    /// Bytes of names and values together.
    [[nodiscard]] std::size_t bytes() const;

private:
    struct slot {
        std::string_view name;
        std::size_t begin;
        std::size_t end;
    };

    void add(std::string_view name, std::string_view value);
    void add(std::string_view name, std::int64_t value);
    void add(std::string_view name, const events::uuid& value);
    void finish(std::string_view name);
    void add_claim(const events::record& record);
    void add_event(const events::record& record);

    std::string key_;
    /// All values one behind the other; `pending_` is where the one being written begins.
    std::string values_;
    std::size_t pending_ = 0;
    std::vector<slot> headers_;
};

/// One message as a consumer gets it.
struct received_message {
    events::partition_id partition = 0;
    events::offset at = -1;
    /// When the broker or the producer says it was written.
    events::timestamp written_at;
    std::span<const message_header> headers;
    std::string_view payload;
};

/// Reads a message; unknown headers are skipped, as are doubles of a known one behind the first.
/// What is not a record of ours (no CloudEvent, an attribute missing or malformed, a payload that
/// is not JSON) becomes a ghost without content: it keeps its offset, and never counts.
events::record_ptr decode(const received_message& message);

/// What a record takes in a message, in bytes, with room for the log's own framing.
std::size_t message_bytes(const events::record& record);

}  // namespace teamflow::infra::kafka
