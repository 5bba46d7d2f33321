#include "infra/io_threads.hpp"

#include <algorithm>
#include <utility>

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

namespace teamflow::infra {

io_threads::io_threads(std::size_t count, std::string name, int niceness)
    : name_(std::move(name)), niceness_(niceness) {
    for (std::size_t i = 0; i < std::max<std::size_t>(count, 1); ++i) {
        contexts_.emplace_back(1);
        guards_.push_back(asio::make_work_guard(contexts_.back()));
    }
}

io_threads::~io_threads() {
    stop();
}

std::vector<asio::any_io_executor> io_threads::executors() {
    std::vector<asio::any_io_executor> all;
    all.reserve(contexts_.size());
    for (auto& context : contexts_) {
        all.push_back(context.get_executor());
    }
    return all;
}

void io_threads::start() {
    for (auto& context : contexts_) {
        threads_.emplace_back([this, &context] {
            ::pthread_setname_np(::pthread_self(), name_.c_str());
            // Linux: of the thread, not of the process. It may always be raised.
            ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), niceness_);
            context.run();
        });
    }
}

void io_threads::stop() {
    for (auto& guard : guards_) {
        guard.reset();
    }
    for (auto& context : contexts_) {
        context.stop();
    }
    threads_.clear();
}

}  // namespace teamflow::infra
