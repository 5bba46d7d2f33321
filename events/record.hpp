#pragma once
// What lies in the log: records with their place, their epoch and, for events, who, when and what.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/ids.hpp"
#include "events/time.hpp"

namespace teamflow::events {

/// Number of a partition, from 0. Fixed for the life of a log.
using partition_id = std::int32_t;

/// Place of a record in its partition, dense from 0.
using offset = std::int64_t;

/// A moment of one partition: everything up to and including `at`.
struct position {
    partition_id partition = 0;
    offset at = -1;

    friend bool operator==(const position&, const position&) = default;
};

/// `<partition>@<offset>`.
std::string to_string(position value);

/// Reads `3@120,7@44`, each partition once at most; -1: before its first record. Else nullopt.
std::optional<std::vector<position>> parse_positions(std::string_view text);

/// The reign of one writer over a partition: where its claim lies and who it is. Offset and uuid
/// together, since a claim's offset alone could be reused after a lost tail.
struct epoch {
    offset claimed_at = -1;
    writer_id writer;

    friend bool operator==(const epoch&, const epoch&) = default;
};

/// What a record turned out to be once it was folded (log_records.kind). Writers append only events
/// and claims; `ghost` and `incomplete` are the fold's verdicts about events that do not count, and
/// a record of a foreign producer that is no event of ours is a ghost from the start.
enum class record_kind : std::int16_t { event = 1, claim = 2, ghost = 3, incomplete = 4 };

/// Which commit a record belongs to; a commit counts only when all `count` records are there.
struct commit_mark {
    commit_id id;
    std::int16_t index = 0;
    std::int16_t count = 1;
};

/// Who, when, where and why of one event; the CloudEvents attributes and their extensions.
struct envelope {
    event_id id;
    std::string type;
    std::int16_t schema_version = 1;
    std::string stream;
    /// Number of this event in its stream, from 1; the ETag of the resource after it.
    std::int64_t stream_version = 0;
    organization_id organization;
    /// The user's id, `system:<process manager>`, or `cli:<user>@<host>`.
    std::string actor;
    timestamp time;
    uuid correlation_id{};
    std::optional<uuid> causation_id;
    /// W3C trace context; empty when the request had none.
    std::string traceparent;
};

/// What makes a command repeatable: kept with the last record of its commit.
struct idempotency {
    /// Scope and key in one text: `<organization>/<user>/<key>`.
    std::string key;
    /// HMAC-SHA-256 over method, path and canonical body, hex.
    std::string fingerprint;
    /// The JSON of the answer as first given, personal fields sealed.
    std::string answer;

    friend bool operator==(const idempotency&, const idempotency&) = default;
};

/// One record of a partition. A claim uses only the first four members.
struct record {
    partition_id partition = 0;
    offset at = -1;
    record_kind kind = record_kind::event;
    /// Of a claim: `claimed_at` is its own offset once it is known.
    epoch reign;

    std::int64_t sequence = 0;
    commit_mark commit;
    envelope head;
    /// The payload as JSON text.
    std::string data;
    std::optional<idempotency> once;
};

using record_ptr = std::shared_ptr<const record>;

/// The partition of an organization's records: murmur2 of the key as Kafka's default partitioner
/// computes it (org.apache.kafka.common.utils.Utils.murmur2), so that any producer agrees.
partition_id partition_of(organization_id organization, std::int32_t partitions);

}  // namespace teamflow::events
