#include "gateway/routes/families.hpp"

namespace teamflow::gateway {

namespace {

struct health {
    std::string status;
    std::string version;
};
BOOST_DESCRIBE_STRUCT(health, (), (status, version))

struct readiness_check {
    std::string status;
    std::string detail;
};
BOOST_DESCRIBE_STRUCT(readiness_check, (), (status, detail))

struct readiness_checks {
    readiness_check log;
    readiness_check database;
    readiness_check ownership;
    readiness_check projections;
};
BOOST_DESCRIBE_STRUCT(readiness_checks, (), (log, database, ownership, projections))

struct readiness {
    std::string status;
    readiness_checks checks;
};
BOOST_DESCRIBE_STRUCT(readiness, (), (status, checks))

task<response> tell_health(call&) {
    co_return json_response(
        200, events::json::to_json(health{.status = "ok", .version = TEAMFLOW_VERSION})
    );
}

task<bool> database_answers(services& with) {
    static constexpr infra::postgres::statement ping{"health.ping", "select 1"};
    try {
        co_await with.database.query(ping);
        co_return true;
    } catch (const infra::postgres_error&) {
        co_return false;
    }
}

task<response> tell_readiness(call& under_way) {
    readiness all{.status = "ready"};
    const bool database = co_await database_answers(under_way.with);
    all.checks.database = {
        database ? "ok" : "failed", database ? "" : "PostgreSQL does not answer"
    };
    bool ready = database;
    for (const auto& check : under_way.with.report.checks()) {
        events::json::for_each_member<readiness_checks>([&](auto descriptor) {
            if (descriptor.name == check.name) {
                all.checks.*descriptor.pointer = {check.ok ? "ok" : "failed", check.detail};
            }
        });
        ready = ready && check.ok;
    }
    all.status = ready ? "ready" : "not_ready";
    co_return json_response(ready ? 200 : 503, events::json::to_json(all));
}

task<response> tell_metrics(call& under_way) {
    response answer;
    answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
    answer.body = under_way.with.report.metrics();
    co_return answer;
}

task<response> tell_document(call& under_way, std::string path, std::string_view media_type) {
    const auto& documents = under_way.with.report.documents;
    const auto found = documents.find(path);
    if (found == documents.end()) {
        co_return problem_response("not_found", {}, under_way.http.request_id);
    }
    response answer;
    answer.content_type = media_type;
    answer.body = found->second;
    if (media_type == media::html) {
        answer.add_header(
            "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"
        );
    }
    co_return answer;
}

route at_root(route made) {
    made.is_root = true;
    return made;
}

/// A generated document, the same for everybody.
route document(const std::string& path, std::string summary, std::string_view media_type) {
    route made;
    made.path = path;
    made.summary = std::move(summary);
    made.is_root = true;
    made.media = {media_type.substr(0, media_type.find(';'))};
    made.handle = [path, media_type](call& under_way) -> task<response> {
        return tell_document(under_way, path, media_type);
    };
    return made;
}

}  // namespace

routes operation_routes() {
    const auto healthy = [](std::string path) {
        return at_root(action<no_body, health>(
            method::get,
            std::move(path),
            access::anyone,
            "Whether the process lives",
            200,
            [](call& under_way, no_body) { return tell_health(under_way); }
        ));
    };
    const auto ready = [](std::string path) {
        return at_root(action<no_body, readiness>(
            method::get,
            std::move(path),
            access::anyone,
            "Whether it can work, and which dependency is at fault",
            200,
            [](call& under_way, no_body) { return tell_readiness(under_way); }
        ));
    };
    const auto metrics = [](std::string path) {
        auto made = at_root(action<no_body, no_body>(
            method::get,
            std::move(path),
            access::anyone,
            "Metrics for Prometheus",
            200,
            [](call& under_way, no_body) { return tell_metrics(under_way); }
        ));
        made.media = {"text/plain"};
        return made;
    };
    return {
        healthy("/health/health"),
        healthy("/healthz"),
        ready("/health/ready"),
        ready("/readyz"),
        metrics("/metrics/metrics"),
        metrics("/metrics"),
        document("/openapi.json", "This API as OpenAPI 3.1", media::json),
        document("/asyncapi.json", "The events as AsyncAPI 3", media::json),
        document("/docs", "This API, to be read and tried in a browser", media::html),
    };
}

}  // namespace teamflow::gateway
