#include "app/heartbeat.hpp"

#include <utility>

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <boost/asio/ip/host_name.hpp>

namespace teamflow::app {

namespace {

using infra::postgres::array_param;
using infra::postgres::params;
using infra::postgres::statement;

constexpr std::chrono::seconds interval{1};

/// A process that ended without a word stays visible for a day.
constexpr statement beat_statement{
    "node.beat",
    "with forgotten as ("
    " delete from teamflow.nodes where seen_at < now() - interval '1 day'"
    ") insert into teamflow.nodes (id, address, roles, host, process_id, version, started_at, "
    "seen_at, partitions, projections, projected_partitions) "
    "values ($1, $2, $3, $4, $5, $6, now(), now(), $7, $8, $9) "
    "on conflict (id) do update set seen_at = now(), partitions = excluded.partitions, "
    "projections = excluded.projections, "
    "projected_partitions = excluded.projected_partitions"
};

constexpr statement leave_statement{"node.leave", "delete from teamflow.nodes where id = $1"};

template <class T>
array_param array_of(const std::vector<T>& values) {
    auto array = array_param::of<T>();
    for (const auto& value : values) {
        array.push(value);
    }
    return array;
}

/// It tells what is true anyway: nothing waits for the disk.
infra::postgres::pool_options one_connection() {
    infra::postgres::pool_options options;
    options.size = 1;
    options.connection.connect.application_name = "teamflow heartbeat";
    options.connection.settings = {{"synchronous_commit", "off"}};
    return options;
}

}  // namespace

heartbeat::heartbeat(
    boost::asio::any_io_executor executor,
    const std::string& postgres_url,
    infra::random_source& random,
    self what
)
    : what_(std::move(what)),
      host_(boost::asio::ip::host_name()),
      database_(executor, postgres_url, one_connection()),
      stopped_(std::make_shared<infra::wakeup>(std::move(executor))) {
    random.fill(id_.data);
}

infra::task<> heartbeat::run() {
    while (!stopping_) {
        co_await beat();
        co_await stopped_->wait(interval);
    }
    co_await leave();
}

infra::task<> heartbeat::beat() {
    params with;
    with.add(id_);
    with.add(what_.address);
    with.add(array_of(what_.roles));
    with.add(host_);
    with.add(static_cast<std::int32_t>(::getpid()));
    with.add(std::string_view(TEAMFLOW_VERSION));
    with.add(array_of(what_.partitions()));
    with.add(array_of(what_.projections()));
    with.add(array_of(what_.projected_partitions()));
    try {
        co_await database_.query(beat_statement, std::move(with));
    } catch (const infra::postgres_error& failure) {
        // Others see this process fall silent, which is what there is to see.
        spdlog::debug("no sign of life could be written: {}", failure.what());
    }
}

infra::task<> heartbeat::leave() {
    try {
        co_await database_.query(leave_statement, params::of(id_));
    } catch (const infra::postgres_error& failure) {
        spdlog::debug("this node's row stays for a day: {}", failure.what());
    }
}

void heartbeat::stop() {
    stopping_ = true;
    stopped_->signal();
}

}  // namespace teamflow::app
