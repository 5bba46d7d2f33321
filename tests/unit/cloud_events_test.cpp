#include "infra/kafka/cloud_events.hpp"

#include <algorithm>
#include <map>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

using namespace teamflow;
using namespace teamflow::infra::kafka;

namespace {

using headers = std::map<std::string, std::string>;

events::uuid uuid_of(std::uint64_t number) {
    return events::make_uuid_v7(1'763'700'000'000, number, number * 7);
}

events::record event() {
    events::record record;
    record.partition = 3;
    record.at = 42;
    record.reign = {.claimed_at = 17, .writer = events::writer_id(uuid_of(1))};
    record.sequence = 5;
    record.commit = {.id = events::commit_id(uuid_of(2)), .index = 1, .count = 2};
    record.head = {
        .id = events::event_id(uuid_of(3)),
        .type = "task.created",
        .schema_version = 2,
        .stream = "task-1",
        .stream_version = 9,
        .organization = events::organization_id(uuid_of(4)),
        .actor = "system:queue",
        .time = events::timestamp(std::chrono::milliseconds(1'763'700'000'125)),
        .correlation_id = uuid_of(5),
        .causation_id = uuid_of(6),
        .traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    };
    record.data = R"({"title":"Grüße"})";
    record.once = events::idempotency{.key = "k", .fingerprint = "f", .answer = "{}"};
    return record;
}

headers encoded(const events::record& record) {
    encoded_message message;
    message.encode(record, "/teamflow/test");
    headers all;
    for (std::size_t i = 0; i < message.headers(); ++i) {
        const auto header = message.header(i);
        CHECK(all.emplace(header.name, header.value).second);
    }
    CHECK(message.bytes() + record.data.size() <= message_bytes(record));
    return all;
}

events::record_ptr decoded(const headers& all, std::string_view payload) {
    std::vector<message_header> views;
    views.reserve(all.size());
    for (const auto& [name, value] : all) {
        views.push_back({name, value});
    }
    return decode(
        {.partition = 3,
         .at = 42,
         .written_at = events::timestamp(std::chrono::milliseconds(7)),
         .headers = views,
         .payload = payload}
    );
}

void check_same(const events::record& left, const events::record& right) {
    CHECK(left.partition == right.partition);
    CHECK(left.at == right.at);
    CHECK(left.kind == right.kind);
    CHECK(left.reign == right.reign);
    CHECK(left.sequence == right.sequence);
    CHECK(left.commit.id == right.commit.id);
    CHECK(left.commit.index == right.commit.index);
    CHECK(left.commit.count == right.commit.count);
    CHECK(left.head.id == right.head.id);
    CHECK(left.head.type == right.head.type);
    CHECK(left.head.schema_version == right.head.schema_version);
    CHECK(left.head.stream == right.head.stream);
    CHECK(left.head.stream_version == right.head.stream_version);
    CHECK(left.head.organization == right.head.organization);
    CHECK(left.head.actor == right.head.actor);
    CHECK(left.head.time == right.head.time);
    CHECK(left.head.correlation_id == right.head.correlation_id);
    CHECK(left.head.causation_id == right.head.causation_id);
    CHECK(left.head.traceparent == right.head.traceparent);
    CHECK(left.data == right.data);
    CHECK(left.once == right.once);
}

void check_ghost(const events::record_ptr& record) {
    CHECK(record->kind == events::record_kind::ghost);
    CHECK(record->partition == 3);
    CHECK(record->at == 42);
    CHECK(record->data.empty());
    CHECK(record->head.time.time_since_epoch().count() == 7);
}

}  // namespace

TEST_CASE("an event goes to a Kafka message and back unchanged") {
    auto record = event();
    check_same(*decoded(encoded(record), record.data), record);
    record.once.reset();
    record.head.causation_id.reset();
    record.head.traceparent.clear();
    check_same(*decoded(encoded(record), record.data), record);
}

