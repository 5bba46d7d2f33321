#include <array>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/routes/families.hpp"
#include "gateway/routes/list_answer.hpp"
#include "query/time_report.hpp"
#include "query/timesheet.hpp"

namespace teamflow::gateway {

namespace {

/// What a report reads, in whatever form it comes.
std::vector<std::string> report_projections() {
    return {"time_logs", "tasks", "projects"};
}

task<query_result<queries::time_report>> show_report(
    call& under_way, queries::report_request asked
) {
    auto report = co_await queries::report_time(
        under_way.with.database, under_way.who.organization, asked, under_way.with.clock.now()
    );
    if (!report) {
        co_return std::unexpected(bad_parameters(std::move(report.error())));
    }
    co_return just(*std::move(report));
}

task<response> show_report_as_csv(call& under_way) {
    auto parameters = read_parameters<queries::report_request>(under_way.http);
    if (!parameters) {
        co_return to_response(std::move(parameters.error()), under_way.http.request_id);
    }
    const auto projections = report_projections();
    auto behind = co_await wait_for_position(under_way, projections);
    if (behind) {
        co_return to_response(std::move(*behind), under_way.http.request_id);
    }
    const std::string position = read_position_of(under_way, projections);
    auto report = co_await show_report(under_way, *std::move(parameters));
    if (!report) {
        co_return to_response(std::move(report.error()), under_way.http.request_id);
    }
    response answer;
    answer.content_type = media::csv;
    answer.body = queries::to_csv(report->value);
    answer.add_header("Vary", "Accept");
    if (!position.empty()) {
        answer.add_header("Event-Position", position);
    }
    co_return answer;
}

task<response> show_report_as_asked(
    call& under_way, const std::function<task<response>(call&)>& as_json
) {
    if (under_way.media == media::json) {
        co_return co_await as_json(under_way);
    }
    co_return co_await show_report_as_csv(under_way);
}

route report_route() {
    auto made = query<queries::report_request, queries::time_report>(
        "/reports/time",
        access::viewer,
        "Sum up logged time by project, task, user, category, tag, day and billable",
        {report_projections()},
        show_report
    );
    made.media = {media::json, "text/csv"};
    made.handle = [as_json = std::move(made.handle)](call& under_way) {
        return show_report_as_asked(under_way, as_json);
    };
    return made;
}

task<query_result<queries::timesheet>> show_timesheet(
    call& under_way, queries::timesheet_request asked
) {
    const auto user = under_way.id<events::user_id>("user_id");
    auto found = co_await queries::find_timesheet(
        under_way.with.database, under_way.who.organization, user, asked, under_way.with.clock.now()
    );
    if (!found) {
        co_return std::unexpected(bad_parameters(std::move(found.error())));
    }
    if (!*found) {
        co_return std::unexpected(not_found("user", to_string(user)));
    }
    co_return just(**std::move(found));
}

}  // namespace

routes report_routes() {
    return {
        report_route(),
        query<queries::timesheet_request, queries::timesheet>(
            "/timesheets/{user_id}",
            access::viewer,
            "Show what a person worked in a week",
            {{"time_logs", "tasks", "projects", "organizations"}},
            show_timesheet
        ),
    };
}

}  // namespace teamflow::gateway
