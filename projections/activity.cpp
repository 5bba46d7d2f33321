#include "projections/activity.hpp"

namespace teamflow::projections {

namespace {

template <class Event>
concept of_project = requires(const Event& event) {
    { event.project_id } -> std::convertible_to<events::project_id>;
};

template <class Event>
concept of_task = requires(const Event& event) {
    { event.task_id } -> std::convertible_to<events::task_id>;
};

constexpr auto note = [](unit_of_work& rows, const auto& event, const event_context& context) {
    activity_row row{
        .partition = context.at.partition,
        .offset = context.at.at,
        .project_id = event.project_id,
        .task_id = {}
    };
    if constexpr (of_task<std::remove_cvref_t<decltype(event)>>) {
        row.task_id = event.task_id;
    }
    rows.put(row);
};

/// Every event type that names its project.
std::vector<handler> handlers() {
    std::vector<handler> out;
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, events::all_events>>(
        [&]<class Event>(std::type_identity<Event>) {
            if constexpr (of_project<Event>) {
                out.push_back(on<Event>(note));
            }
        }
    );
    return out;
}

}  // namespace

projection activity() {
    return {
        .name = "activity",
        .version = 1,
        .tables = tables_of<activity_row>(),
        .handlers = handlers(),
    };
}

}  // namespace teamflow::projections
