#pragma once
// One process of TeamFlow: its parts put together for the roles that it plays.

#include <memory>
#include <string>
#include <vector>

#include "app/settings.hpp"
#include "infra/crypto/secrets.hpp"

namespace teamflow::app {

/// What a process does. They share nothing but the log and PostgreSQL.
struct roles {
    /// Serves HTTP and owns partitions.
    bool gateway = false;
    /// Builds read models, and archives a Kafka log.
    bool projector = false;
};

/// Constructed, started, and stopped once. Blocking; for the main thread.
class node {
public:
    /// Connects to what the roles need. Throws std::runtime_error and postgres_error with the
    /// dependency at fault.
    node(app_settings settings, infra::secrets keys, roles plays);
    ~node();
    node(const node&) = delete;
    node& operator=(const node&) = delete;

    /// Serves from now on; returns when the log is owned and the port is bound.
    void start();

    /// `http://127.0.0.1:8080`; empty when nothing is served.
    [[nodiscard]] std::string url() const;

    /// The bound port; 0 without the gateway role.
    [[nodiscard]] std::uint16_t port() const;

    /// Finishes what is under way and stops, within the limit of the settings.
    void stop();

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

}  // namespace teamflow::app
