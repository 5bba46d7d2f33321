#include "infra/kafka/cloud_events.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <utility>

#include "events/json/parse.hpp"

namespace teamflow::infra::kafka {

namespace {

using events::uuid;

template <class Number>
bool read_into(Number& into, std::string_view text) {
    const char* const end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, into);
    return failure == std::errc() && stop == end && into >= 0;
}

bool read_into(uuid& into, std::string_view text) {
    const auto parsed = events::parse_uuid(text);
    into = parsed.value_or(uuid{});
    return parsed.has_value();
}

template <class Tag>
bool read_into(events::id<Tag>& into, std::string_view text) {
    return read_into(into.value, text);
}

bool read_into(std::optional<uuid>& into, std::string_view text) {
    into = events::parse_uuid(text);
    return into.has_value();
}

bool read_into(events::timestamp& into, std::string_view text) {
    const auto parsed = events::parse_timestamp(text);
    into = parsed.value_or(events::timestamp{});
    return parsed.has_value();
}

/// `<offset>:<uuid>`.
bool read_into(events::epoch& into, std::string_view text) {
    const std::size_t colon = text.find(':');
    return colon != std::string_view::npos && read_into(into.claimed_at, text.substr(0, colon)) &&
           read_into(into.writer, text.substr(colon + 1));
}

/// Length of the UTF-8 sequence that `text` begins with, 0 if it is malformed (RFC 3629).
std::size_t sequence_length(std::string_view text) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const auto continues = [&](std::size_t at, unsigned low = 0x80, unsigned high = 0xbf) {
        return at < text.size() && byte(at) >= low && byte(at) <= high;
    };
    const unsigned first = byte(0);
    if (first < 0x80) {
        return first == 0 ? 0 : 1;
    }
    if (first >= 0xc2 && first <= 0xdf) {
        return continues(1) ? 2 : 0;
    }
    if (first >= 0xe0 && first <= 0xef) {
        const unsigned low = first == 0xe0 ? 0xa0 : 0x80;
        const unsigned high = first == 0xed ? 0x9f : 0xbf;
        return continues(1, low, high) && continues(2) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        const unsigned low = first == 0xf0 ? 0x90 : 0x80;
        const unsigned high = first == 0xf4 ? 0x8f : 0xbf;
        return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
    }
    return 0;
}

/// What PostgreSQL takes as text: UTF-8 without U+0000.
bool is_text(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = sequence_length(text);
        if (length == 0) {
            return false;
        }
        text.remove_prefix(length);
    }
    return true;
}

bool read_into(std::string& into, std::string_view text) {
    into = text;
    return is_text(text);
}

/// Attributes that an event must have, as bits; a claim needs fewer.
enum attribute : std::uint32_t {
    spec_version = 1U << 0U,
    id = 1U << 1U,
    type = 1U << 2U,
    subject = 1U << 3U,
    time = 1U << 4U,
    schema_version = 1U << 5U,
    stream_version = 1U << 6U,
    organization = 1U << 7U,
    actor = 1U << 8U,
    correlation = 1U << 9U,
    epoch = 1U << 10U,
    sequence = 1U << 11U,
    commit = 1U << 12U,
    commit_index = 1U << 13U,
    commit_count = 1U << 14U,
    causation = 1U << 15U,
    trace = 1U << 16U,
    once_key = 1U << 17U,
    once_fingerprint = 1U << 18U,
    once_answer = 1U << 19U,
};

constexpr std::uint32_t of_claim = spec_version | id | type | time;
constexpr std::uint32_t of_event = causation - 1U;
constexpr std::uint32_t of_once = once_key | once_fingerprint | once_answer;

struct read_state {
    events::record record;
    events::idempotency once;
    std::uint32_t seen = 0;
    bool good = true;
};

struct known_header {
    std::string_view name;
    attribute bit;
    bool (*read)(read_state&, std::string_view);
};

template <auto Member>
bool read_head(read_state& state, std::string_view text) {
    return read_into(state.record.head.*Member, text);
}

template <auto Member>
bool read_record(read_state& state, std::string_view text) {
    return read_into(state.record.*Member, text);
}

template <auto Member>
bool read_commit(read_state& state, std::string_view text) {
    return read_into(state.record.commit.*Member, text);
}

template <auto Member>
bool read_once(read_state& state, std::string_view text) {
    return read_into(state.once.*Member, text);
}

bool read_spec_version(read_state& /*state*/, std::string_view text) {
    return text == "1.0";
}

constexpr std::array known_headers = {
    known_header{"ce_specversion", spec_version, read_spec_version},
    known_header{"ce_id", id, read_head<&events::envelope::id>},
    known_header{"ce_type", type, read_head<&events::envelope::type>},
    known_header{"ce_subject", subject, read_head<&events::envelope::stream>},
    known_header{"ce_time", time, read_head<&events::envelope::time>},
    known_header{"ce_schemaversion", schema_version, read_head<&events::envelope::schema_version>},
    known_header{"ce_streamversion", stream_version, read_head<&events::envelope::stream_version>},
    known_header{"ce_organization", organization, read_head<&events::envelope::organization>},
    known_header{"ce_actor", actor, read_head<&events::envelope::actor>},
    known_header{"ce_correlationid", correlation, read_head<&events::envelope::correlation_id>},
    known_header{"ce_causationid", causation, read_head<&events::envelope::causation_id>},
    known_header{"ce_traceparent", trace, read_head<&events::envelope::traceparent>},
    known_header{"ce_epoch", epoch, read_record<&events::record::reign>},
    known_header{"ce_sequence", sequence, read_record<&events::record::sequence>},
    known_header{"ce_commit", commit, read_commit<&events::commit_mark::id>},
    known_header{"ce_commitindex", commit_index, read_commit<&events::commit_mark::index>},
    known_header{"ce_commitcount", commit_count, read_commit<&events::commit_mark::count>},
    known_header{"ce_idempotencykey", once_key, read_once<&events::idempotency::key>},
    known_header{"ce_fingerprint", once_fingerprint, read_once<&events::idempotency::fingerprint>},
    known_header{"ce_answer", once_answer, read_once<&events::idempotency::answer>},
};

