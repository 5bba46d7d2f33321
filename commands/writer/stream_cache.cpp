#include "commands/writer/stream_cache.hpp"

#include <utility>

#include <spdlog/spdlog.h>

#include <boost/asio/redirect_error.hpp>

#include "commands/writer/snapshot_format.hpp"
#include "events/json/parse.hpp"

namespace teamflow::commands {

namespace {

constexpr std::int32_t page = 1000;
/// Entries looked at for one that may leave; in-flight ones are few and young.
constexpr int eviction_tries = 16;

std::string key_of(events::organization_id organization, std::string_view name) {
    std::string key(reinterpret_cast<const char*>(organization.value.data), 16);
    key += name;
    return key;
}

}  // namespace

stream_cache::stream_cache(
    boost::asio::any_io_executor executor,
    infra::stream_archive& archive,
    std::function<events::offset()> archived,
    limits how
)
    : executor_(std::move(executor)),
      archive_(archive),
      archived_(std::move(archived)),
      limits_(how),
      streams_{.slots = {}, .ages = {}, .max = how.streams},
      directories_{.slots = {}, .ages = {}, .max = how.directories} {}

template <class Entry>
Entry* stream_cache::find(shelf<Entry>& where, const std::string& key) {
    const auto found = where.slots.find(key);
    if (found == where.slots.end()) {
        return nullptr;
    }
    where.ages.splice(where.ages.end(), where.ages, found->second.age);
    return &found->second.entry;
}

template <class Entry>
void stream_cache::insert(shelf<Entry>& where, const std::string& key, Entry entry) {
    auto oldest = where.ages.begin();
    for (int i = 0; i < eviction_tries && where.size() >= where.max; ++i) {
        if (oldest == where.ages.end()) {
            break;
        }
        const auto& residence = where.slots.at(*oldest).entry.residence;
        if (residence.in_flight == 0 && residence.last <= archived_()) {
            where.slots.erase(*oldest);
            oldest = where.ages.erase(oldest);
        } else {
            ++oldest;
        }
    }
    const auto age = where.ages.insert(where.ages.end(), key);
    where.slots.emplace(key, slot<Entry>{.entry = std::move(entry), .age = age});
}

cached_stream* stream_cache::find_stream(
    events::organization_id organization, std::string_view name
) {
    return find(streams_, key_of(organization, name));
}

cached_directory* stream_cache::find_directory(events::organization_id organization) {
    return find(directories_, key_of(organization, directory_stream));
}

infra::task<bool> stream_cache::begin_load(std::string key) {
    const auto under_way = loading_.find(key);
    if (under_way == loading_.end()) {
        auto done = std::make_shared<infra::steady_timer>(executor_);
        done->expires_at(infra::steady_timer::time_point::max());
        loading_.emplace(std::move(key), std::move(done));
        co_return true;
    }
    const auto done = under_way->second;
    boost::system::error_code cancelled;
    co_await done->async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
    co_return false;
}

void stream_cache::end_load(const std::string& key) {
    const auto found = loading_.find(key);
    found->second->cancel();
    loading_.erase(found);
}

infra::task<> stream_cache::load_stream(events::organization_id organization, std::string name) {
    const std::string key = key_of(organization, name);
    const bool mine = co_await begin_load(key);
    if (!mine) {
        co_return;
    }
    const std::int64_t generation = generation_;
    try {
        auto loaded = co_await fetch_stream(organization, std::move(name));
        if (generation == generation_) {
            insert(streams_, key, std::move(loaded));
        }
    } catch (...) {
        end_load(key);
        throw;
    }
    end_load(key);
}

infra::task<> stream_cache::load_directory(events::organization_id organization) {
    const std::string key = key_of(organization, directory_stream);
    const bool mine = co_await begin_load(key);
    if (!mine) {
        co_return;
    }
    const std::int64_t generation = generation_;
    try {
        auto loaded = co_await fetch_directory(organization);
        if (generation == generation_) {
            insert(directories_, key, std::move(loaded));
        }
    } catch (...) {
        end_load(key);
        throw;
    }
    end_load(key);
}

infra::task<cached_stream> stream_cache::fetch_stream(
    events::organization_id organization, std::string name
) {
    cached_stream stream;
    const auto taken = co_await archive_.find_snapshot(organization, name);
    if (taken && taken->at <= archived_()) {
        restore(*taken, stream.folded);
        stream.residence.last = stream.folded.version == 0 ? -1 : taken->at;
    }
    std::int64_t folded = 0;
    while (true) {
        const auto records =
            co_await archive_.stream(organization, name, stream.folded.version, page);
        for (const auto& record : records) {
            apply_record(stream.folded, *record);
            stream.residence.last = record->at;
        }
        folded += std::ssize(records);
        if (std::ssize(records) < page) {
            break;
        }
    }
    if (folded > limits_.events_without_snapshot) {
        auto fresh = snapshot_of(organization, name, stream.folded, stream.residence.last);
        co_await archive_.save_snapshot(std::move(fresh));
    }
    co_return stream;
}

infra::task<cached_directory> stream_cache::fetch_directory(events::organization_id organization) {
    cached_directory loaded;
    // The nil organization has no directory: it would hold every user of the instance.
    if (organization == events::nil_organization) {
        co_return loaded;
    }
    const auto taken = co_await archive_.find_snapshot(organization, std::string(directory_stream));
    if (taken && taken->at <= archived_() && restore(*taken, loaded.folded)) {
        loaded.residence.last = taken->at;
    }
    while (true) {
        const auto records =
            co_await archive_.organization(organization, loaded.residence.last, page);
        for (const auto& record : records) {
            apply_record(loaded.folded, *record);
            loaded.residence.last = record->at;
        }
        loaded.events_since_snapshot += std::ssize(records);
        if (std::ssize(records) < page) {
            break;
        }
    }
    if (loaded.events_since_snapshot > limits_.events_without_snapshot) {
        auto fresh = snapshot_of(organization, loaded.folded, loaded.residence.last);
        co_await archive_.save_snapshot(std::move(fresh));
        loaded.events_since_snapshot = 0;
    }
    co_return loaded;
}

void stream_cache::begin_stream(events::organization_id organization, std::string_view name) {
    insert(streams_, key_of(organization, name), cached_stream{});
}

void stream_cache::clear() {
    ++generation_;
    streams_.slots.clear();
    streams_.ages.clear();
    directories_.slots.clear();
    directories_.ages.clear();
}

}  // namespace teamflow::commands