TEST_CASE("the headers are the ones that other readers of the topic rely on") {
    const auto record = event();
    const headers expected = {
        {"ce_specversion", "1.0"},
        {"ce_source", "/teamflow/test"},
        {"content-type", "application/json"},
        {"ce_id", to_string(record.head.id)},
        {"ce_type", "task.created"},
        {"ce_subject", "task-1"},
        {"ce_time", "2025-11-21T04:40:00.125Z"},
        {"ce_schemaversion", "2"},
        {"ce_streamversion", "9"},
        {"ce_organization", to_string(record.head.organization)},
        {"ce_actor", "system:queue"},
        {"ce_correlationid", events::to_string(record.head.correlation_id)},
        {"ce_causationid", events::to_string(*record.head.causation_id)},
        {"ce_traceparent", record.head.traceparent},
        {"ce_epoch", "17:" + to_string(record.reign.writer)},
        {"ce_sequence", "5"},
        {"ce_commit", to_string(record.commit.id)},
        {"ce_commitindex", "1"},
        {"ce_commitcount", "2"},
        {"ce_idempotencykey", "k"},
        {"ce_fingerprint", "f"},
        {"ce_answer", "{}"},
    };
    CHECK(encoded(record) == expected);
    encoded_message message;
    message.encode(record, "/teamflow/test");
    CHECK(message.key() == to_string(record.head.organization));
}

TEST_CASE("a claim names its writer, and its epoch begins where it lies") {
    events::record claim;
    claim.kind = events::record_kind::claim;
    claim.reign.writer = events::writer_id(uuid_of(8));
    claim.data = R"({"address":"http://127.0.0.1:8080"})";
    const auto seen = decoded(encoded(claim), claim.data);
    CHECK(seen->kind == events::record_kind::claim);
    CHECK(seen->reign == events::epoch{.claimed_at = 42, .writer = claim.reign.writer});
    CHECK(seen->head.type == claim_type);
    CHECK(seen->data == claim.data);
    encoded_message message;
    message.encode(claim, "/teamflow/test");
    CHECK(message.key().empty());
}

TEST_CASE("headers of others do not disturb, and the first of two counts") {
    const auto record = event();
    auto all = encoded(record);
    all.emplace("ce_newattribute", "\xff\xfe");
    all.emplace("x-other", "");
    check_same(*decoded(all, record.data), record);
    std::vector<message_header> twice;
    for (const auto& [name, value] : all) {
        twice.push_back({name, value});
    }
    twice.push_back({"ce_sequence", "999"});
    const auto seen = decode(
        {.partition = 3, .at = 42, .written_at = {}, .headers = twice, .payload = record.data}
    );
    check_same(*seen, record);
}

TEST_CASE("what is no event of ours is a ghost: a missing or malformed attribute") {
    const auto record = event();
    check_ghost(decoded({}, "plain text of somebody else"));
    check_ghost(decoded({}, ""));
    const headers whole = encoded(record);
    for (const auto& [name, value] : whole) {
        const bool optional = name == "ce_source" || name == "content-type" ||
                              name == "ce_causationid" || name == "ce_traceparent";
        INFO(name);
        auto without = whole;
        without.erase(name);
        CHECK((decoded(without, record.data)->kind == events::record_kind::event) == optional);
        auto broken = whole;
        broken[name] = "\xc3\x28";
        const bool ignored = name == "ce_source" || name == "content-type";
        CHECK((decoded(broken, record.data)->kind == events::record_kind::event) == ignored);
    }
    for (const auto* payload : {"", "{", "{} x", "{\"a\":\"\\u0000\"}", "\xff"}) {
        check_ghost(decoded(whole, payload));
    }
}

TEST_CASE("numbers that no record has are refused") {
    const auto record = event();
    for (const auto* name : {"ce_sequence", "ce_commitindex", "ce_streamversion"}) {
        for (const auto* number : {"", "-1", "+1", " 1", "1 ", "0x1", "99999999999999999999"}) {
            auto broken = encoded(record);
            broken[name] = number;
            check_ghost(decoded(broken, record.data));
        }
    }
    for (const auto* epoch :
         {"", ":", "17", "17:", "a:b", "-1:01936f3c-7b1a-7000-8000-000000000001"}) {
        auto broken = encoded(record);
        broken["ce_epoch"] = epoch;
        check_ghost(decoded(broken, record.data));
    }
}

TEST_CASE("any headers and any payload decode to something") {
    const auto decodes = [](const headers& all, const std::string& payload) {
        const auto record = decoded(all, payload);
        RC_ASSERT(record->at == 42);
    };
    CHECK(rc::check("random headers", decodes));
    const auto mutated = [](std::size_t which, const std::string& value, bool erase) {
        const auto record = event();
        auto all = encoded(record);
        const auto place = std::next(all.begin(), static_cast<std::ptrdiff_t>(which % all.size()));
        if (erase) {
            all.erase(place);
        } else {
            place->second = value;
        }
        RC_ASSERT(decoded(all, record.data)->at == 42);
    };
    CHECK(rc::check("mutated headers", mutated));
}
