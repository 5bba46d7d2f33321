#include "query/event_text.hpp"

#include "events/upcast.hpp"

namespace teamflow::query {

namespace {

void bring_forward(event_view& view) {
    if (auto newer = events::brought_forward(view.type, view.schema_version, view.data.value)) {
        view.schema_version = events::version_reached(view.type, view.schema_version);
        view.data.value = *std::move(newer);
    }
}

}  // namespace

event_view read_event(const infra::postgres::result& rows, std::size_t row) {
    event_view view;
    read_event(rows, row, view);
    return view;
}

void read_event(const infra::postgres::result& rows, std::size_t row, event_view& into) {
    std::size_t column = 0;
    const auto next = [&]<class T>(T& member) {
        if constexpr (std::is_same_v<T, std::string>) {
            member = rows.get<std::string_view>(row, column++);
        } else {
            member = rows.get<T>(row, column++);
        }
    };
    next(into.id);
    next(into.type);
    next(into.schema_version);
    next(into.stream);
    next(into.stream_version);
    next(into.organization_id);
    next(into.actor);
    next(into.time);
    next(into.correlation_id);
    next(into.causation_id);
    next(into.partition);
    next(into.offset);
    next(into.data.value);
    bring_forward(into);
}

std::vector<event_view> read_events(const infra::postgres::result& rows) {
    std::vector<event_view> views;
    views.reserve(rows.rows());
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        views.push_back(read_event(rows, row));
    }
    return views;
}

event_view view_of(const events::record& record) {
    const auto& head = record.head;
    event_view view{
        .id = head.id,
        .type = head.type,
        .schema_version = head.schema_version,
        .stream = head.stream,
        .stream_version = head.stream_version,
        .organization_id = head.organization,
        .actor = head.actor,
        .time = head.time,
        .correlation_id = head.correlation_id,
        .causation_id = head.causation_id,
        .partition = record.partition,
        .offset = record.at,
        .data = {record.data}
    };
    bring_forward(view);
    return view;
}

}  // namespace teamflow::query
