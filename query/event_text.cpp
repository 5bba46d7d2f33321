#include "query/event_text.hpp"

namespace teamflow::query {

event_view read_event(const infra::postgres::result& rows, std::size_t row) {
    std::size_t column = 0;
    const auto next = [&]<class T>(T& into) { into = rows.get<T>(row, column++); };
    event_view view;
    next(view.id);
    next(view.type);
    next(view.schema_version);
    next(view.stream);
    next(view.stream_version);
    next(view.organization_id);
    next(view.actor);
    next(view.time);
    next(view.correlation_id);
    next(view.causation_id);
    next(view.partition);
    next(view.offset);
    next(view.data.value);
    return view;
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
    return {
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
}

}  // namespace teamflow::query
