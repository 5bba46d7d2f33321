#include "gateway/process_report.hpp"

#include "events/json/write.hpp"
#include "infra/postgres/error.hpp"

namespace teamflow::gateway {

response health_answer() {
    return json_response(
        200, events::json::to_json(health{.status = "ok", .version = TEAMFLOW_VERSION})
    );
}

task<bool> database_answers(infra::postgres::pool& database) {
    static constexpr infra::postgres::statement ping{"health.ping", "select 1"};
    try {
        co_await database.query(ping);
        co_return true;
    } catch (const infra::postgres_error&) {
        co_return false;
    }
}

response readiness_answer(const process_report& report, bool has_database) {
    readiness all{.status = "ready"};
    all.checks.database = {
        has_database ? "ok" : "failed", has_database ? "" : "PostgreSQL does not answer"
    };
    bool ready = has_database;
    for (const auto& check : report.checks()) {
        events::json::for_each_member<readiness_checks>([&](auto descriptor) {
            if (descriptor.name == check.name) {
                all.checks.*descriptor.pointer = {check.ok ? "ok" : "failed", check.detail};
            }
        });
        ready = ready && check.ok;
    }
    all.status = ready ? "ready" : "not_ready";
    auto answer = json_response(ready ? 200 : 503, events::json::to_json(all));
    if (!ready) {
        answer.add_header("Retry-After", "1");
    }
    return answer;
}

response metrics_answer(const process_report& report) {
    response answer;
    answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
    answer.body = report.metrics();
    return answer;
}

}  // namespace teamflow::gateway
