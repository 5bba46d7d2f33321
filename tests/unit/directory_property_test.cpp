#include <map>
#include <set>
#include <tuple>

#include <catch2/catch.hpp>
#include <rapidcheck/catch.h>

#include "commands/directory_evolve.hpp"
#include "commands/membership.hpp"
#include "commands/project.hpp"
#include "events/json/write.hpp"
#include "tests/support/decider_spec.hpp"

using namespace teamflow;
using namespace teamflow::commands;
using tests::make_id;
using tests::the_organization;

namespace {

constexpr std::uint8_t few = 4;

template <class Id>
rc::Gen<Id> some(std::uint8_t base) {
    return rc::gen::map(rc::gen::inRange<int>(0, few), [=](int n) {
        return make_id<Id>(static_cast<std::uint8_t>(base + n));
    });
}

events::user_id some_user() {
    return *some<events::user_id>(10);
}

events::project_id some_project() {
    return *some<events::project_id>(20);
}

events::task_id some_task() {
    return *some<events::task_id>(30);
}

events::time_log_id some_log() {
    return *some<events::time_log_id>(40);
}

std::optional<events::user_id> some_assignee() {
    return *rc::gen::arbitrary<bool>() ? std::optional(some_user()) : std::nullopt;
}

role some_role() {
    return *rc::gen::element(role::viewer, role::member, role::admin, role::owner);
}

events::task_status some_status() {
    using enum events::task_status;
    return *rc::gen::element(todo, in_progress, in_review, done, cancelled);
}

std::string some_text() {
    return *rc::gen::element<std::string>("AA", "BB", "CC");
}

/// Any event that matters to the directory, without regard to what happened before.
events::event any_event() {
    const auto now = tests::noon();
    switch (*rc::gen::inRange(0, 14)) {
        case 0:
            return events::organization_created{the_organization, some_text(), some_user()};
        case 1:
            return events::member_added{the_organization, some_user(), some_role(), now, {}};
        case 2:
            return events::member_changed{
                the_organization, some_user(), some_role(), *rc::gen::arbitrary<bool>(), {}, {}
            };
        case 3:
            return events::invitation_created{
                the_organization, *some<events::invitation_id>(50), {}, some_text(), {}, {}, now
            };
        case 4:
            return events::invitation_revoked{
                the_organization, *some<events::invitation_id>(50), some_text()
            };
        case 5:
            return events::project_created{some_project(), "P", some_text(), {}, {}};
        case 6:
            return events::project_edited{some_project(), {}, {some_text()}, {}, {}};
        case 7:
            return events::project_deleted{some_project()};
        case 8: {
            events::task_created task;
            task.task_id = some_task();
            task.project_id = some_project();
            task.status = some_status();
            task.assignee_id = some_assignee();
            return task;
        }
        case 9:
            return events::task_assigned{
                some_task(), some_project(), some_status(), some_assignee(), some_assignee()
            };
        case 10:
            return events::task_moved{
                some_task(), some_project(), some_assignee(), some_status(), some_status(), "m"
            };
        case 11:
            return events::timer_started{
                some_log(), some_task(), some_project(), some_user(), now, {}, {}, true
            };
        case 12:
            return events::timer_discarded{
                some_log(), some_task(), some_project(), some_user(), now
            };
        default:
            return events::timer_flagged{some_log(), some_task(), some_project(), some_user(), now};
    }
}

std::string text_of(const directory& directory) {
    return events::json::to_json(to_snapshot(directory));
}

}  // namespace

TEST_CASE("folding a directory is total, and its snapshot is the whole of it") {
    rc::prop("any order of events", [] {
        directory folded;
        directory restored;
        for (int n = *rc::gen::inRange(0, 40); n > 0; --n) {
            const auto event = any_event();
            apply(folded, event);
            restored = from_snapshot(to_snapshot(restored));
            apply(restored, event);
            RC_ASSERT(text_of(folded) == text_of(restored));
        }
    });
}

TEST_CASE("folding a stream is total, whatever events it is given") {
    rc::prop("any event on any stream", [] {
        std::map<std::string, folded_stream> folded;
        for (int n = *rc::gen::inRange(0, 40); n > 0; --n) {
            const auto event = any_event();
            const auto other = any_event();
            const auto stream = events::stream_of(other);
            const auto before = folded[stream].version;
            apply(folded[stream], stream, event, tests::noon(), some_user());
            RC_ASSERT(folded[stream].version == before + 1);
        }
    });
}

