#include "app/node.hpp"

#include <optional>
#include <utility>

#include "app/foundation.hpp"
#include "app/gateway_role.hpp"
#include "app/projector_role.hpp"

namespace teamflow::app {

struct node::parts {
    parts(app_settings how, infra::secrets secret, roles plays)
        : on(std::move(how), std::move(secret)), projecting(on), projects(plays.projector) {
        if (plays.gateway) {
            serving.emplace(on, projecting);
        }
    }

    ~parts() {
        on.gateway_threads.stop();
        on.projection_threads.stop();
        on.log_thread.stop();
    }

    foundation on;
    projector_role projecting;
    std::optional<gateway_role> serving;
    bool projects;
};

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
        }
    } catch (...) {
        // What has begun ends in good order, before what it stands on is taken apart.
        stop();
        throw;
    }
}

std::string node::url() const {
    return parts_->serving ? parts_->serving->url() : std::string();
}

std::uint16_t node::port() const {
    return parts_->serving ? parts_->serving->port() : 0;
}

void node::stop() {
    if (parts_->serving) {
        parts_->serving->stop();
    }
    parts_->projecting.stop();
    parts_->on.log->stop();
}

}  // namespace teamflow::app
