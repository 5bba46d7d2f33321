#include "commands/directory.hpp"

#include <catch2/catch.hpp>

#include "events/json/write.hpp"
#include "tests/support/decider_spec.hpp"

using namespace teamflow;
using namespace teamflow::events;
using tests::given;
using tests::make_id;
using tests::the_organization;

namespace {

const auto ann = make_id<user_id>(10);
const auto bob = make_id<user_id>(11);
const auto site = make_id<project_id>(20);

}  // namespace

TEST_CASE("the directory knows members, projects and pending invitations") {
    const auto now = tests::noon();
    const auto seen = given(
        organization_created{the_organization, "Acme", ann},
        member_added{the_organization, ann, role::owner, now, {}},
        member_added{the_organization, bob, role::member, now, {}},
        member_changed{the_organization, bob, role::admin, false, role::member, true},
        project_created{site, "Site", "SITE", {}, {}}
    );
    const auto& directory = seen.directory();
    CHECK(directory.name() == "Acme");
    CHECK(directory.active_owners() == 1);
    CHECK(directory.active_member(bob) == nullptr);
    CHECK(directory.member(bob)->role == role::admin);
    CHECK(directory.project_by_key("SITE") == site);
    const auto text = json::to_json(commands::to_snapshot(directory));
    CHECK(
        json::to_json(commands::to_snapshot(commands::from_snapshot(commands::to_snapshot(directory)
        ))) == text
    );
}
