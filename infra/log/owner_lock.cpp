#include "infra/log/owner_lock.hpp"

#include <utility>

#include <spdlog/spdlog.h>

#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "infra/postgres/error.hpp"

namespace teamflow::infra {

namespace {

/// After a crash the next owner waits at most so long beyond the end of the old session.
constexpr std::chrono::milliseconds interval{100};

/// The lock goes with its session, and the session of a machine that lost its power or its link
/// only when the server finds out: within 6 s, as a consumer group on Kafka does.
constexpr postgres::keepalive asks{.idle_s = 2, .interval_s = 1, .count = 4};
/// The same while an answer to a lost peer is under way, in milliseconds.
constexpr const char* send_limit = "6000";

/// Parameter: what is locked. The keys of the lock, and who has it: sessions name their address.
constexpr postgres::statement take{
    "owner_lock.take",
    "select pg_try_advisory_lock(hashtext('teamflow'), hashtext($1)),"
    " coalesce((select max(a.application_name) from pg_locks l join pg_stat_activity a using (pid)"
    " where l.locktype = 'advisory' and l.granted and l.pid <> pg_backend_pid()"
    " and l.database = (select oid from pg_database where datname = current_database())"
    " and l.classid::bigint = hashtext('teamflow')::bigint & 4294967295"
    " and l.objid::bigint = hashtext($1)::bigint & 4294967295), '')"
};

}  // namespace

owner_lock::owner_lock(asio::any_io_executor executor, std::string url, options how)
    : executor_(std::move(executor)),
      url_(std::move(url)),
      options_(std::move(how)),
      stopping_(std::make_shared<wakeup>(executor_)) {}

std::string owner_lock::session_prefix() const {
    return "teamflow " + options_.what + " ";
}

void owner_lock::start() {
    asio::co_spawn(executor_, seek(shared_from_this()), asio::detached);
}

void owner_lock::stop() {
    if (stopped_.exchange(true)) {
        return;
    }
    asio::post(executor_, [self = shared_from_this()] {
        self->stopping_->signal();
        if (self->database_) {
            self->database_->close();
        }
    });
}

std::string owner_lock::other_holder() const {
    const std::lock_guard lock(mutex_);
    return other_holder_;
}

void owner_lock::set_other_holder(std::string name) {
    const std::lock_guard lock(mutex_);
    if (name != other_holder_ && !name.empty()) {
        spdlog::info("the lock of the {} is held by {}", options_.what, name);
    }
    other_holder_ = std::move(name);
}

task<> owner_lock::seek(std::shared_ptr<owner_lock> self) {
    while (!self->stopped_) {
        try {
            postgres::connection_options options;
            options.connect.application_name = self->session_prefix() + self->options_.address;
            options.connect.asks = asks;
            options.settings = {{"tcp_user_timeout", send_limit}};
            auto database = co_await postgres::connection::open(
                self->executor_, self->url_, std::move(options)
            );
            self->database_ = database;
            co_await self->try_once(std::move(database));
        } catch (const postgres_error& failure) {
            spdlog::debug(
                "the lock of the {} cannot be sought: {}", self->options_.what, failure.what()
            );
        }
        if (self->held_.exchange(false)) {
            self->options_.elsewhere();
        }
        if (!self->stopped_) {
            co_await self->stopping_->wait(interval);
        }
    }
    if (self->database_) {
        self->database_->close();
        self->database_.reset();
    }
}

/// Returns when the connection is gone.
task<> owner_lock::try_once(std::shared_ptr<postgres::connection> database) {
    while (!stopped_) {
        const auto answer = co_await database->query(take, postgres::params::of(options_.what));
        if (answer.get<bool>(0, 0)) {
            set_other_holder({});
            held_ = true;
            options_.acquired();
            co_await database->wait_closed();
            co_return;
        }
        auto name = answer.get<std::string>(0, 1);
        if (const auto prefix = session_prefix(); name.starts_with(prefix)) {
            name.erase(0, prefix.size());
        }
        if (other_holder().empty() && !name.empty()) {
            options_.elsewhere();
        }
        set_other_holder(std::move(name));
        co_await stopping_->wait(interval);
    }
}

}  // namespace teamflow::infra
