#include "app/check_log.hpp"

#include <chrono>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "app/database_place.hpp"
#include "events/json/write.hpp"
#include "infra/log/record_rows.hpp"
#include "infra/postgres/session.hpp"
#include "projections/compatibility.hpp"

namespace teamflow::app {

namespace {

constexpr std::int32_t page_size = 2000;
constexpr std::chrono::seconds progress_every{2};

/// All events, organization by organization, as they are at one moment.
class archive_walk {
public:
    explicit archive_walk(const std::string& url) : database_(url) {
        database_.execute("begin transaction isolation level repeatable read, read only");
        total_ = database_.query("select count(*) from teamflow.log_records where kind = 1")
                     .get<std::int64_t>(0, 0);
    }

    projections::skipped_commits skipped() {
        projections::skipped_commits found;
        const auto rows =
            database_.query("select projection, commit_id from teamflow.skipped_commits");
        for (std::size_t row = 0; row < rows.rows(); ++row) {
            found[rows.get<std::string>(row, 0)].insert(rows.get<events::commit_id>(row, 1));
        }
        return found;
    }

    void run(projections::compatibility_check& check) {
        for (auto organization = next_organization(""); organization;
             organization = next_organization(*organization)) {
            check.begin_organization();
            events::offset after = -1;
            while (read_page(*organization, after, check)) {
            }
        }
    }

private:
    /// From one to the next by the index, without reading what lies between.
    std::optional<std::string> next_organization(const std::string& after) {
        const auto found = database_.query(
            "select organization::text from teamflow.log_records where kind = 1"
            " and ($1 = '' or organization > nullif($1, '')::uuid) order by organization limit 1",
            {after}
        );
        return found.empty() ? std::nullopt : std::optional(found.get<std::string>(0, 0));
    }

    bool read_page(
        const std::string& organization,
        events::offset& after,
        projections::compatibility_check& check
    ) {
        static const std::string sql = fmt::format(
            "select {} from teamflow.log_records where kind = 1 and organization = $1::uuid"
            R"( and "offset" > $2::bigint order by "offset" limit {})",
            infra::record_columns,
            page_size
        );
        const auto rows = database_.query(sql, {organization, std::to_string(after)});
        for (std::size_t row = 0; row < rows.rows(); ++row) {
            const auto record = infra::read_record(rows, row);
            check.take(*record);
            after = record->at;
        }
        read_ += static_cast<std::int64_t>(rows.rows());
        tell_progress();
        return std::cmp_equal(rows.rows(), page_size);
    }

    void tell_progress() {
        const auto now = std::chrono::steady_clock::now();
        if (now - told_ >= progress_every) {
            told_ = now;
            std::cerr << fmt::format("checked {} of {} events\n", read_, total_);
        }
    }

    infra::postgres::session database_;
    std::int64_t total_ = 0;
    std::int64_t read_ = 0;
    std::chrono::steady_clock::time_point told_ = std::chrono::steady_clock::now();
};

void print(const projections::compatibility_report& report) {
    std::cout << fmt::format(
        "{} events of {} organizations\n", report.events, report.organizations
    );
    for (const auto& each : report.brought_forward) {
        std::cout << fmt::format(
            "{} of {} version {}: brought forward\n", each.count, each.type, each.schema_version
        );
    }
    for (const auto& each : report.unknown_types) {
        std::cout << fmt::format(
            "{} of {} version {}: unknown, kept and skipped\n",
            each.count,
            each.type,
            each.schema_version
        );
    }
    for (const auto& each : report.findings) {
        std::cout << fmt::format(
            "BROKEN {}: {} of {} version {}, the first at {} in {} of organization {}: {}\n",
            each.part,
            each.count,
            each.type,
            each.schema_version,
            each.position,
            each.stream,
            events::to_string(each.organization_id),
            each.error
        );
    }
    std::cout
        << (report.findings.empty() ? "this program understands the log\n"
                                    : "this program does not understand the log\n");
}

}  // namespace

int run_check_log(const app_settings& settings, bool as_json) {
    archive_walk archive(database_of(settings));
    projections::compatibility_check check(
        projections::all(), events::upcasters(), archive.skipped()
    );
    archive.run(check);
    const auto report = check.report();
    if (as_json) {
        std::cout << events::json::to_json(report) << '\n';
    } else {
        print(report);
    }
    return report.findings.empty() ? 0 : 1;
}

}  // namespace teamflow::app