void read_header(read_state& state, const message_header& header) {
    const auto known = std::ranges::find(known_headers, header.name, &known_header::name);
    if (known != known_headers.end() && (state.seen & known->bit) == 0) {
        state.seen |= known->bit;
        state.good = state.good && known->read(state, header.value);
    }
}

bool has_all(const read_state& state, std::uint32_t wanted) {
    return (state.seen & wanted) == wanted;
}

/// Turns what was read into a claim or an event; false when it is neither.
bool complete(read_state& state, std::string_view payload) {
    auto& record = state.record;
    if (!state.good || !events::json::parse(payload)) {
        return false;
    }
    record.data = payload;
    if (record.head.type == claim_type) {
        record.kind = events::record_kind::claim;
        record.reign = {.claimed_at = record.at, .writer = events::writer_id(record.head.id.value)};
        record.commit.id = events::commit_id(record.head.id.value);
        record.head.correlation_id = record.head.id.value;
        return has_all(state, of_claim);
    }
    if ((state.seen & of_once) != 0) {
        if (!has_all(state, of_once)) {
            return false;
        }
        record.once = std::move(state.once);
    }
    return has_all(state, of_event);
}

}  // namespace

void encoded_message::finish(std::string_view name) {
    headers_.push_back({name, pending_, values_.size()});
    pending_ = values_.size();
}

void encoded_message::add(std::string_view name, std::string_view value) {
    values_.append(value);
    finish(name);
}

void encoded_message::add(std::string_view name, std::int64_t value) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    add(name, std::string_view(digits.data(), end));
}

void encoded_message::add(std::string_view name, const uuid& value) {
    events::append_to(values_, value);
    finish(name);
}

void encoded_message::encode(const events::record& record, std::string_view source) {
    key_.clear();
    values_.clear();
    headers_.clear();
    pending_ = 0;
    add("ce_specversion", "1.0");
    add("ce_source", source);
    add("content-type", "application/json");
    events::append_to(values_, record.head.time);
    finish("ce_time");
    if (record.kind == events::record_kind::claim) {
        add_claim(record);
    } else {
        add_event(record);
    }
}

void encoded_message::add_claim(const events::record& record) {
    add("ce_type", claim_type);
    add("ce_id", record.reign.writer.value);
}

void encoded_message::add_event(const events::record& record) {
    const auto& head = record.head;
    events::append_to(key_, head.organization.value);
    add("ce_id", head.id.value);
    add("ce_type", head.type);
    add("ce_subject", head.stream);
    add("ce_schemaversion", std::int64_t{head.schema_version});
    add("ce_streamversion", head.stream_version);
    add("ce_organization", head.organization.value);
    add("ce_actor", head.actor);
    add("ce_correlationid", head.correlation_id);
    if (head.causation_id) {
        add("ce_causationid", *head.causation_id);
    }
    if (!head.traceparent.empty()) {
        add("ce_traceparent", head.traceparent);
    }
    values_.append(std::to_string(record.reign.claimed_at)).append(1, ':');
    events::append_to(values_, record.reign.writer.value);
    finish("ce_epoch");
    add("ce_sequence", record.sequence);
    add("ce_commit", record.commit.id.value);
    add("ce_commitindex", std::int64_t{record.commit.index});
    add("ce_commitcount", std::int64_t{record.commit.count});
    if (record.once) {
        add("ce_idempotencykey", record.once->key);
        add("ce_fingerprint", record.once->fingerprint);
        add("ce_answer", record.once->answer);
    }
}

message_header encoded_message::header(std::size_t index) const {
    const slot& at = headers_[index];
    return {at.name, std::string_view(values_).substr(at.begin, at.end - at.begin)};
}

std::size_t encoded_message::bytes() const {
    std::size_t sum = values_.size() + key_.size();
    for (const slot& header : headers_) {
        sum += header.name.size();
    }
    return sum;
}

events::record_ptr decode(const received_message& message) {
    read_state state;
    state.record.partition = message.partition;
    state.record.at = message.at;
    for (const message_header& header : message.headers) {
        read_header(state, header);
    }
    if (complete(state, message.payload)) {
        return std::make_shared<events::record>(std::move(state.record));
    }
    auto ghost = std::make_shared<events::record>();
    ghost->partition = message.partition;
    ghost->at = message.at;
    ghost->kind = events::record_kind::ghost;
    ghost->head.time = message.written_at;
    return ghost;
}

std::size_t message_bytes(const events::record& record) {
    // Names, uuids, numbers and times of all headers come to some 900 bytes.
    constexpr std::size_t fixed = 1024;
    const auto& head = record.head;
    std::size_t sum = fixed + record.data.size() + head.type.size() + head.stream.size() +
                      head.actor.size() + head.traceparent.size();
    if (record.once) {
        sum +=
            record.once->key.size() + record.once->fingerprint.size() + record.once->answer.size();
    }
    return sum;
}

}  // namespace teamflow::infra::kafka
