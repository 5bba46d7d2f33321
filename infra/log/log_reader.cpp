#include "infra/log/log_reader.hpp"

#include <utility>

namespace teamflow::infra {

log_reader::log_reader(
    event_log& log, asio::any_io_executor executor, const std::vector<events::position>& from
)
    : log_reader(log, std::make_shared<wakeup>(std::move(executor)), from) {}

log_reader::log_reader(
    event_log& log, std::shared_ptr<wakeup> news, const std::vector<events::position>& from
)
    : log_(log), news_(std::move(news)) {
    std::vector<events::partition_id> partitions;
    cursors_.reserve(from.size());
    for (const auto& place : from) {
        cursors_.push_back({.partition = place.partition, .next = place.at});
        partitions.push_back(place.partition);
    }
    log_.tail().subscribe(news_, partitions);
}

task<std::vector<record_batch>> log_reader::next(
    std::size_t max_records, std::chrono::steady_clock::duration limit
) {
    auto batches = co_await gather(max_records);
    if (batches.empty()) {
        const bool signalled = co_await news_->wait(limit);
        if (signalled) {
            batches = co_await gather(max_records);
        }
    }
    co_return batches;
}

task<std::vector<record_batch>> log_reader::gather(std::size_t max_records) {
    std::vector<record_batch> batches;
    for (const cursor& place : cursors_) {
        auto records = co_await read(place, max_records);
        if (!records.empty()) {
            batches.push_back({place.partition, std::move(records)});
        }
    }
    for (cursor& place : cursors_) {
        for (const auto& batch : batches) {
            if (batch.partition == place.partition) {
                place.next = batch.records.back()->at + 1;
            }
        }
    }
    co_return batches;
}

task<std::vector<events::record_ptr>> log_reader::read(
    const cursor& place, std::size_t max_records
) {
    auto remembered = log_.tail().read(place.partition, place.next, max_records);
    if (remembered) {
        co_return std::move(*remembered);
    }
    auto fetched = co_await log_.fetch(place.partition, place.next, max_records);
    if (fetched.empty()) {
        log_.tail().extend(place.partition, place.next - 1);
    }
    co_return fetched;
}

}  // namespace teamflow::infra
