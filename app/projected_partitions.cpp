#include "app/projected_partitions.hpp"

#include <chrono>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/ip/host_name.hpp>

#include "app/open_log.hpp"

namespace teamflow::app {

namespace {

using namespace std::chrono_literals;

/// A gateway in the same process takes its own time to leave its group.
constexpr auto leave_limit = 500ms;

/// What tells this process from others; nobody connects to it.
std::string name_of_process() {
    return fmt::format("{}:{}", boost::asio::ip::host_name(), ::getpid());
}

}  // namespace

projected_partitions::projected_partitions(foundation& on, listener told)
    : on_(on), told_(std::move(told)) {}

void projected_partitions::start() {
    lock_ = std::make_shared<infra::owner_lock>(
        on_.log_thread.at(0).get_executor(),
        on_.settings.postgres_url,
        infra::owner_lock::options{
            .what = "projectors",
            .address = name_of_process(),
            .acquired = [this] { take_all(); },
            .elsewhere = [this] { take_none(); }
        }
    );
    lock_->start();
    if (on_.kafka) {
        join_group();
    }
}

void projected_partitions::join_group() {
    infra::kafka::membership::options as;
    as.group = on_.settings.group_prefix + ".projectors";
    as.address = name_of_process();
    as.session_timeout = std::chrono::seconds(on_.settings.session_timeout_s);
    as.leave_limit = leave_limit;
    auto joined = infra::kafka::membership::join(
        kafka_settings(on_.settings),
        std::move(as),
        [this](const std::vector<events::partition_id>& ours) {
            const std::lock_guard lock(mutex_);
            group_spoke_ = true;
            told_(ours);
        }
    );
    const std::lock_guard lock(mutex_);
    group_ = std::move(joined);
}

void projected_partitions::take_all() {
    std::vector<events::partition_id> all(static_cast<std::size_t>(on_.log->partitions()));
    std::iota(all.begin(), all.end(), 0);
    const std::lock_guard lock(mutex_);
    if (!group_spoke_) {
        told_(all);
    }
}

void projected_partitions::take_none() {
    const std::lock_guard lock(mutex_);
    if (!group_spoke_) {
        told_({});
    }
}

/// Goes on as long as the group stands by it: then the other one is about to be told so. Else it
/// waits for what the group says next.
void projected_partitions::fenced() {
    const std::lock_guard lock(mutex_);
    if (group_ && !group_->is_member()) {
        told_({});
    }
}

void projected_partitions::stop() {
    if (lock_) {
        lock_->stop();
    }
    if (group_) {
        group_->leave();
    }
}

}  // namespace teamflow::app