namespace {

/// What a directory must say, counted afresh from everything that was decided.
struct recount {
    std::map<events::user_id, std::tuple<role, bool>> members;
    std::map<events::project_id, std::string> keys;
    std::set<events::invitation_id> invitations;

    void take(const events::event& event) {
        if (const auto* added = std::get_if<events::member_added>(&event)) {
            members[added->user_id] = {added->role, true};
        } else if (const auto* changed = std::get_if<events::member_changed>(&event)) {
            members[changed->user_id] = {changed->role, changed->active};
        } else if (const auto* invited = std::get_if<events::invitation_created>(&event)) {
            invitations.insert(invited->invitation_id);
        } else if (const auto* accepted = std::get_if<events::invitation_accepted>(&event)) {
            invitations.erase(accepted->invitation_id);
        } else if (const auto* revoked = std::get_if<events::invitation_revoked>(&event)) {
            invitations.erase(revoked->invitation_id);
        } else if (const auto* created = std::get_if<events::project_created>(&event)) {
            keys[created->project_id] = created->key;
        } else if (const auto* edited = std::get_if<events::project_edited>(&event)) {
            keys[edited->project_id] = edited->key.value.value_or(keys[edited->project_id]);
        } else if (const auto* deleted = std::get_if<events::project_deleted>(&event)) {
            keys.erase(deleted->project_id);
        }
    }
};

/// The world of one organization, moved by random commands of random actors.
class world {
public:
    world() {
        take(events::organization_created{the_organization, "Acme", make_id<events::user_id>(10)});
        take(events::member_added{
            the_organization, make_id<events::user_id>(10), role::owner, tests::noon(), {}
        });
    }

    void step() {
        switch (*rc::gen::inRange(0, 6)) {
            case 0:
                issue(change_member{some_user(), {some_role()}, {}});
                break;
            case 1:
                issue(change_member{some_user(), {}, {*rc::gen::arbitrary<bool>()}});
                break;
            case 2: {
                const auto id = make_id<events::invitation_id>(++made_);
                last_ = id;
                issue(create_invitation{
                    id, {}, some_text(), some_role(), "token", tests::noon() + std::chrono::hours(1)
                });
                break;
            }
            case 3:
                issue(accept_invitation{last_, "token", some_user()});
                break;
            case 4:
                issue(create_project{{some_text()}, {}, {}, {}});
                break;
            default:
                step_project();
        }
    }

    void check() const {
        const auto& directory = scenario_.directory();
        RC_ASSERT(directory.active_owners() >= 1);
        RC_ASSERT(directory.members().size() == counted_.members.size());
        for (const auto& [id, expected] : counted_.members) {
            const auto* const member = directory.member(id);
            RC_ASSERT(member != nullptr);
            RC_ASSERT(std::tuple(member->role, member->active) == expected);
        }
        RC_ASSERT(directory.invitations().size() == counted_.invitations.size());
        std::set<std::string> keys;
        for (const auto& [id, key] : counted_.keys) {
            RC_ASSERT(directory.project_by_key(key) == id);
            RC_ASSERT(keys.insert(key).second);
        }
    }

private:
    void step_project() {
        if (counted_.keys.empty()) {
            return;
        }
        const auto& [id, key] = *counted_.keys.begin();
        if (*rc::gen::arbitrary<bool>()) {
            edit_project edit;
            edit.project_id = id;
            edit.key.value = project_key{some_text()};
            issue(edit);
        } else {
            issue(delete_project{id});
        }
    }

    template <class Command>
    void issue(const Command& command) {
        scenario_.as(some_user());
        // Ids of new projects follow from the time.
        scenario_.at(scenario_.context().now + std::chrono::milliseconds(1));
        const auto outcome = scenario_.when(command);
        if (!outcome.accepted()) {
            return;
        }
        for (const auto& [stream, event] : outcome.events()) {
            take(event);
        }
    }

    void take(const events::event& event) {
        scenario_.given_event(event);
        counted_.take(event);
    }

    tests::scenario scenario_;
    recount counted_;
    events::invitation_id last_;
    std::uint8_t made_ = 100;
};

}  // namespace

TEST_CASE("a directory folded from decided commands equals a recount") {
    rc::prop("random commands", [] {
        world world;
        for (int n = *rc::gen::inRange(0, 60); n > 0; --n) {
            world.step();
            world.check();
        }
    });
}
