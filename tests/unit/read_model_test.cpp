#include "commands/read_model.hpp"

#include <catch2/catch.hpp>

#include "infra/log/admin_acts.hpp"
#include "tests/support/decider_spec.hpp"

using namespace teamflow;
using commands::record_admin_act;
using commands::refusal_code;
using tests::given;
using tests::make_id;

namespace {

const events::commit_skipped skipped{
    .read_model = "tasks",
    .commit_id = make_id<events::commit_id>(1),
    .reason = "written by a faulty import",
    .applied = 2,
    .waiting = 0,
    .acted_at = tests::noon()
};

record_admin_act recording(const events::event& act) {
    return {std::string(events::type_of(act)), events::schema_version_of(act), events::encode(act)};
}

tests::scenario instance() {
    return given().in(events::nil_organization).as(make_id<events::user_id>(10));
}

}  // namespace

TEST_CASE("an act of an admin becomes the event that it was noted as") {
    const auto done = instance().when(recording(skipped));
    done.then(skipped);
    CHECK(done.events().front().stream == "read-model-tasks");
}

TEST_CASE("each act counts, also one that repeats another") {
    const events::rebuild_paused paused{"tasks", tests::noon()};
    instance().given(paused).when(recording(paused)).then(paused);
}

TEST_CASE("what is no act of an admin is not recorded") {
    const auto refused = [](const record_admin_act& command) {
        instance().when(command).refused(refusal_code::validation_failed);
    };
    refused({"read_model.rebuild_dreamt", 1, "{}"});
    refused({"read_model.rebuild_paused", 1, "{}"});
    refused({"read_model.rebuild_paused", 1, "not JSON"});
    refused(recording(events::password_changed{make_id<events::user_id>(10)}));
}

TEST_CASE("the actor is the operator, or the user of the command line") {
    CHECK(
        infra::actor_of_admin("operator 01936f3c-7b1a-7000-8000-000000000001") ==
        "01936f3c-7b1a-7000-8000-000000000001"
    );
    CHECK(infra::actor_of_admin("cli root@host") == "cli:root@host");
    CHECK(infra::actor_of_admin("somebody") == "somebody");
}
