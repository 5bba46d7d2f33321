#pragma once
// given(events).as(actor, role).when(command).then(events): the sentences of decider tests.

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "commands/access.hpp"
#include "commands/decider.hpp"
#include "events/json/write.hpp"

namespace teamflow::tests {

/// One millisecond of a UUID for each number: ids that a reader can tell apart.
template <class Id>
Id make_id(std::uint8_t n) {
    events::uuid raw{};
    raw.data[0] = 0x01;
    raw.data[6] = 0x70;
    raw.data[8] = 0x80;
    raw.data[15] = n;
    return Id{raw};
}

/// What happened before: streams and directory folded from events.
class history {
public:
    void add(const events::event& event, events::timestamp at, events::user_id actor);

    [[nodiscard]] const commands::directory& directory() const { return directory_; }

    /// A view of exactly these streams.
    [[nodiscard]] commands::view view_of(const std::vector<std::string>& streams);

private:
    commands::directory directory_;
    std::map<std::string, commands::folded_stream, std::less<>> streams_;
};

/// `<stream> <type> <payload>` for each event: what a failed test shows.
std::vector<std::string> to_lines(const commands::pending_events& events);

/// Finds reply() by its arguments from inside a class that has a member of that name.
template <class Command>
auto reply_of(
    const Command& command, const commands::view& view, const commands::context& context
) {
    return reply(command, view, context);
}

/// The outcome of one command, to be judged by then() or refused().
class outcome {
public:
    outcome(
        std::shared_ptr<history> before, commands::context context, commands::decision decision
    );

    /// Exactly these events, in this order, each on the stream that it belongs to.
    template <class... E>
    void then(const E&... expected) const {
        commands::pending_events all;
        (all.push_back({expected.stream(), expected}), ...);
        check_events(all);
    }

    /// The request asks for what is so already.
    void then_nothing() const { check_events({}); }

    void refused(commands::refusal_code code) const;

    /// Refused as invalid because of this field.
    void refused_field(const std::string& field, const std::string& code) const;

    [[nodiscard]] bool accepted() const { return decision_.has_value(); }

    /// The events, for tests that look at some members only; fails the test when refused.
    [[nodiscard]] const commands::pending_events& events() const;

    /// The only event of type E; fails the test when there is none or more than one.
    template <class E>
    [[nodiscard]] const E& only() const {
        const E* found = nullptr;
        int count = 0;
        for (const auto& [stream, event] : events()) {
            if (const auto* each = std::get_if<E>(&event)) {
                found = each;
                ++count;
            }
        }
        INFO("events of type " << E::type);
        REQUIRE(count == 1);
        return *found;
    }

    /// The answer of the command after its events; for commands that were not refused.
    template <class Command>
    [[nodiscard]] auto reply(const Command& command) const {
        history after = *before_;
        for (const auto& [stream, event] : events()) {
            after.add(event, context_.now, context_.actor);
        }
        const auto names = streams(command, before_->directory(), context_);
        return reply_of(command, after.view_of(names), context_);
    }

private:
    void check_events(const commands::pending_events& expected) const;

    std::shared_ptr<history> before_;
    commands::context context_;
    commands::decision decision_;
};

class scenario {
public:
    scenario();

    /// More of what happened before, by the actor in effect, at the time in effect.
    template <class... E>
    scenario& given(const E&... happened) {
        (before_->add(happened, context_.now, context_.actor), ...);
        return *this;
    }

    scenario& given_event(const events::event& happened) {
        before_->add(happened, context_.now, context_.actor);
        return *this;
    }

    /// Who acts from now on.
    scenario& as(events::user_id actor);

    /// The same, made a member with this role first unless the user is one already.
    scenario& as(events::user_id actor, commands::role role);

    /// A process manager acts from now on.
    scenario& as_system();
    scenario& in(events::organization_id organization);
    scenario& at(events::timestamp now);

    [[nodiscard]] const commands::context& context() const { return context_; }

    [[nodiscard]] const commands::directory& directory() const { return before_->directory(); }

    /// Decides the command, role check included, as the writer would.
    template <class Command>
    [[nodiscard]] outcome when(const Command& command) const {
        if (auto forbidden = commands::check_access_to<Command>(before_->directory(), context_)) {
            return {before_, context_, std::unexpected(*std::move(forbidden))};
        }
        const auto names = streams(command, before_->directory(), context_);
        return {before_, context_, decide(command, before_->view_of(names), context_)};
    }

private:
    std::shared_ptr<history> before_ = std::make_shared<history>();
    commands::context context_;
};

/// The organization that scenarios play in unless they say otherwise.
inline const events::organization_id the_organization = make_id<events::organization_id>(1);

/// The moment at which scenarios play unless they say otherwise.
events::timestamp noon();

template <class... E>
scenario given(const E&... happened) {
    scenario begun;
    begun.given(happened...);
    return begun;
}

}  // namespace teamflow::tests
