#include "infra/virtual_time.hpp"

#ifdef TEAMFLOW_FAILPOINTS

#include <algorithm>

namespace teamflow::infra {

namespace {

thread_local virtual_time* thread_time = nullptr;

}  // namespace

virtual_time* virtual_time::current() {
    return thread_time;
}

virtual_time::scope::scope(virtual_time& time) : before_(std::exchange(thread_time, &time)) {}

virtual_time::scope::~scope() {
    thread_time = before_;
}

std::optional<virtual_time::time_point> virtual_time::next() const {
    if (waits_.empty() || waits_.begin()->first.first == time_point::max()) {
        return std::nullopt;
    }
    return waits_.begin()->first.first;
}

void virtual_time::advance(time_point to) {
    now_ = std::max(now_, to);
    while (!waits_.empty() && waits_.begin()->first.first <= now_) {
        auto resume = std::move(waits_.begin()->second);
        waits_.erase(waits_.begin());
        resume({});
    }
}

virtual_time::place virtual_time::wait(time_point until, resumption resume) {
    const place at{until, ++last_wait_};
    waits_.emplace(at, std::move(resume));
    return at;
}

std::optional<virtual_time::resumption> virtual_time::take(const place& at) {
    const auto found = waits_.find(at);
    if (found == waits_.end()) {
        return std::nullopt;
    }
    auto resume = std::move(found->second);
    waits_.erase(found);
    return resume;
}

virtual_steady_timer::virtual_steady_timer(asio::any_io_executor executor)
    : executor_(std::move(executor)), time_(virtual_time::current()) {
    if (time_ == nullptr) {
        real_.emplace(executor_);
    }
}

virtual_steady_timer::virtual_steady_timer(asio::any_io_executor executor, time_point expiry)
    : virtual_steady_timer(std::move(executor)) {
    expires_at(expiry);
}

virtual_steady_timer::virtual_steady_timer(asio::any_io_executor executor, duration after)
    : virtual_steady_timer(std::move(executor)) {
    expires_after(after);
}

virtual_steady_timer::~virtual_steady_timer() {
    cancel();
}

std::size_t virtual_steady_timer::expires_at(time_point expiry) {
    if (real_) {
        return real_->expires_at(expiry);
    }
    const std::size_t cancelled = cancel();
    expiry_ = expiry;
    return cancelled;
}

std::size_t virtual_steady_timer::cancel() {
    if (real_) {
        return real_->cancel();
    }
    std::size_t cancelled = 0;
    for (const auto& at : std::exchange(waits_, {})) {
        if (auto resume = time_->take(at)) {
            (*resume)(asio::error::operation_aborted);
            ++cancelled;
        }
    }
    return cancelled;
}

virtual_time::place virtual_steady_timer::wait(virtual_time::resumption resume) {
    // Waits that ended are forgotten here, so that a timer that is never cancelled stays small.
    std::erase_if(waits_, [this](const auto& at) { return !time_->waits_.contains(at); });
    waits_.push_back(time_->wait(expiry_, std::move(resume)));
    return waits_.back();
}

}  // namespace teamflow::infra

#endif
