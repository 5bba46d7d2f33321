#pragma once
// LISTEN on a connection of its own that comes back by itself.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "infra/asio.hpp"
#include "infra/postgres/connect.hpp"

namespace teamflow::infra::postgres {

struct listener_options {
    connect_options connect;
    std::chrono::milliseconds back_off_min{50};
    std::chrono::milliseconds back_off_max{2000};
};

/// What a listener calls, on the thread of its executor. Neither may throw.
struct listener_callbacks {
    /// A notification came.
    std::function<void(std::string_view channel, std::string_view payload)> notified;
    /// It listens from now on, for the first time or again. What was sent before may be missed:
    /// look the state up.
    std::function<void()> listening;
};

/// May be constructed anywhere; `close` belongs on the thread of the executor. A dead peer is
/// noticed by TCP keepalives within some 15 s.
class listener {
public:
    listener(
        asio::any_io_executor executor,
        std::string url,
        std::vector<std::string> channels,
        listener_callbacks callbacks,
        listener_options options = {}
    );

    /// Closes.
    ~listener();
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;

    /// No callback is called after it. Harmless when closed.
    void close();

private:
    struct shared;

    static task<void> run(std::shared_ptr<shared> state);
    static void begin_listening(shared& state);
    static task<void> receive(std::shared_ptr<shared> state);

    std::shared_ptr<shared> shared_;
};

}  // namespace teamflow::infra::postgres
