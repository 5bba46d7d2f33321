#include "projections/compatibility.hpp"

#include <array>

#include <catch2/catch.hpp>

#include "events/json/write.hpp"

using namespace teamflow;
using namespace teamflow::projections;

namespace {

constexpr const char* id = "01936f3c-7b1a-7000-8000-000000000001";

std::string with_id(std::string_view member) {
    return "{\"" + std::string(member) + "\":\"" + id + "\"}";
}

/// Records of one organization, one after the other.
struct checked {
    compatibility_check check;
    events::offset next = 1;
    events::commit_id commit;

    explicit checked(std::span<const projection> projections = all(), skipped_commits skipped = {})
        : check(projections, events::upcasters(), std::move(skipped)) {
        check.begin_organization();
    }

    void take(
        std::string type,
        std::string data,
        std::int16_t version = 1,
        std::string stream = std::string("project-") + id
    ) {
        events::record record;
        record.at = next++;
        record.commit.id = commit;
        record.head.type = std::move(type);
        record.head.schema_version = version;
        record.head.stream = std::move(stream);
        record.head.organization = events::organization_id(*events::parse_uuid(id));
        record.data = std::move(data);
        check.take(record);
    }

    void create_project() {
        take(
            "project.project_created",
            std::string(R"({"project_id":")") + id +
                R"(","name":"Site","key":"SITE","description":null,"colour":null})"
        );
    }
};

/// Fails for one type and does nothing with the others.
projection stumbling() {
    return {
        .name = "stumbling",
        .tables = {},
        .handlers = {on<events::project_archived>(
            [](unit_of_work&, const events::project_archived&, const event_context&) {
                throw std::runtime_error("stumbled");
            }
        )}
    };
}

}  // namespace

TEST_CASE("a log that this program understands has no findings") {
    checked log;
    log.create_project();
    log.take("project.project_archived", with_id("project_id"));
    const auto report = log.check.report();
    CHECK(report.events == 2);
    CHECK(report.organizations == 1);
    INFO(events::json::to_json(report));
    CHECK(report.findings.empty());
    CHECK(report.unknown_types.empty());
    CHECK(report.brought_forward.empty());
}

TEST_CASE("payloads that do not read are counted, with the first of them") {
    checked log;
    log.take("project.project_archived", R"({"project_id":"x"})");
    log.take("project.project_archived", "{");
    const auto found = log.check.report().findings;
    REQUIRE(found.size() == 1);
    CHECK(found[0].part == "decode");
    CHECK(found[0].count == 2);
    CHECK(found[0].position == "0@1");
    CHECK(found[0].type == "project.project_archived");
    CHECK_THAT(found[0].error, Catch::Contains("project_id must be a UUID"));
}

TEST_CASE("types that are not known are no findings") {
    checked log;
    log.take("project.project_dreamt", "{}");
    log.take("project.project_dreamt", "{}");
    const auto report = log.check.report();
    CHECK(report.findings.empty());
    REQUIRE(report.unknown_types.size() == 1);
    CHECK(report.unknown_types[0].count == 2);
}

TEST_CASE("a version of a newer program is a finding, even if it reads") {
    checked log;
    log.create_project();
    log.take("project.project_archived", with_id("project_id"), 7);
    log.take("project.project_archived", "{}", 7);
    const auto found = log.check.report().findings;
    REQUIRE(found.size() == 1);
    CHECK(found[0].part == "version");
    CHECK(found[0].schema_version == 7);
    CHECK(found[0].count == 2);
}

TEST_CASE("older versions are brought forward, or there is no way") {
    checked log;
    const std::string founded = std::string(R"({"organization_id":")") + id +
                                R"(","name":"Acme","owner_id":")" + id + "\"}";
    log.take("organization.organization_created", founded, 1, std::string("organization-") + id);
    const auto report = log.check.report();
    INFO(events::json::to_json(report));
    CHECK(report.findings.empty());
    REQUIRE(report.brought_forward.size() == 1);
    CHECK(report.brought_forward[0].schema_version == 1);

    compatibility_check without(all(), {});
    without.begin_organization();
    events::record record;
    record.head.type = "organization.organization_created";
    record.head.stream = std::string("organization-") + id;
    record.data = founded;
    without.take(record);
    const auto found = without.report().findings;
    REQUIRE(found.size() == 1);
    CHECK(found[0].part == "version");
    CHECK_THAT(found[0].error, Catch::Contains("no upcaster leads from version 1 to 2"));
}

TEST_CASE("an event in the stream of another is a finding") {
    checked log;
    log.create_project();
    log.take(
        "project.project_archived",
        with_id("project_id"),
        1,
        "project-01936f3c-7b1a-7000-8000-0000000000ff"
    );
    const auto found = log.check.report().findings;
    REQUIRE_FALSE(found.empty());
    CHECK(found[0].part == "stream");
}

TEST_CASE("an event that a projection cannot handle is a finding, what waits behind it is not") {
    const std::array some{stumbling()};
    checked log(some);
    log.create_project();
    log.take("project.project_archived", with_id("project_id"));
    log.take("project.project_archived", with_id("project_id"));
    const auto found = log.check.report().findings;
    REQUIRE(found.size() == 1);
    CHECK(found[0].part == "projection stumbling");
    CHECK(found[0].count == 1);
    CHECK(found[0].error == "stumbled");
}

TEST_CASE("what an admin has given up is no finding, what comes behind it is") {
    const std::array some{stumbling()};
    const events::commit_id given_up(*events::parse_uuid(id));
    checked log(some, {{"stumbling", {given_up}}});
    log.create_project();
    log.commit = given_up;
    log.take("project.project_archived", with_id("project_id"));
    CHECK(log.check.report().findings.empty());
    log.commit = {};
    log.take("project.project_archived", with_id("project_id"));
    CHECK(log.check.report().findings.size() == 1);
}

TEST_CASE("an event about a row that is not there breaks the real projections") {
    checked log;
    log.take("project.project_archived", with_id("project_id"));
    const auto found = log.check.report().findings;
    REQUIRE_FALSE(found.empty());
    CHECK(found[0].part == "projection projects");
    log.check.begin_organization();
    log.take("project.project_archived", with_id("project_id"));
    CHECK(log.check.report().findings[0].count == 2);
}
