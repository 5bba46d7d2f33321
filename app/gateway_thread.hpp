#pragma once
// What each I/O thread of the gateway has for itself.

#include <memory>
#include <utility>

#include "app/settings.hpp"
#include "gateway/services.hpp"
#include "infra/crypto/secrets.hpp"
#include "infra/log/archive.hpp"

namespace teamflow::app {

/// Constructed anywhere, used on the thread of its context. The arguments must outlive it.
struct gateway_thread {
    gateway_thread(
        boost::asio::io_context& context,
        const app_settings& settings,
        const infra::secrets& keys,
        infra::key_cache& person_keys,
        std::shared_ptr<const infra::token_signer> signer,
        const infra::clock& time,
        infra::random_source& random
    )
        : database(context.get_executor(), settings.postgres_url, pool_settings()),
          history(database),
          ids(time, random),
          persons(database, person_keys, keys.master_key, time, random),
          accounts(database, time),
          sessions(database, time, random),
          doors(database, time, random),
          verified(std::move(signer), random) {}

    static infra::postgres::pool_options pool_settings() {
        infra::postgres::pool_options options;
        options.size = 2;
        options.connection.connect.application_name = "teamflow gateway";
        return options;
    }

    infra::postgres::pool database;
    infra::archive history;
    infra::uuid_v7_source ids;
    infra::key_store persons;
    infra::credentials accounts;
    infra::refresh_tokens sessions;
    infra::tickets doors;
    infra::verified_tokens verified;
};

}  // namespace teamflow::app
