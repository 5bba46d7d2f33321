#include "events/registry.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <catch2/catch.hpp>

#include "events/json/parse.hpp"
#include "events/upcast.hpp"

using namespace teamflow::events;

namespace {

namespace fs = std::filesystem;

struct golden {
    std::string name;
    std::string type;
    std::int16_t version = 0;
    std::string text;
};

/// The payloads of every version ever written: `<type>.v<version>.json`.
std::vector<golden> goldens() {
    std::vector<golden> all;
    for (const auto& entry : fs::directory_iterator(TEAMFLOW_GOLDEN_DIR)) {
        const std::string stem = entry.path().stem().string();
        const auto dot = stem.rfind(".v");
        REQUIRE(dot != std::string::npos);
        std::ifstream file(entry.path());
        all.push_back(
            {stem,
             stem.substr(0, dot),
             static_cast<std::int16_t>(std::stoi(stem.substr(dot + 2))),
             {std::istreambuf_iterator<char>(file), {}}}
        );
    }
    return all;
}

}  // namespace

TEST_CASE("every version of every event type has a golden payload") {
    std::set<std::string> names;
    for (const auto& each : goldens()) {
        names.insert(each.name);
    }
    for (const auto& info : event_types()) {
        for (int version = 1; version <= info.schema_version; ++version) {
            CHECK(names.contains(std::string(info.type) + ".v" + std::to_string(version)));
        }
    }
    CHECK(names.size() >= event_types().size());
}

TEST_CASE("golden payloads decode; those of the newest version come back unchanged") {
    for (const auto& each : goldens()) {
        INFO(each.name);
        const auto event = decode(each.type, each.version, each.text);
        REQUIRE(event.has_value());
        CHECK(type_of(*event) == each.type);
        if (schema_version_of(*event) == each.version) {
            CHECK(*json::parse(encode(*event)) == *json::parse(each.text));
        }
    }
}

TEST_CASE("each event belongs to a stream of its family") {
    for (const auto& each : goldens()) {
        INFO(each.name);
        const auto stream = stream_of(*decode(each.type, each.version, each.text));
        CHECK(kind_of(stream).has_value());
        const bool has_id =
            kind_of(stream) != stream_kind::email && kind_of(stream) != stream_kind::read_model;
        CHECK(id_of(stream).has_value() == has_id);
    }
}

TEST_CASE("event types are sorted by name and found by it") {
    CHECK(std::ranges::is_sorted(event_types(), {}, &event_info::type));
    for (const auto& info : event_types()) {
        CHECK(find_event_type(info.type) == &info);
        CHECK(info.type.find('.') != std::string_view::npos);
        CHECK(info.summary.ends_with('.'));
    }
    CHECK(find_event_type("time.timer_starte") == nullptr);
    CHECK(find_event_type("") == nullptr);
    CHECK(find_event_type("zzz") == nullptr);
}

TEST_CASE("an unknown event type is nothing, not an error") {
    CHECK(!decode("time.timer_dreamt", 1, "{}").has_value());
    CHECK(!decode("time.timer_dreamt", 1, "not JSON at all").has_value());
}

TEST_CASE("members that a newer program added are ignored") {
    const auto event = decode(
        "project.project_archived",
        7,
        R"({"project_id":"01936f3c-7b1a-7000-8000-000000000001","reason":"done"})"
    );
    REQUIRE(event.has_value());
    CHECK(encode(*event) == R"({"project_id":"01936f3c-7b1a-7000-8000-000000000001"})");
}

TEST_CASE("a payload that does not read names the type and the fields") {
    try {
        decode("project.project_created", 1, R"({"project_id":"x","name":1})");
        FAIL("decoded");
    } catch (const undecodable_event& failure) {
        const std::string what = failure.what();
        CHECK(what.find("project.project_created") != std::string::npos);
        CHECK(what.find("project_id must be a UUID") != std::string::npos);
        CHECK(what.find("key is required") != std::string::npos);
        CHECK(failure.problems().size() == 3);
    }
    CHECK_THROWS_AS(decode("project.project_created", 1, "[]"), undecodable_event);
    CHECK_THROWS_AS(decode("project.project_created", 1, "{"), undecodable_event);
    CHECK_THROWS_AS(decode("project.project_created", 1, ""), undecodable_event);
}

