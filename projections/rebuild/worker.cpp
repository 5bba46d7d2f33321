#include "projections/rebuild/worker.hpp"

#include <utility>

#include "infra/clock.hpp"
#include "infra/crypto/random.hpp"

namespace teamflow::projections {

namespace {

std::string fresh_name() {
    const infra::system_clock time;
    infra::system_random random;
    return events::to_string(infra::uuid_v7_source(time, random).next());
}

}  // namespace

worker::worker(const std::string& postgres_url)
    : name_(fresh_name()), database_(postgres_url, giving_up_.get_token()) {}

worker::~worker() {
    stop(std::chrono::milliseconds::zero());
}

void worker::start(std::function<void()> work) {
    thread_ = std::thread([this, work = std::move(work)] {
        work();
        {
            const std::lock_guard lock(mutex_);
            ended_ = true;
        }
        told_.notify_all();
    });
}

void worker::pause(std::chrono::milliseconds length) {
    std::unique_lock lock(mutex_);
    told_.wait_for(lock, stopping_.get_token(), length, [] { return false; });
}

void worker::ask_to_stop() {
    stopping_.request_stop();
}

void worker::stop(std::chrono::milliseconds patience) {
    ask_to_stop();
    if (!thread_.joinable()) {
        return;
    }
    {
        std::unique_lock lock(mutex_);
        told_.wait_for(lock, patience, [this] { return ended_; });
    }
    giving_up_.request_stop();
    thread_.join();
}

}  // namespace teamflow::projections
