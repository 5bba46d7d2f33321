#include "gateway/feeds/feed_inbox.hpp"

#include <utility>

namespace teamflow::gateway {

bool feed_inbox::put(const feed_batch& batch) {
    bool fits = false;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& event : batch) {
            bytes_ += event.message->size() + event.record->data.size();
        }
        fits = !spoilt_ && waiting_.size() + batch.size() <= most_.events && bytes_ <= most_.bytes;
        if (fits) {
            waiting_.insert(waiting_.end(), batch.begin(), batch.end());
        } else {
            waiting_ = {};
            spoilt_ = true;
        }
    }
    news_->signal();
    return fits;
}

std::optional<feed_batch> feed_inbox::take() {
    const std::lock_guard lock(mutex_);
    if (spoilt_) {
        return std::nullopt;
    }
    bytes_ = 0;
    return std::exchange(waiting_, {});
}

}  // namespace teamflow::gateway
