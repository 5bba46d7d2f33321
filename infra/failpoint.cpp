#include "infra/failpoint.hpp"

#ifdef TEAMFLOW_FAILPOINTS

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include <spdlog/spdlog.h>

#include "events/broken_rule.hpp"

namespace teamflow::infra {

namespace {

struct armed_failpoint {
    std::string name;
    long passages = 0;
};

struct named_rule {
    std::string_view name;
    events::rule which;
};

constexpr std::array rules{
    named_rule{"sequence", events::rule::sequence},
    named_rule{"read_back", events::rule::read_back},
    named_rule{"density", events::rule::density},
    named_rule{"idempotence", events::rule::idempotence},
    named_rule{"feed_join", events::rule::feed_join}
};

armed_failpoint read_environment() {
    const char* setting = std::getenv("FAILPOINT");
    const std::string_view text = setting == nullptr ? "" : setting;
    const std::size_t colon = text.rfind(':');
    armed_failpoint armed{.name = std::string(text.substr(0, colon)), .passages = 1};
    if (colon != std::string_view::npos) {
        std::from_chars(text.data() + colon + 1, text.data() + text.size(), armed.passages);
    }
    return armed;
}

}  // namespace

void failpoint(std::string_view name) {
    static const armed_failpoint armed = read_environment();
    static std::atomic<long> passages = 0;
    if (armed.name == name && ++passages == armed.passages) {
        std::raise(SIGKILL);
    }
}

void break_named_rules() {
    const char* setting = std::getenv("BROKEN_RULES");
    std::string_view names = setting == nullptr ? "" : setting;
    while (!names.empty()) {
        const auto name = names.substr(0, names.find(','));
        const auto found = std::ranges::find(rules, name, &named_rule::name);
        if (found == rules.end()) {
            throw std::invalid_argument("BROKEN_RULES names no rule: " + std::string(name));
        }
        events::break_rule(found->which);
        spdlog::warn("the rule {} is broken on purpose", name);
        names.remove_prefix(std::min(names.size(), name.size() + 1));
    }
}

}  // namespace teamflow::infra

#endif
