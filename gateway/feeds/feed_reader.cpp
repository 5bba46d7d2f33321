#include "gateway/feeds/feed_reader.hpp"

#include <algorithm>

#include "events/broken_rule.hpp"
#include "gateway/feeds/feed_message.hpp"
#include "infra/steady_timer.hpp"

namespace teamflow::gateway {

namespace {

constexpr std::int32_t page_size = 256;
constexpr std::chrono::milliseconds archive_pause{10};

}  // namespace

feed_reader::feed_reader(
    live_feeds& feeds,
    infra::stream_archive& history,
    infra::asio::any_io_executor executor,
    events::organization_id organization,
    events::offset after,
    feed_inbox::bounds most
)
    : feeds_(feeds),
      history_(history),
      bell_(std::make_shared<infra::wakeup>(std::move(executor))),
      organization_(organization),
      partition_(events::partition_of(organization, feeds.log().partitions())),
      reached_(after),
      most_(most) {}

task<feed_batch> feed_reader::next(std::chrono::steady_clock::duration limit) {
    const auto deadline = infra::steady_clock::now() + limit;
    bool is_waiting = true;
    while (true) {
        const auto before = stage_;
        feed_batch batch;
        if (stage_ == stage::live) {
            batch = take_live();
        } else {
            batch = co_await read_history();
        }
        const bool has_moved = stage_ != before;
        if (!batch.empty() || (!is_waiting && !has_moved)) {
            is_live_ = before == stage::live;
            co_return batch;
        }
        if (has_moved) {
            continue;
        }
        auto left = deadline - infra::steady_clock::now();
        if (stage_ != stage::live) {
            left = std::min<std::chrono::steady_clock::duration>(left, archive_pause);
        }
        const bool rang = co_await bell_->wait(left);
        is_waiting = !rang && infra::steady_clock::now() < deadline;
    }
}

/// A page, or nothing: then either the tail is joined, or the archive has not come so far yet.
task<feed_batch> feed_reader::read_history() {
    const auto archived = feeds_.log().archived(partition_);
    const auto records = co_await history_.organization(organization_, reached_, page_size);
    feed_batch batch;
    for (const auto& record : records) {
        if (stage_ == stage::joining && record->at > heard_->from) {
            break;
        }
        batch.push_back({record, std::make_shared<const std::string>(feed_message(*record))});
        reached_ = record->at;
    }
    if (batch.size() == page_size) {
        co_return batch;
    }
    if (stage_ == stage::archive) {
        inbox_ = std::make_shared<feed_inbox>(bell_, most_);
        heard_ = co_await feeds_.listen(organization_, inbox_);
        stage_ = stage::joining;
    } else if (archived >= heard_->from || events::is_broken(events::rule::feed_join)) {
        reached_ = std::max(reached_, heard_->from);
        stage_ = stage::live;
    }
    co_return batch;
}

feed_batch feed_reader::take_live() {
    // Read first: what lies up to there is in the inbox already.
    const auto place = feeds_.position(partition_);
    auto batch = inbox_->take();
    if (!batch) {
        fall_back();
        return {};
    }
    std::erase_if(*batch, [&](const feed_event& event) { return event.record->at <= reached_; });
    if (!batch->empty()) {
        reached_ = batch->back().record->at;
    }
    reached_ = std::max(reached_, place);
    return std::move(*batch);
}

void feed_reader::fall_back() {
    heard_.reset();
    inbox_.reset();
    stage_ = stage::archive;
}

}  // namespace teamflow::gateway
