#pragma once
// What handlers work with: one set for each I/O thread, so that nothing in it needs a lock.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "commands/writer/command_router.hpp"
#include "gateway/api/access_changes.hpp"
#include "gateway/cluster_watch.hpp"
#include "gateway/feeds/live_feeds.hpp"
#include "gateway/process_report.hpp"
#include "infra/clock.hpp"
#include "infra/crypto/credentials.hpp"
#include "infra/crypto/hmac.hpp"
#include "infra/crypto/jwt.hpp"
#include "infra/crypto/key_store.hpp"
#include "infra/crypto/password.hpp"
#include "infra/crypto/random.hpp"
#include "infra/crypto/refresh_tokens.hpp"
#include "infra/crypto/tickets.hpp"
#include "infra/crypto/verified_tokens.hpp"
#include "infra/log/event_log.hpp"
#include "infra/postgres/pool.hpp"
#include "infra/rate_limit.hpp"
#include "projections/read_position.hpp"

namespace teamflow::gateway {

/// The settings that handlers look at.
struct api_settings {
    std::chrono::seconds access_token_life{900};
    std::chrono::milliseconds read_wait{2000};
    /// Below limits::answer_ms, so that what was waited for can still be read.
    std::chrono::seconds read_wait_max{25};
};

/// Belongs to one I/O thread; what is shared between threads is thread-safe by itself.
struct services {
    commands::command_router& commands;
    infra::event_log& log;
    live_feeds& feeds;
    infra::postgres::pool& database;
    projections::read_position& positions;
    infra::key_store& keys;
    infra::credentials& credentials;
    infra::refresh_tokens& refresh_tokens;
    infra::tickets& tickets;
    infra::password_hasher& passwords;
    infra::verified_tokens& verified;
    const access_changes& changes;
    const cluster_watch& watch;
    const infra::token_signer& signer;
    infra::rate_limiter& token_limit;
    infra::rate_limiter& address_limit;
    const infra::hmac_sha256& fingerprint_key;
    const infra::hmac_sha256& email_key;
    const infra::hmac_sha256& forwarding_key;
    const infra::clock& clock;
    infra::random_source& random;
    infra::uuid_v7_source& ids;
    const process_report& report;
    const api_settings& settings;
};

}  // namespace teamflow::gateway
