#pragma once
// Tells access_changes of what happens to members and sign-ins on any gateway, and the cache of
// keys of persons who were erased.

#include <memory>
#include <string>

#include "events/record.hpp"
#include "gateway/api/access_changes.hpp"
#include "infra/asio.hpp"
#include "infra/clock.hpp"
#include "infra/crypto/key_cache.hpp"
#include "infra/postgres/connection.hpp"
#include "infra/postgres/listener.hpp"

namespace teamflow::gateway {

using infra::task;

/// Notices of ended sign-ins and destroyed keys come from PostgreSQL, changed members from the log
/// through see(). Whenever the connection is new, what happened within the life of a token, and all
/// keys that were destroyed since this began, are read from tables.
class access_watch {
public:
    /// References must outlive this, and the executor's thread must have ended before it does.
    access_watch(
        infra::asio::any_io_executor executor,
        const std::string& url,
        access_changes& changes,
        infra::key_cache& keys,
        const infra::clock& time,
        std::chrono::seconds token_life
    );

    /// A valid event of the log. Any thread.
    void see(const events::record& event);

private:
    struct shared;

    static task<> read_recent(std::weak_ptr<shared> watching);
    static void take(shared& state, const std::vector<infra::postgres::result>& rows);

    std::shared_ptr<shared> shared_;
    infra::postgres::listener listener_;
};

}  // namespace teamflow::gateway
