#pragma once
// Who follows organizations in the simulated cluster: by any node, from wherever the last one left
// off; and what they must have heard in the end.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/sim/broker.hpp"
#include "tests/sim/feeding.hpp"
#include "tests/sim/judge.hpp"
#include "tests/sim/office.hpp"

namespace teamflow::sim {

class node;

class followers {
public:
    /// `pick` gives some node, or nullptr when what was picked does not run.
    followers(
        world& around, const broker& log, std::vector<office>& offices, std::function<node*()> pick
    );

    /// So many begin, at any time within the first seconds.
    void start(std::size_t count);

    /// One of them breaks off, and comes back.
    void break_one();

    /// All break off and stay away.
    void leave();

    /// Whether somebody lacks something of what `published` tells of an organization, in words.
    [[nodiscard]] std::string behind(
        const std::function<std::vector<events::record_ptr>(events::organization_id)>& published
    ) const;

    /// What each heard against the fold. Throws violation.
    void judge_heard(const judge& by) const;

    /// Events that were heard, and how often somebody came back for more.
    [[nodiscard]] std::size_t heard() const;

    [[nodiscard]] std::size_t resumptions() const { return resumptions_; }

private:
    struct event_heard {
        events::position at;
        std::string text;
    };

    struct follower {
        std::size_t number = 0;
        feed_order order;
        events::partition_id partition = 0;
        std::size_t room = 1;
        std::size_t slowness = 0;
        /// Behind it everything is to be heard; the same from the first beginning on.
        std::optional<events::offset> start;
        std::vector<event_heard> events;
        /// What was wrong at once.
        std::string complaint;
        std::shared_ptr<wire> connection;
        std::size_t connections = 0;
        std::size_t messages = 0;
    };

    void begin();
    void connect(follower& who);
    void come_back(follower& who);
    void watch(follower& who);
    void hear(follower& who, const std::string& text);
    void hear_message(follower& who, const std::string& message);
    void end(follower& who, std::uint16_t code, const std::string& reason);
    [[nodiscard]] static std::vector<events::record_ptr> wanted(
        const follower& who, const std::vector<events::record_ptr>& published
    );
    static void judge_one(const follower& who, const std::vector<events::record_ptr>& published);

    world& world_;
    const broker& log_;
    std::vector<office>& offices_;
    std::function<node*()> pick_;
    std::vector<std::unique_ptr<follower>> all_;
    std::size_t resumptions_ = 0;
    bool have_left_ = false;
};

}  // namespace teamflow::sim
