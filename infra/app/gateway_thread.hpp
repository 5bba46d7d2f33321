#pragma once
// What each I/O thread of the gateway has for itself.

#include <memory>
#include <utility>

#include "gateway/services.hpp"
#include "infra/app/settings.hpp"
#include "infra/crypto/secrets.hpp"
#include "infra/log/archive.hpp"

namespace teamflow::infra {

/// Constructed anywhere, used on the thread of its context. The arguments must outlive it.
struct gateway_thread {
    gateway_thread(
        asio::io_context& context,
        const app_settings& settings,
        const secrets& keys,
        key_cache& person_keys,
        std::shared_ptr<const token_signer> signer,
        const clock& time,
        random_source& random
    )
        : database(context.get_executor(), settings.postgres_url, pool_settings()),
          history(database),
          ids(time, random),
          persons(database, person_keys, keys.master_key, time, random),
          accounts(database, time),
          sessions(database, time, random),
          doors(database, time, random),
          verified(std::move(signer), random) {}

    static postgres::pool_options pool_settings() {
        postgres::pool_options options;
        options.size = 2;
        options.connection.connect.application_name = "teamflow gateway";
        return options;
    }

    postgres::pool database;
    archive history;
    uuid_v7_source ids;
    key_store persons;
    credentials accounts;
    refresh_tokens sessions;
    tickets doors;
    verified_tokens verified;
};

}  // namespace teamflow::infra
