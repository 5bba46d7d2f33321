#include "infra/failpoint.hpp"

#ifdef TEAMFLOW_FAILPOINTS

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

void break_named_rule() {
    const char* setting = std::getenv("BROKEN_RULE");
    const std::string_view name = setting == nullptr ? "" : setting;
    if (name.empty()) {
        return;
    }
    if (name == "sequence") {
        events::break_rule(events::rule::sequence);
    } else if (name == "read_back") {
        events::break_rule(events::rule::read_back);
    } else if (name == "density") {
        events::break_rule(events::rule::density);
    } else {
        throw std::invalid_argument("BROKEN_RULE names no rule: " + std::string(name));
    }
    spdlog::warn("the rule {} is broken on purpose", name);
}

}  // namespace teamflow::infra

#endif
