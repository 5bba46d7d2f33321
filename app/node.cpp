#include "app/node.hpp"

#include <future>
#include <optional>
#include <utility>

#include <spdlog/spdlog.h>

#include "app/foundation.hpp"
#include "app/gateway_role.hpp"
#include "app/heartbeat.hpp"
#include "app/projector_role.hpp"
#include "app/report_server.hpp"

namespace teamflow::app {

struct node::parts {
    parts(app_settings how, infra::secrets secret, roles plays)
        : on(std::move(how), std::move(secret)), projecting(on), projects(plays.projector) {
        if (plays.gateway) {
            serving.emplace(on, projecting);
        }
    }

    void start_beating();
    void stop_beating();

    ~parts() {
        on.gateway_threads.stop();
        on.projection_threads.stop();
        on.log_thread.stop();
    }

    foundation on;
    projector_role projecting;
    std::optional<gateway_role> serving;
    bool projects;
    /// Without the gateway role, where it is asked for.
    std::optional<report_server> reporting;
    std::optional<heartbeat> beating;
    std::future<void> beaten;
};

void node::parts::start_beating() {
    heartbeat::self self{
        .address = {},
        .roles = {},
        .partitions = [] { return std::vector<events::partition_id>{}; },
        .projections = [this] { return projecting.building(); },
        .projected_partitions = [this] { return projecting.partitions(); }
    };
    if (serving) {
        self.address = serving->address();
        self.roles.emplace_back("gateway");
        self.partitions = [this] { return serving->owned(); };
    }
    if (projects) {
        self.roles.emplace_back("projector");
    }
    auto& context = on.log_thread.at(0);
    beating.emplace(context.get_executor(), on.settings.postgres_url, on.random, std::move(self));
    beaten = boost::asio::co_spawn(context, beating->run(), boost::asio::use_future);
}

void node::parts::stop_beating() {
    if (!beating) {
        return;
    }
    beating->stop();
    if (beaten.wait_for(on.settings.stop_limit / 10) != std::future_status::ready) {
        spdlog::warn("the database does not answer; this node's row stays for a day");
    }
}

node::node(app_settings settings, infra::secrets keys, roles plays)
    : parts_(std::make_unique<parts>(std::move(settings), std::move(keys), plays)) {}

node::~node() = default;

void node::start() {
    try {
        parts_->on.gateway_threads.start();
        parts_->on.projection_threads.start();
        if (parts_->projects) {
            parts_->projecting.start();
        }
        if (parts_->serving) {
            parts_->serving->start();
        } else if (!parts_->on.settings.listen_host.empty()) {
            parts_->reporting.emplace(parts_->on, parts_->projecting).start();
        }
        parts_->start_beating();
    } catch (...) {
        // What has begun ends in good order, before what it stands on is taken apart.
        stop();
        throw;
    }
}

std::string node::url() const {
    if (parts_->serving) {
        return parts_->serving->url();
    }
    return parts_->reporting ? parts_->reporting->url() : std::string();
}

std::uint16_t node::port() const {
    return parts_->serving ? parts_->serving->port() : 0;
}

void node::stop() {
    if (parts_->serving) {
        parts_->serving->stop();
    }
    if (parts_->reporting) {
        parts_->reporting->stop();
    }
    const auto limit = parts_->on.settings.stop_limit / 10;
    const bool ended = parts_->projecting.stop(limit);
    parts_->stop_beating();
    parts_->on.log->stop();
    if (!ended && !parts_->projecting.stop(limit)) {
        spdlog::warn("a projector did not end in time; its checkpoint says where it was");
    }
}

}  // namespace teamflow::app
