#pragma once
// The streams and directories of one partition that are in memory: loaded on demand, left when
// cold.

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "commands/decider.hpp"
#include "infra/log/archive.hpp"
#include "infra/steady_timer.hpp"

namespace teamflow::commands {

/// What eviction must know of anything folded in memory.
struct cache_residence {
    /// Commits in flight that changed it; and the last offset that did. It may leave memory only
    /// when the archive, from which it would come back, has all of that.
    std::int32_t in_flight = 0;
    events::offset last = -1;
};

struct cached_stream {
    folded_stream folded;
    cache_residence residence;
};

struct cached_directory {
    directory folded;
    cache_residence residence;
    std::int64_t events_since_snapshot = 0;
};

/// Lives on the writer's executor. References stay valid until the next load or clear().
class stream_cache {
public:
    struct limits {
        std::size_t streams = 20'000;
        std::size_t directories = 500;
        /// A stream or directory whose loading folded more events than this gets a snapshot.
        std::int64_t events_without_snapshot = 1000;
    };

    /// `archived()` answers up to which offset the archive holds the partition.
    stream_cache(
        boost::asio::any_io_executor executor,
        infra::stream_archive& archive,
        std::function<events::offset()> archived,
        limits how
    );

    /// nullptr when it is not in memory.
    cached_stream* find_stream(events::organization_id organization, std::string_view name);
    cached_directory* find_directory(events::organization_id organization);

    /// Loads from snapshot and archive what is not in memory. At most one load of a thing is under
    /// way, so that an older answer never overtakes a newer one. Throws infra::postgres_error and
    /// events::undecodable_event.
    infra::task<> load_stream(events::organization_id organization, std::string name);
    infra::task<> load_directory(events::organization_id organization);

    /// Takes in a stream that nobody has written to yet, without looking for it.
    void begin_stream(events::organization_id organization, std::string_view name);

    /// Forgets everything: what was decided in memory did not come to be.
    void clear();

    [[nodiscard]] std::size_t streams() const { return streams_.size(); }

    [[nodiscard]] std::size_t directories() const { return directories_.size(); }

private:
    template <class Entry>
    struct slot {
        Entry entry;
        std::list<std::string>::iterator age;
    };

    template <class Entry>
    struct shelf {
        std::unordered_map<std::string, slot<Entry>> slots;
        /// Oldest first.
        std::list<std::string> ages;
        std::size_t max;

        [[nodiscard]] std::size_t size() const { return slots.size(); }
    };

    template <class Entry>
    static Entry* find(shelf<Entry>& where, const std::string& key);
    template <class Entry>
    void insert(shelf<Entry>& where, const std::string& key, Entry entry);
    /// True when the caller has to load; false after waiting for another one's load.
    infra::task<bool> begin_load(std::string key);
    void end_load(const std::string& key);
    infra::task<cached_stream> fetch_stream(events::organization_id organization, std::string name);
    infra::task<cached_directory> fetch_directory(events::organization_id organization);

    boost::asio::any_io_executor executor_;
    infra::stream_archive& archive_;
    std::function<events::offset()> archived_;
    limits limits_;
    shelf<cached_stream> streams_;
    shelf<cached_directory> directories_;
    std::unordered_map<std::string, std::shared_ptr<infra::steady_timer>> loading_;
    std::int64_t generation_ = 0;
};

/// The name under which an organization's directory is kept as a snapshot.
inline constexpr std::string_view directory_stream = "directory";

}  // namespace teamflow::commands
