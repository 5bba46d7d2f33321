#include "gateway/api/admin_page.hpp"
#include "gateway/process_report.hpp"
#include "gateway/routes/families.hpp"

namespace teamflow::gateway {

namespace {

task<response> tell_health(call&) {
    co_return health_answer();
}

task<response> tell_readiness(call& under_way) {
    auto& with = under_way.with;
    const bool answers = co_await database_answers(with.database);
    co_return readiness_answer(with.report, answers);
}

task<response> tell_metrics(call& under_way) {
    co_return metrics_answer(under_way.with.report);
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

task<response> show_admin_page(call& under_way) {
    co_return admin_page_file(under_way.http, admin_page_start);
}

task<response> show_admin_file(call& under_way) {
    co_return admin_page_file(under_way.http, under_way.http.path_value("file"));
}

routes admin_page() {
    route page;
    page.path = "/admin/ui";
    page.summary = "The page for operators, and for admins of an organization";
    page.is_root = true;
    page.media = {"text/html"};
    page.has_version = true;
    page.handle = show_admin_page;
    route file;
    file.path = "/admin/ui/{file}";
    file.summary = "A file of that page";
    file.is_root = true;
    file.media = {"text/css", "text/html", "text/javascript"};
    file.has_version = true;
    file.handle = show_admin_file;
    return {std::move(page), std::move(file)};
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
        auto made = at_root(action<no_body, readiness>(
            method::get,
            std::move(path),
            access::anyone,
            "Whether it can work, and which dependency is at fault",
            200,
            [](call& under_way, no_body) { return tell_readiness(under_way); }
        ));
        made.tells_failure = true;
        return made;
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
    routes table{
        healthy("/health/health"),
        healthy("/healthz"),
        ready("/health/ready"),
        ready("/readyz"),
        metrics("/metrics/metrics"),
        metrics("/metrics"),
        document("/openapi.json", "This API as OpenAPI 3.1", media::json),
        document("/asyncapi.json", "The events as AsyncAPI 3", media::json),
        document("/docs", "This API, to be read in a browser", media::html),
    };
    for (auto& each : admin_page()) {
        table.push_back(std::move(each));
    }
    return table;
}

}  // namespace teamflow::gateway
