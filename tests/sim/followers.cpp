#include "tests/sim/followers.hpp"

#include <algorithm>
#include <string_view>

#include "gateway/feeds/websocket_feed.hpp"
#include "tests/sim/node.hpp"

namespace teamflow::sim {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view timer_topic = "timers";
constexpr std::string_view timer_types = "time.timer_";

/// The text between two marks; empty when they are not there.
std::string_view between(std::string_view text, std::string_view begin, std::string_view end) {
    const auto from = text.find(begin);
    if (from == std::string_view::npos) {
        return {};
    }
    text.remove_prefix(from + begin.size());
    return text.substr(0, text.find(end));
}

std::optional<events::position> position_in(std::string_view text) {
    const auto places = events::parse_positions(text);
    return places && places->size() == 1 ? std::optional(places->front()) : std::nullopt;
}

}  // namespace

followers::followers(
    world& around, const broker& log, std::vector<office>& offices, std::function<node*()> pick
)
    : world_(around), log_(log), offices_(offices), pick_(std::move(pick)) {}

void followers::start(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        world_.after(world_.random_duration(3s), [this] { begin(); });
    }
}

void followers::begin() {
    auto& chance = world_.chance;
    auto& who = *all_.emplace_back(std::make_unique<follower>());
    const auto& at = offices_[chance.roll(offices_.size())];
    who.number = all_.size();
    who.partition = at.partition();
    who.order.organization = at.organization();
    who.order.as_stream = chance.one_in(3);
    who.order.topics = !who.order.as_stream && chance.one_in(3) ? timer_topic : "";
    who.order.token_life = chance.one_in(3) ? milliseconds(1000 + chance.roll(30'000)) : 900s;
    who.room = 1 + chance.roll(chance.one_in(2) ? 4 : 40);
    who.slowness = chance.one_in(2) ? world_.rates.slowness : 0;
    if (who.order.as_stream || chance.one_in(2)) {
        // Nobody tells a stream where it began, so it says so itself.
        const auto end = static_cast<std::size_t>(log_.durable_end(who.partition) + 1);
        who.start = static_cast<events::offset>(chance.roll(end + 1)) - 1;
        who.order.after = who.start;
    }
    connect(who);
}

void followers::connect(follower& who) {
    ++who.connections;
    who.connection = std::make_shared<wire>(
        world_,
        who.room,
        who.slowness,
        wire::follower_end{
            .hears = [this, &who](const std::string& text) { hear(who, text); },
            .ends = [this, &who](
                        std::uint16_t code, const std::string& reason
                    ) { end(who, code, reason); }
        }
    );
    world_.after(world_.packet_delay(), [this, &who, to = who.connection] {
        node* const at = pick_();
        if (at == nullptr) {
            to->close(0, "refused");
            return;
        }
        const auto from = who.order.after ? std::to_string(*who.order.after) : "the end";
        world_.note("node {} is followed by {} from {}", at->number(), who.number, from);
        at->feeds().serve(who.order, to);
    });
    watch(who);
}

void followers::come_back(follower& who) {
    who.connection->hang_up();
    ++resumptions_;
    const auto now = ++who.connections;
    world_.after(10ms + world_.random_duration(1s), [this, &who, now] {
        if (who.connections == now && !have_left_) {
            connect(who);
        }
    });
}

/// A connection on which nothing comes is no good.
void followers::watch(follower& who) {
    const auto patience = world_.is_calm() ? 20s : 2s + world_.random_duration(20s);
    world_.after(patience, [this, &who, now = who.connections, before = who.messages] {
        if (who.connections != now) {
            return;
        }
        if (who.messages == before) {
            come_back(who);
        } else {
            watch(who);
        }
    });
}

void followers::break_one() {
    if (all_.empty()) {
        return;
    }
    auto& who = *all_[world_.chance.roll(all_.size())];
    world_.note("follower {} breaks off", who.number);
    come_back(who);
}

void followers::leave() {
    have_left_ = true;
    for (const auto& who : all_) {
        ++who->connections;
        who->connection->hang_up();
    }
}

void followers::end(follower& who, std::uint16_t code, const std::string& reason) {
    world_.note("follower {} is cut: {} {}", who.number, code, reason);
    if (code == gateway::close_too_slow && who.order.after) {
        const auto told = position_in(reason);
        if (!told || told->at != *who.order.after) {
            who.complaint = fmt::format(
                "was told to go on from {} and had come to {}", reason, *who.order.after
            );
        }
    }
    come_back(who);
}

/// What came in one piece: a message of a WebSocket, or some of a stream.
void followers::hear(follower& who, const std::string& text) {
    ++who.messages;
    if (!who.order.as_stream) {
        hear_message(who, text);
        return;
    }
    std::string_view rest = text;
    constexpr std::string_view blank = "\n\n";
    while (!rest.empty()) {
        const auto size = rest.find(blank);
        if (size == std::string_view::npos) {
            who.complaint = "was sent half a message";
            return;
        }
        hear_message(who, std::string(rest.substr(0, size)));
        rest.remove_prefix(size + blank.size());
    }
}

void followers::hear_message(follower& who, const std::string& message) {
    const bool is_stream = who.order.as_stream;
    if (is_stream && message.starts_with(':')) {
        return;
    }
    const auto place =
        is_stream ? between(message, "id: ", "\n") : between(message, R"("position":")", "\"");
    const auto at = position_in(place);
    if (!at || at->partition != who.partition) {
        who.complaint = "was sent what has no place: " + message;
        return;
    }
    world_.note("follower {} hears {}", who.number, at->at);
    if (!who.start) {
        who.start = at->at;
    }
    if (is_stream || !message.starts_with(R"({"type":"feed.)")) {
        who.events.push_back({*at, message});
    } else if (who.order.after && at->at < *who.order.after) {
        who.complaint = fmt::format("was sent back from {} to {}", *who.order.after, at->at);
    }
    who.order.after = at->at;
}

std::vector<events::record_ptr> followers::wanted(
    const follower& who, const std::vector<events::record_ptr>& published
) {
    auto all = published;
    std::erase_if(all, [&](const auto& record) {
        return record->at <= *who.start ||
               (who.order.topics == timer_topic && !record->head.type.starts_with(timer_types));
    });
    return all;
}

std::string followers::behind(
    const std::function<std::vector<events::record_ptr>(events::organization_id)>& published
) const {
    for (const auto& who : all_) {
        if (!who->start) {
            return fmt::format("follower {} has not begun", who->number);
        }
        const auto due = wanted(*who, published(who->order.organization)).size();
        if (who->events.size() < due) {
            return fmt::format(
                "follower {} heard {} events of {}", who->number, who->events.size(), due
            );
        }
    }
    return {};
}

void followers::judge_heard(const judge& by) const {
    for (const auto& who : all_) {
        if (!who->complaint.empty()) {
            throw violation(fmt::format("follower {} {}", who->number, who->complaint));
        }
        judge_one(*who, by.published(who->order.organization));
    }
}

void followers::judge_one(const follower& who, const std::vector<events::record_ptr>& published) {
    const auto due = wanted(who, published);
    for (std::size_t i = 0; i < std::max(due.size(), who.events.size()); ++i) {
        const auto expected = i < due.size() ? due[i]->at : -1;
        const auto heard = i < who.events.size() ? who.events[i].at.at : -1;
        if (heard != expected) {
            throw violation(fmt::format(
                "follower {} heard {} where {} is due (-1: nothing)", who.number, heard, expected
            ));
        }
        const auto& text = who.events[i].text;
        if (between(text, R"("type":")", "\"") != due[i]->head.type ||
            text.find(due[i]->data) == std::string::npos) {
            throw violation(fmt::format("follower {} heard {} wrongly", who.number, heard));
        }
    }
}

std::size_t followers::heard() const {
    std::size_t all = 0;
    for (const auto& who : all_) {
        all += who->events.size();
    }
    return all;
}

}  // namespace teamflow::sim
