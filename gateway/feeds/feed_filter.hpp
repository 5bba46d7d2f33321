#pragma once
// Which events of an organization a subscriber of the live feed gets.

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "events/json/problem.hpp"
#include "events/record.hpp"
#include "events/role.hpp"

namespace teamflow::gateway {

/// By topics, within what a role may see.
class feed_filter {
public:
    /// Reads `timers,notifications,tasks:<project>`; an empty text means everything. Problems name
    /// the field `topics`.
    static std::expected<feed_filter, events::json::problems> parse(
        std::string_view topics, events::role reader
    );

    [[nodiscard]] bool wants(const events::record& event) const;

private:
    events::role reader_ = events::role::viewer;
    bool everything_ = false;
    bool timers_ = false;
    /// As they stand in the text of an event's data.
    std::vector<std::string> projects_;
};

}  // namespace teamflow::gateway