TEST_CASE("upcasters bring a payload forward version by version") {
    const std::array<upcaster, 3> table{{
        {"a.b", 2, [](boost::json::object& data) { data["third"] = data.at("second"); }},
        {"a.b", 1, [](boost::json::object& data) { data["second"] = 2; }},
        {"a.c", 1, [](boost::json::object& data) { data["other"] = 1; }},
    }};
    boost::json::object first;
    upcast("a.b", 1, first, table);
    CHECK(first == boost::json::object{{"second", 2}, {"third", 2}});
    boost::json::object third{{"third", 3}};
    upcast("a.b", 3, third, table);
    CHECK(third == boost::json::object{{"third", 3}});
}

TEST_CASE("members move under their new names, all at once") {
    const std::array<moved_member, 4> moves{
        {{"a", "b"},
         {"b", "a"},
         {"c", "d", moved_member::when::null, "x"},
         {"c", "e", moved_member::when::present, "x"}}
    };
    const std::array<upcaster, 1> table{{{"a.b", 1, nullptr, moves}}};
    boost::json::object changed{{"a", 1}, {"b", 2}, {"c", 3}, {"x", nullptr}};
    upcast("a.b", 1, changed, table);
    CHECK(
        changed == boost::json::object{{"a", 2}, {"b", 1}, {"d", 3}, {"e", nullptr}, {"x", nullptr}}
    );
    boost::json::object other{{"c", 3}, {"x", 4}};
    upcast("a.b", 1, other, table);
    CHECK(other == boost::json::object{{"d", nullptr}, {"e", 3}, {"x", 4}});
    CHECK(version_reached("a.b", 1, table) == 2);
    CHECK(version_reached("a.c", 1, table) == 1);
}

TEST_CASE("a golden payload of an older version is that of the newest, brought forward") {
    const auto all = goldens();
    std::size_t older = 0;
    for (const auto& each : all) {
        const auto newest = find_event_type(each.type)->schema_version;
        if (each.version == newest) {
            CHECK_FALSE(brought_forward(each.type, each.version, each.text));
            continue;
        }
        INFO(each.name);
        const auto same = std::ranges::find_if(all, [&](const golden& other) {
            return other.type == each.type && other.version == newest;
        });
        REQUIRE(same != all.end());
        CHECK(
            encode(*decode(each.type, each.version, each.text)) ==
            encode(*decode(each.type, newest, same->text))
        );
        const auto forward = brought_forward(each.type, each.version, each.text);
        REQUIRE(forward);
        CHECK(*json::parse(*forward) == *json::parse(same->text));
        CHECK(version_reached(each.type, each.version) == newest);
        ++older;
    }
    CHECK(older == 2);
}

TEST_CASE("a user of before founded an organization or joined one") {
    const std::string id = "01936f3c-7b1a-7000-8000-000000000001";
    const auto registered = [&](std::string_view name, const std::string& invitation) {
        return std::get<user_registered>(*decode(
            "identity.user_registered",
            1,
            R"({"user_id":")" + id + R"(","email":{"person":")" + id + R"(","sealed":"a"},)" +
                R"("email_hmac":"b","name":{"person":")" + id + R"(","sealed":"c"},)" +
                R"("organization_id":")" + id + R"(","organization_name":)" + std::string(name) +
                R"(,"invitation_id":)" + invitation + "}"
        ));
    };
    const organization_id organization(*parse_uuid(id));
    const auto founder = registered(R"("Acme")", "null");
    CHECK(founder.founded_organization_id == organization);
    CHECK(!founder.joined_organization_id);
    const auto invited = registered("null", "\"" + id + "\"");
    CHECK(!invited.founded_organization_id);
    CHECK(invited.joined_organization_id == organization);
    CHECK(invited.organization() == founder.organization());
    CHECK(registered("null", "null").organization() == nil_organization);
}

TEST_CASE("an upcaster leads from a version that is older than the newest") {
    for (const auto& step : upcasters()) {
        const auto* const info = find_event_type(step.type);
        REQUIRE(info != nullptr);
        CHECK(step.from_version < info->schema_version);
    }
}

TEST_CASE("streams are named by kind and id") {
    const auto id = *parse_uuid("01936f3c-7b1a-7000-8000-000000000001");
    CHECK(stream_of(task_id{id}) == "task-01936f3c-7b1a-7000-8000-000000000001");
    CHECK(kind_of(template_usage_stream(template_id{id})) == stream_kind::template_usage);
    CHECK(kind_of(stream_of(template_id{id})) == stream_kind::template_);
    CHECK(id_of(template_usage_stream(template_id{id})) == id);
    CHECK(kind_of(email_stream("ab")) == stream_kind::email);
    CHECK(!id_of(email_stream("ab")));
    CHECK(!kind_of("comment-1"));
    CHECK(!id_of("task-1"));
}
