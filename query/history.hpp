#pragma once
// Events of the archive by what is known of them, in order, page by page.

#include <optional>
#include <string>
#include <vector>

#include "infra/asio.hpp"
#include "infra/postgres/pool.hpp"
#include "query/event_text.hpp"

namespace teamflow::query {

/// Which events are asked for; what is empty asks for all. `from` is included, `to` is not.
struct history_filter {
    std::optional<events::organization_id> organization;
    std::vector<std::string> types;
    std::optional<std::string> stream;
    std::optional<events::timestamp> from;
    std::optional<events::timestamp> to;
    std::optional<std::string> actor;
    std::optional<events::uuid> correlation_id;

    [[nodiscard]] bool wants(const events::record& event) const;
};
BOOST_DESCRIBE_STRUCT(
    history_filter, (), (organization, types, stream, from, to, actor, correlation_id)
)

/// A part of a partition: behind `after`, up to and with `until`.
struct history_range {
    events::partition_id partition = 0;
    events::offset after = -1;
    events::offset until = -1;
};

/// A statement with its parameters.
struct history_page {
    std::string sql;
    infra::postgres::params values;
};

/// The first events of the range that the filter wants, in the order of offsets, at most `limit`:
/// rows for read_event().
history_page page_of(const history_filter& filter, const history_range& range, std::int32_t limit);

/// Lives on the thread of its pool. Holds one page at a time.
class history {
public:
    history(
        infra::postgres::pool& database, history_filter filter, std::vector<history_range> ranges
    );

    /// The next events, range by range and in the order of offsets; fewer than `limit` only at the
    /// end. Throws postgres_error.
    infra::task<std::vector<event_view>> next(std::int32_t limit);

    /// How far it was read, as a position list: what comes after is not read yet.
    [[nodiscard]] std::string position() const;

private:
    infra::task<std::vector<event_view>> read(history_range range, std::int32_t limit);

    infra::postgres::pool& database_;
    history_filter filter_;
    std::vector<history_range> ranges_;
    std::size_t current_ = 0;
};

/// One event of the organization, of any without one; nullopt when there is none. Throws
/// postgres_error.
infra::task<std::optional<event_view>> find_event(
    infra::postgres::pool& database,
    std::optional<events::organization_id> organization,
    events::event_id id
);

/// The statement of causes_of().
history_page causes_page(std::optional<events::organization_id> organization, events::event_id id);

/// All events of the request that led to this one, and of what followed from it, in order of time
/// and at most 1000; none when there is no such event. A registration's lie in two organizations:
/// only without `organization` both are seen. Throws postgres_error.
infra::task<std::vector<event_view>> causes_of(
    infra::postgres::pool& database,
    std::optional<events::organization_id> organization,
    events::event_id id
);

}  // namespace teamflow::query
