#include "infra/failpoint.hpp"

#ifdef TEAMFLOW_FAILPOINTS

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <string>

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

}  // namespace teamflow::infra

#endif
