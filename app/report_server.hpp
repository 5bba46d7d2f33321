#pragma once
// Health and metrics over HTTP of a process that does not serve the API.

#include <optional>
#include <string>

#include "app/foundation.hpp"
#include "app/metrics.hpp"
#include "app/projector_role.hpp"
#include "gateway/http/server.hpp"
#include "gateway/process_report.hpp"
#include "infra/postgres/pool.hpp"

namespace teamflow::app {

/// The same paths and answers as a gateway's, and nothing else. Blocking; for the main thread.
class report_server {
public:
    /// Both must outlive this; `projecting` runs already.
    report_server(foundation& on, const projector_role& projecting);

    /// Throws boost::system::system_error when the address cannot be had.
    void start();

    void stop();

    [[nodiscard]] std::string url() const;

private:
    [[nodiscard]] std::vector<gateway::process_report::check> checks() const;
    static infra::task<gateway::response> tell_readiness(report_server& self);

    foundation& on_;
    const projector_role& projecting_;
    metrics told_;
    gateway::process_report report_;
    infra::postgres::pool database_;
    gateway::http_service http_;
    std::optional<gateway::server> server_;
};

}  // namespace teamflow::app
