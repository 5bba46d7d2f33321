#include "commands/writer/snapshot_format.hpp"

#include <boost/mp11/algorithm.hpp>

#include "commands/writer/stream_cache.hpp"
#include "events/json/parse.hpp"
#include "events/json/read.hpp"
#include "events/json/write.hpp"
#include "events/stream.hpp"

namespace teamflow::commands {

namespace {

/// Raise it whenever a state or the directory changes its meaning; old snapshots are then ignored.
constexpr std::int32_t format = 2;

struct stream_snapshot {
    std::int64_t version = 0;
    events::timestamp created_at;
    events::user_id created_by;
    events::timestamp updated_at;
    boost::json::value state;
};
BOOST_DESCRIBE_STRUCT(stream_snapshot, (), (version, created_at, created_by, updated_at, state))

template <class T>
std::optional<T> read_state(const std::string& text) {
    const auto value = events::json::parse(text);
    if (!value) {
        return std::nullopt;
    }
    auto state = events::json::read<T>(*value);
    return state ? std::optional(std::move(*state)) : std::nullopt;
}

/// The alternative of stream_state that belongs to the kind of stream, read from JSON.
bool read_alternative(
    events::stream_kind kind, const boost::json::value& from, stream_state& into
) {
    bool done = false;
    using states = boost::mp11::mp_rest<boost::mp11::mp_rename<stream_state, boost::mp11::mp_list>>;
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, states>>([&](auto which
                                                                                    ) {
        using state = decltype(which)::type;
        if (state::kind == kind) {
            if (auto value = events::json::read<state>(from)) {
                into = std::move(*value);
                done = true;
            }
        }
    });
    return done;
}

boost::json::value state_value(const stream_state& state) {
    return std::visit(
        [](const auto& alternative) -> boost::json::value {
            if constexpr (std::is_same_v<decltype(alternative), const std::monostate&>) {
                return nullptr;
            } else {
                return events::json::parse(events::json::to_json(alternative)).value();
            }
        },
        state
    );
}

}  // namespace

void apply_record(folded_stream& folded, const events::record& record) {
    const auto& head = record.head;
    const auto event = events::decode(head.type, head.schema_version, record.data);
    if (event) {
        apply(folded, head.stream, *event, head.time, actor_of(head));
    }
    folded.version = head.stream_version;
}

void apply_record(directory& folded, const events::record& record) {
    const auto& head = record.head;
    if (const auto event = events::decode(head.type, head.schema_version, record.data)) {
        apply(folded, *event);
    }
}

bool restore(const infra::snapshot& taken, folded_stream& folded) {
    const auto kind = events::kind_of(taken.stream);
    if (taken.format != format || !kind) {
        return false;
    }
    const auto read = read_state<stream_snapshot>(taken.state);
    folded_stream restored;
    if (!read || !read_alternative(*kind, read->state, restored.state)) {
        return false;
    }
    restored.version = read->version;
    restored.created_at = read->created_at;
    restored.created_by = read->created_by;
    restored.updated_at = read->updated_at;
    folded = std::move(restored);
    return true;
}

bool restore(const infra::snapshot& taken, directory& folded) {
    const auto read =
        taken.format == format ? read_state<directory_snapshot>(taken.state) : std::nullopt;
    if (read) {
        folded = from_snapshot(*read);
    }
    return read.has_value();
}

infra::snapshot snapshot_of(
    events::organization_id organization,
    std::string stream,
    const folded_stream& folded,
    events::offset at
) {
    const stream_snapshot state{
        .version = folded.version,
        .created_at = folded.created_at,
        .created_by = folded.created_by,
        .updated_at = folded.updated_at,
        .state = state_value(folded.state)
    };
    return {
        .organization = organization,
        .stream = std::move(stream),
        .version = folded.version,
        .at = at,
        .format = format,
        .state = events::json::to_json(state)
    };
}

infra::snapshot snapshot_of(
    events::organization_id organization, const directory& folded, events::offset at
) {
    return {
        .organization = organization,
        .stream = std::string(directory_stream),
        .version = 0,
        .at = at,
        .format = format,
        .state = events::json::to_json(to_snapshot(folded))
    };
}

}  // namespace teamflow::commands
