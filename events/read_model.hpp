#pragma once
// The acts of admins on read models; streams `read-model-<name>` in the nil organization. The
// actor of an envelope is the operator, or `cli:<user>@<host>`.

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/describe/class.hpp>
#include <boost/mp11/list.hpp>

#include "events/ids.hpp"
#include "events/stream.hpp"
#include "events/time.hpp"

namespace teamflow::events {

struct rebuild_started {
    static constexpr std::string_view type = "read_model.rebuild_started";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary = "An admin had a read model built anew.";

    std::string read_model;
    /// How long the build that it replaces is kept for an undo.
    std::int64_t keep_seconds = 0;
    /// When the admin did it; the envelope's time is when it came to the log.
    timestamp acted_at;

    [[nodiscard]] std::string stream() const { return read_model_stream(read_model); }
};
BOOST_DESCRIBE_STRUCT(rebuild_started, (), (read_model, keep_seconds, acted_at))

struct rebuild_undone {
    static constexpr std::string_view type = "read_model.rebuild_undone";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary =
        "An admin had a read model return to the build before.";

    std::string read_model;
    timestamp acted_at;

    [[nodiscard]] std::string stream() const { return read_model_stream(read_model); }
};
BOOST_DESCRIBE_STRUCT(rebuild_undone, (), (read_model, acted_at))

struct rebuild_paused {
    static constexpr std::string_view type = "read_model.rebuild_paused";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary = "An admin let a rebuild rest.";

    std::string read_model;
    timestamp acted_at;

    [[nodiscard]] std::string stream() const { return read_model_stream(read_model); }
};
BOOST_DESCRIBE_STRUCT(rebuild_paused, (), (read_model, acted_at))

struct rebuild_resumed {
    static constexpr std::string_view type = "read_model.rebuild_resumed";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary = "An admin let a rebuild go on.";

    std::string read_model;
    timestamp acted_at;

    [[nodiscard]] std::string stream() const { return read_model_stream(read_model); }
};
BOOST_DESCRIBE_STRUCT(rebuild_resumed, (), (read_model, acted_at))

struct rebuild_aborted {
    static constexpr std::string_view type = "read_model.rebuild_aborted";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary =
        "An admin gave a rebuild up; the live build stayed.";

    std::string read_model;
    timestamp acted_at;

    [[nodiscard]] std::string stream() const { return read_model_stream(read_model); }
};
BOOST_DESCRIBE_STRUCT(rebuild_aborted, (), (read_model, acted_at))

struct commit_retried {
    static constexpr std::string_view type = "read_model.commit_retried";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary =
        "An admin had a parked commit tried again, with what waited behind it.";

    std::string read_model;
    events::commit_id commit_id;
    /// How many of the commits count in the read model since then, and how many wait on.
    std::int64_t applied = 0;
    std::int64_t waiting = 0;
    timestamp acted_at;

    [[nodiscard]] std::string stream() const { return read_model_stream(read_model); }
};
BOOST_DESCRIBE_STRUCT(commit_retried, (), (read_model, commit_id, applied, waiting, acted_at))

struct commit_skipped {
    static constexpr std::string_view type = "read_model.commit_skipped";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary =
        "An admin gave a parked commit up, for this build of the read model and all to come.";

    std::string read_model;
    events::commit_id commit_id;
    std::string reason;
    /// Of the commits that waited behind it.
    std::int64_t applied = 0;
    std::int64_t waiting = 0;
    timestamp acted_at;

    [[nodiscard]] std::string stream() const { return read_model_stream(read_model); }
};
BOOST_DESCRIBE_STRUCT(
    commit_skipped, (), (read_model, commit_id, reason, applied, waiting, acted_at)
)

struct rows_repaired {
    static constexpr std::string_view type = "read_model.rows_repaired";
    static constexpr std::int16_t schema_version = 1;
    static constexpr std::string_view summary =
        "An admin had rows made anew from the events of their organization.";

    std::string read_model;
    /// Of the rows; an organization's id means all of its rows.
    std::string key;
    timestamp acted_at;

    [[nodiscard]] std::string stream() const { return read_model_stream(read_model); }
};
BOOST_DESCRIBE_STRUCT(rows_repaired, (), (read_model, key, acted_at))

using read_model_events = boost::mp11::mp_list<
    rebuild_started,
    rebuild_undone,
    rebuild_paused,
    rebuild_resumed,
    rebuild_aborted,
    commit_retried,
    commit_skipped,
    rows_repaired>;

}  // namespace teamflow::events
