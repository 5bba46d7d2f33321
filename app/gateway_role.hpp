#pragma once
// The role that serves HTTP, decides commands and owns partitions.

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/assignment.hpp"
#include "app/foundation.hpp"
#include "app/gateway_thread.hpp"
#include "app/metrics.hpp"
#include "app/projector_role.hpp"
#include "app/sweeper.hpp"
#include "commands/process/process_manager.hpp"
#include "commands/writer/command_router.hpp"
#include "gateway/api/access_watch.hpp"
#include "gateway/api/api.hpp"
#include "gateway/forward/forwarding.hpp"
#include "gateway/http/server.hpp"
#include "projections/progress_listener.hpp"

namespace teamflow::app {

/// Blocking; for the main thread.
class gateway_role {
public:
    /// Puts its parts together and takes its port, so that its address is known; nothing runs yet.
    /// `on` must outlive this, and so must `projecting`, whose state it reports. Throws
    /// boost::system::system_error when the port is not free.
    gateway_role(foundation& on, const projector_role& projecting);

    /// Returns when the partitions that fall to this gateway are owned, or others serve them
    /// (assignment::await), and requests are served. Throws std::runtime_error when neither comes
    /// to be.
    void start();

    /// Answers what is under way and ends, within the limit of the settings.
    void stop();

    /// Partitions that are served here now. From any thread.
    [[nodiscard]] std::vector<events::partition_id> owned() const {
        return commands_->owned_partitions();
    }

    [[nodiscard]] std::string url() const;

    /// Where other gateways reach this one, `http://host:port`.
    [[nodiscard]] std::string address() const;

    [[nodiscard]] std::uint16_t port() const { return server_->port(); }

private:
    void make_transport();
    void make_commands();
    void make_routers();
    void make_feeds();
    void make_api();
    void make_report();
    [[nodiscard]] std::vector<gateway::process_report::check> checks() const;
    void repeat_erasures();
    void start_processes();

    foundation& on_;
    const projector_role& projecting_;
    infra::hmac_sha256 fingerprint_key_;
    infra::hmac_sha256 email_key_;
    infra::hmac_sha256 forwarding_key_;
    infra::key_cache person_keys_;
    infra::password_hasher passwords_;
    std::shared_ptr<const infra::token_signer> signer_;
    infra::rate_limiter token_limit_;
    infra::rate_limiter address_limit_;
    gateway::api_settings api_settings_;
    gateway::process_report report_;
    metrics told_;
    std::deque<gateway_thread> threads_;
    std::unique_ptr<commands::command_service> commands_;
    commands::routing_counters routing_;
    std::deque<gateway::forwarding> forwarding_;
    std::deque<commands::command_router> routers_;
    std::optional<assignment> owning_;
    std::optional<commands::process_runner> processes_;
    std::optional<sweeper> sweeping_;
    std::optional<gateway::cluster_watch> watching_;
    std::atomic<int> processes_running_ = 0;
    gateway::access_changes changes_{api_settings_.access_token_life};
    std::unique_ptr<gateway::access_watch> access_;
    std::unique_ptr<gateway::live_feeds> feeds_;
    std::unique_ptr<projections::progress_listener> progress_;
    std::deque<gateway::services> services_;
    std::unique_ptr<gateway::api> api_;
    std::unique_ptr<gateway::http_service> http_;
    std::unique_ptr<gateway::server> server_;
};

}  // namespace teamflow::app
