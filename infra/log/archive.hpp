#pragma once
// Reading history from log_records: streams, organizations, idempotency keys, snapshots, ranges.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "events/fold.hpp"
#include "events/record.hpp"
#include "infra/asio.hpp"
#include "infra/postgres/pool.hpp"

namespace teamflow::infra {

/// A folded state as JSON, good up to `version` of its stream and `at` of its partition.
struct snapshot {
    events::organization_id organization;
    std::string stream;
    std::int64_t version = 0;
    events::offset at = -1;
    /// Number of the layout of `state`; another number means: ignore it and fold anew.
    std::int32_t format = 0;
    std::string state;
};

/// What the write side loads from. An interface so that a simulator can stand in for PostgreSQL.
class stream_archive {
public:
    stream_archive() = default;
    stream_archive(const stream_archive&) = delete;
    stream_archive& operator=(const stream_archive&) = delete;
    virtual ~stream_archive() = default;

    /// Valid events of a stream with versions above `after_version`, in order, at most `limit`.
    virtual task<std::vector<events::record_ptr>> stream(
        events::organization_id organization,
        std::string stream,
        std::int64_t after_version,
        std::int32_t limit
    ) = 0;

    /// Valid events of an organization behind `after`, in order, at most `limit`.
    virtual task<std::vector<events::record_ptr>> organization(
        events::organization_id organization, events::offset after, std::int32_t limit
    ) = 0;

    /// The last record of the commit that took effect under this idempotency key.
    virtual task<events::record_ptr> find_once(std::string key) = 0;

    virtual task<std::optional<snapshot>> find_snapshot(
        events::organization_id organization, std::string stream
    ) = 0;

    /// Keeps the newer one of `taken` and what is there.
    virtual task<> save_snapshot(snapshot taken) = 0;
};

/// The archive in PostgreSQL. Lives on the thread of its pool. Throws postgres_error.
class archive final : public stream_archive {
public:
    explicit archive(postgres::pool& database) : database_(database) {}

    task<std::vector<events::record_ptr>> stream(
        events::organization_id organization,
        std::string stream,
        std::int64_t after_version,
        std::int32_t limit
    ) override;

    task<std::vector<events::record_ptr>> organization(
        events::organization_id organization, events::offset after, std::int32_t limit
    ) override;

    /// nullptr when no commit has it.
    task<events::record_ptr> find_once(std::string key) override;

    task<std::optional<snapshot>> find_snapshot(
        events::organization_id organization, std::string stream
    ) override;

    task<> save_snapshot(snapshot taken) override;

    /// Records of every kind from `from` on, in order, at most `limit`.
    task<std::vector<events::record_ptr>> range(
        events::partition_id partition, events::offset from, std::int64_t limit
    );

private:
    postgres::pool& database_;
};

}  // namespace teamflow::infra
