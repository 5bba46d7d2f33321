#include "tests/support/partition_history.hpp"

namespace teamflow::tests {

partition_history::partition_history(
    events::partition_id partition, events::organization_id organization
)
    : partition_(partition), organization_(organization) {
    claim();
}

events::uuid partition_history::make_uuid() {
    ++ids_;
    const auto low = static_cast<std::uint64_t>(partition_) << 40U | ids_;
    return events::make_uuid_v7(time_.time_since_epoch().count(), ids_, low);
}

void partition_history::add(events::record record) {
    record.partition = partition_;
    record.at = static_cast<events::offset>(records_.size());
    records_.push_back(std::make_shared<const events::record>(std::move(record)));
}

void partition_history::claim() {
    previous_reign_ = reign_;
    reign_ = {static_cast<events::offset>(records_.size()), make_id<events::writer_id>()};
    sequence_ = 0;
    events::record record;
    record.kind = events::record_kind::claim;
    record.reign = reign_;
    add(std::move(record));
}

events::record partition_history::next_event(const std::string& stream, events::commit_mark mark) {
    events::record record;
    record.reign = reign_;
    record.sequence = sequence_++;
    record.commit = mark;
    record.head.id = make_id<events::event_id>();
    record.head.stream = stream;
    record.head.stream_version = ++versions_[{organization_, stream}];
    record.head.organization = organization_;
    record.head.actor = actor_;
    record.head.time = time_;
    record.head.correlation_id = record.head.id.value;
    return record;
}

void partition_history::commit(const std::vector<events::event>& all) {
    std::vector<written_event> addressed;
    addressed.reserve(all.size());
    for (const auto& event : all) {
        addressed.push_back({events::stream_of(event), event});
    }
    commit_to(addressed);
}

void partition_history::commit_to(const std::vector<written_event>& all) {
    events::commit_mark mark{
        .id = make_id<events::commit_id>(),
        .index = 0,
        .count = static_cast<std::int16_t>(all.size())
    };
    for (const auto& [stream, event] : all) {
        auto record = next_event(stream, mark);
        record.head.type = events::type_of(event);
        record.head.schema_version = events::schema_version_of(event);
        record.data = events::encode(event);
        add(std::move(record));
        ++mark.index;
    }
}

void partition_history::unfinished_commit(const std::vector<events::event>& all) {
    events::commit_mark mark{
        .id = make_id<events::commit_id>(),
        .index = 0,
        .count = static_cast<std::int16_t>(all.size() + 1)
    };
    for (const auto& event : all) {
        auto record = next_event(events::stream_of(event), mark);
        --versions_[{organization_, record.head.stream}];
        record.head.type = events::type_of(event);
        record.data = events::encode(event);
        add(std::move(record));
        ++mark.index;
    }
}

void partition_history::ghost(const events::event& event) {
    auto record = next_event(events::stream_of(event), {make_id<events::commit_id>(), 0, 1});
    --versions_[{organization_, record.head.stream}];
    --sequence_;
    record.reign = previous_reign_;
    record.head.type = events::type_of(event);
    record.data = events::encode(event);
    add(std::move(record));
}

void partition_history::unknown(const std::string& stream) {
    auto record = next_event(stream, {make_id<events::commit_id>(), 0, 1});
    record.head.type = "future.thing_happened";
    record.data = "{}";
    add(std::move(record));
}

void partition_history::undecodable(const events::event& like) {
    auto record = next_event(events::stream_of(like), {make_id<events::commit_id>(), 0, 1});
    record.head.type = events::type_of(like);
    record.head.schema_version = events::schema_version_of(like);
    record.data = "{}";
    add(std::move(record));
}

}  // namespace teamflow::tests
