#pragma once
// Keeps a read_position up to date with projectors of other processes.

#include <memory>
#include <string>

#include "infra/asio.hpp"
#include "infra/postgres/listener.hpp"
#include "infra/postgres/result.hpp"
#include "projections/read_position.hpp"

namespace teamflow::projections {

/// Listens on a connection of its own. Each time that connection is made, what was known is
/// forgotten and the checkpoints are read: notices may have been missed, and a database that
/// crashed may have lost its newest checkpoints with their rows.
class progress_listener {
public:
    /// `positions` must outlive this. May be constructed anywhere; must be destroyed on the thread
    /// of the executor, or after it has stopped.
    progress_listener(
        infra::asio::any_io_executor executor, const std::string& url, read_position& positions
    );

private:
    struct shared;

    static infra::task<> read_checkpoints(std::weak_ptr<shared> listening);
    static void take(const std::shared_ptr<shared>& state, const infra::postgres::result& rows);

    std::shared_ptr<shared> shared_;
    infra::postgres::listener listener_;
};

}  // namespace teamflow::projections
