#pragma once
// Writes the records of one partition as a writer would: claims, commits, ghosts.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "events/record.hpp"
#include "events/registry.hpp"

namespace teamflow::tests {

/// One event of a commit and the stream that it goes to.
struct written_event {
    std::string stream;
    events::event event;
};

/// Records are numbered, sequenced and versioned as the fold demands. Ids follow from a counter, so
/// that two histories made alike are alike.
class partition_history {
public:
    explicit partition_history(
        events::partition_id partition, events::organization_id organization = {}
    );

    /// A new epoch.
    void claim();

    /// A commit; each event goes to events::stream_of() of it.
    void commit(const std::vector<events::event>& all);

    /// A commit to named streams.
    void commit_to(const std::vector<written_event>& all);

    /// A commit whose last record is missing.
    void unfinished_commit(const std::vector<events::event>& all);

    /// A record of the reign before the current one.
    void ghost(const events::event& event);

    /// An event of a type that no program knows.
    void unknown(const std::string& stream);

    /// An event of that type whose payload is not what the type says.
    void undecodable(const events::event& like);

    /// The organization, actor and time of the events to come.
    void set_organization(events::organization_id organization) { organization_ = organization; }

    void set_actor(events::user_id actor) { actor_ = to_string(actor); }

    void set_time(events::timestamp time) { time_ = time; }

    /// All records so far.
    [[nodiscard]] const std::vector<events::record_ptr>& records() const { return records_; }

    [[nodiscard]] events::position end() const {
        return {partition_, static_cast<events::offset>(records_.size()) - 1};
    }

    /// A new id, the same for the n-th call on any history of that partition.
    template <class Id>
    Id make_id() {
        return Id{make_uuid()};
    }

private:
    events::uuid make_uuid();
    events::record next_event(const std::string& stream, events::commit_mark mark);
    void add(events::record record);

    events::partition_id partition_;
    events::organization_id organization_;
    std::string actor_ = "system:test";
    events::timestamp time_{std::chrono::milliseconds(1'795'000'000'000)};
    events::epoch reign_;
    events::epoch previous_reign_;
    std::int64_t sequence_ = 0;
    std::uint64_t ids_ = 0;
    std::map<std::pair<events::organization_id, std::string>, std::int64_t> versions_;
    std::vector<events::record_ptr> records_;
};

}  // namespace teamflow::tests
