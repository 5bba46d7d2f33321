#include "tests/support/decider_spec.hpp"

#include <fmt/format.h>

namespace teamflow::tests {

void history::add(const events::event& event, events::timestamp at, events::user_id actor) {
    const auto stream = events::stream_of(event);
    commands::apply(streams_[stream], stream, event, at, actor);
    commands::apply(directory_, event);
}

commands::view history::view_of(const std::vector<std::string>& streams) {
    // The writer needs it, also of a command that is refused.
    REQUIRE_FALSE(streams.empty());
    std::map<std::string, const commands::folded_stream*, std::less<>> chosen;
    for (const auto& stream : streams) {
        chosen.emplace(stream, &streams_[stream]);
    }
    return {directory_, streams.front(), std::move(chosen)};
}

std::vector<std::string> to_lines(const commands::pending_events& events) {
    std::vector<std::string> lines;
    for (const auto& [stream, event] : events) {
        lines.push_back(
            stream + " " + std::string(events::type_of(event)) + " " + events::encode(event)
        );
    }
    return lines;
}

outcome::outcome(
    std::shared_ptr<history> before, commands::context context, commands::decision decision
)
    : before_(std::move(before)), context_(context), decision_(std::move(decision)) {}

void outcome::check_events(const commands::pending_events& expected) const {
    CHECK(to_lines(events()) == to_lines(expected));
}

void outcome::refused(commands::refusal_code code) const {
    if (decision_) {
        INFO("expected " << events::json::enum_name(code) << ", got events");
        CHECK(to_lines(*decision_) == std::vector<std::string>{"a refusal"});
        return;
    }
    INFO(decision_.error().message);
    CHECK(events::json::enum_name(decision_.error().code) == events::json::enum_name(code));
}

void outcome::refused_field(const std::string& field, const std::string& code) const {
    refused(commands::refusal_code::validation_failed);
    if (decision_) {
        return;
    }
    std::vector<std::string> seen;
    for (const auto& fault : decision_.error().errors) {
        seen.push_back(fmt::format("{}:{}", fault.field, fault.code));
    }
    CHECK_THAT(seen, Catch::VectorContains(fmt::format("{}:{}", field, code)));
}

const commands::pending_events& outcome::events() const {
    if (!decision_) {
        FAIL(
            "refused as " << events::json::enum_name(decision_.error().code) << ": "
                          << decision_.error().message
        );
    }
    return *decision_;
}

events::timestamp noon() {
    return *events::parse_timestamp("2026-11-20T12:00:00Z");
}

scenario::scenario() {
    context_.now = noon();
    context_.organization = the_organization;
    context_.seed = 7;
}

scenario& scenario::as(events::user_id actor) {
    context_.actor = actor;
    return *this;
}

scenario& scenario::as(events::user_id actor, commands::role role) {
    if (before_->directory().member(actor) == nullptr) {
        given(events::member_added{context_.organization, actor, role, context_.now, {}});
    }
    return as(actor);
}

scenario& scenario::as_system() {
    context_.actor = {};
    return *this;
}

scenario& scenario::in(events::organization_id organization) {
    context_.organization = organization;
    return *this;
}

scenario& scenario::at(events::timestamp now) {
    context_.now = now;
    return *this;
}

}  // namespace teamflow::tests
