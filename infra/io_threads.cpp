#include "infra/io_threads.hpp"

#include <algorithm>

namespace teamflow::infra {

io_threads::io_threads(std::size_t count) {
    for (std::size_t i = 0; i < std::max<std::size_t>(count, 1); ++i) {
        contexts_.emplace_back(1);
        guards_.push_back(asio::make_work_guard(contexts_.back()));
    }
}

io_threads::~io_threads() {
    stop();
}

void io_threads::start() {
    for (auto& context : contexts_) {
        threads_.emplace_back([&context] { context.run(); });
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
