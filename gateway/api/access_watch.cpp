#include "gateway/api/access_watch.hpp"

#include <optional>
#include <variant>

#include <spdlog/spdlog.h>

#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>

#include "events/registry.hpp"
#include "infra/postgres/connection.hpp"

namespace teamflow::gateway {

namespace asio = infra::asio;
namespace postgres = infra::postgres;

namespace {

constexpr std::chrono::milliseconds retry_interval{500};
constexpr std::string_view sign_in_channel = "teamflow_sign_in_ended";
constexpr std::string_view key_channel = "teamflow_key_destroyed";
/// Clocks of processes differ by less.
constexpr std::chrono::minutes clock_difference{5};

constexpr postgres::statement recent_sign_ins{
    "access.sign_ins",
    "select family, revoked_at from identity_private.refresh_families where revoked_at > $1"
};

constexpr postgres::statement recent_members{
    "access.members",
    "select schema_version, data, time from teamflow.log_records where kind = 1 "
    "and type = 'organization.member_changed' and time > $1 order by time, \"offset\""
};

constexpr postgres::statement destroyed_keys{
    "access.destroyed_keys",
    "select person from identity_private.person_keys where destroyed_at > $1"
};

void tell(
    access_changes& changes,
    std::int16_t schema_version,
    std::string_view data,
    events::timestamp at
) {
    try {
        const auto event = events::decode(events::member_changed::type, schema_version, data);
        if (event) {
            changes.member_changed(std::get<events::member_changed>(*event), at);
        }
    } catch (const events::undecodable_event& failure) {
        // Read models park it, for an operator to see; tokens stay good until they expire.
        spdlog::error("a change of a member does not read: {}", failure.what());
    }
}

}  // namespace

struct access_watch::shared {
    asio::any_io_executor executor;
    std::string url;
    access_changes* changes;
    infra::key_cache* keys;
    const infra::clock* time;
    std::chrono::seconds token_life;
    /// Keys that were destroyed before are in no cache of this process.
    events::timestamp began;

    void notified(std::string_view channel, std::string_view payload) {
        const auto id = events::parse_uuid(payload);
        if (!id) {
            return;
        }
        if (channel == key_channel) {
            keys->put(events::user_id{*id}, infra::key_destroyed{});
        } else {
            changes->sign_in_ended(*id, time->now());
        }
    }
};

access_watch::access_watch(
    asio::any_io_executor executor,
    const std::string& url,
    access_changes& changes,
    infra::key_cache& keys,
    const infra::clock& time,
    std::chrono::seconds token_life
)
    : shared_(std::make_shared<shared>(
          executor, url, &changes, &keys, &time, token_life, time.now() - clock_difference
      )),
      listener_(
          executor,
          url,
          {std::string(sign_in_channel), std::string(key_channel)},
          {.notified = [state = shared_](
                           std::string_view channel, std::string_view payload
                       ) { state->notified(channel, payload); },
           .listening =
               [weak = std::weak_ptr(shared_)] {
                   if (const auto state = weak.lock()) {
                       asio::co_spawn(state->executor, read_recent(weak), asio::detached);
                   }
               }}
      ) {}

void access_watch::see(const events::record& event) {
    if (event.head.type == events::member_changed::type) {
        tell(*shared_->changes, event.head.schema_version, event.data, event.head.time);
    }
}

/// Tries again until it succeeds or nobody watches any more.
task<> access_watch::read_recent(std::weak_ptr<shared> watching) {
    while (auto state = watching.lock()) {
        const auto since = state->time->now() - state->token_life;
        const auto began = state->began;
        const auto executor = state->executor;
        const auto url = state->url;
        state.reset();
        std::vector<postgres::call> calls;
        calls.push_back({recent_sign_ins, postgres::params::of(since)});
        calls.push_back({recent_members, postgres::params::of(since)});
        calls.push_back({destroyed_keys, postgres::params::of(began)});
        std::optional<std::vector<postgres::result>> rows;
        try {
            const auto database = co_await postgres::connection::open(executor, url);
            rows = co_await database->atomically(std::move(calls));
            database->close();
        } catch (const infra::postgres_error& error) {
            spdlog::warn("ended sign-ins could not be read: {}", error.what());
        }
        if (rows) {
            if (const auto still = watching.lock()) {
                take(*still, *rows);
            }
            co_return;
        }
        asio::steady_timer pause(executor, retry_interval);
        co_await pause.async_wait(asio::use_awaitable);
    }
}

void access_watch::take(shared& state, const std::vector<postgres::result>& rows) {
    const auto& sign_ins = rows.at(0);
    for (std::size_t i = 0; i < sign_ins.rows(); ++i) {
        state.changes->sign_in_ended(
            sign_ins.get<events::uuid>(i, 0), sign_ins.get<events::timestamp>(i, 1)
        );
    }
    const auto& members = rows.at(1);
    for (std::size_t i = 0; i < members.rows(); ++i) {
        tell(
            *state.changes,
            members.get<std::int16_t>(i, 0),
            members.get<std::string_view>(i, 1),
            members.get<events::timestamp>(i, 2)
        );
    }
    const auto& destroyed = rows.at(2);
    for (std::size_t i = 0; i < destroyed.rows(); ++i) {
        state.keys->put(destroyed.get<events::user_id>(i, 0), infra::key_destroyed{});
    }
}

}  // namespace teamflow::gateway
