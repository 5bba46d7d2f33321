#pragma once
// What a process tells about itself, whatever roles it plays: health, readiness, metrics.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "gateway/http/response.hpp"
#include "infra/asio.hpp"
#include "infra/postgres/pool.hpp"

namespace teamflow::gateway {

using infra::task;

struct process_report {
    /// One dependency for /health/ready.
    struct check {
        std::string name;
        bool ok = false;
        std::string detail;
    };

    /// Any thread, no waiting.
    std::function<std::vector<check>()> checks;
    /// Text exposition format 0.0.4.
    std::function<std::string()> metrics;
    /// OpenAPI and the other generated documents by path, made once.
    std::map<std::string, std::shared_ptr<const std::string>, std::less<>> documents;
};

/// The body of /health/health.
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

/// The body of /health/ready.
struct readiness {
    std::string status;
    readiness_checks checks;
};
BOOST_DESCRIBE_STRUCT(readiness, (), (status, checks))

response health_answer();

/// False when PostgreSQL does not; never throws postgres_error.
task<bool> database_answers(infra::postgres::pool& database);

/// 200 when the database and every check are well, else 503.
response readiness_answer(const process_report& report, bool has_database);

response metrics_answer(const process_report& report);

}  // namespace teamflow::gateway
