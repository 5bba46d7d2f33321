#include "app/replay_reader.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "app/signals.hpp"
#include "infra/postgres/session.hpp"
#include "query/event_csv.hpp"

namespace teamflow::app {

namespace {

/// Events: some two megabytes of text, and long enough that asking for them costs little.
constexpr std::int32_t page_size = 4096;
constexpr std::size_t blocks_max = 2;
/// How many pieces the threads may be ahead, for each of them.
constexpr std::size_t ahead = 2;

/// In offsets. Where the filter leaves out events, a piece is what the database looks through
/// without a pause in which the program hears that it is to end.
events::offset piece_size_of(const query::history_filter& filter) {
    const bool is_narrow = filter.correlation_id || (filter.organization && filter.stream);
    if (is_narrow) {
        return std::numeric_limits<events::offset>::max();
    }
    const bool is_whole = filter.types.empty() && !filter.stream && !filter.organization &&
                          !filter.actor && !filter.from && !filter.to;
    return is_whole ? page_size : 64 * page_size;
}

}  // namespace

replay_reader::replay_reader(
    std::string url,
    query::history_filter filter,
    replay_format format,
    std::vector<query::history_range> ranges
)
    : url_(std::move(url)),
      filter_(std::move(filter)),
      format_(format),
      piece_size_(piece_size_of(filter_)),
      // The database has as many of its own at work.
      thread_count_(std::clamp(std::thread::hardware_concurrency(), 2U, 4U)),
      ranges_(std::move(ranges)) {
    std::erase_if(ranges_, [](const auto& range) { return range.after >= range.until; });
    for (std::size_t i = 0; i < thread_count_; ++i) {
        threads_.emplace_back([this] { work(); });
    }
}

replay_reader::~replay_reader() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    threads_.clear();
}

std::optional<replay_block> replay_reader::next(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    const auto is_there = [this] {
        const auto current = under_way_.find(given_);
        return error_ || (current == under_way_.end() && range_ == ranges_.size()) ||
               (current != under_way_.end() &&
                (current->second.is_read || !current->second.blocks.empty()));
    };
    changed_.wait_for(lock, patience, is_there);
    const auto current = under_way_.find(given_);
    if (current == under_way_.end() || current->second.blocks.empty()) {
        if (error_) {
            std::rethrow_exception(error_);
        }
        return std::nullopt;
    }
    auto& from = current->second;
    std::optional<replay_block> block = std::move(from.blocks.front());
    from.blocks.pop_front();
    if (from.is_read && from.blocks.empty()) {
        under_way_.erase(current);
        ++given_;
    }
    changed_.notify_all();
    return block;
}

bool replay_reader::has_ended() const {
    const std::lock_guard lock(mutex_);
    return range_ == ranges_.size() && under_way_.empty();
}

void replay_reader::work() {
    interruption::leave_to_others();
    try {
        std::optional<infra::postgres::session> database;
        while (auto* const taken = take_piece()) {
            if (!database) {
                database.emplace(url_);
            }
            read(*database, *taken);
        }
    } catch (...) {
        fail(std::current_exception());
    }
}

/// nullptr when there is nothing more to read.
replay_reader::piece* replay_reader::take_piece() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || taken_ - given_ < ahead * thread_count_; });
    if (stopping_ || range_ == ranges_.size()) {
        return nullptr;
    }
    auto& whole = ranges_[range_];
    auto part = whole;
    if (whole.until - whole.after > piece_size_) {
        part.until = whole.after + piece_size_;
        whole.after = part.until;
    } else {
        ++range_;
    }
    return &under_way_.emplace(taken_++, piece{.range = part, .blocks = {}}).first->second;
}

void replay_reader::read(infra::postgres::session& database, piece& into) {
    auto range = into.range;
    bool goes_on = true;
    while (goes_on) {
        const auto page = query::page_of(filter_, range, page_size);
        const auto rows = database.query(page.sql, page.values);
        replay_block block{.text = text_of(rows), .partition = range.partition};
        block.events = static_cast<std::int64_t>(rows.rows());
        if (!rows.empty()) {
            const auto at = rows.column("offset");
            block.first = rows.get<events::offset>(0, at);
            block.last = rows.get<events::offset>(rows.rows() - 1, at);
        }
        const bool is_last = block.events < page_size || block.last == range.until;
        block.reached = is_last ? range.until : block.last;
        range.after = block.reached;
        goes_on = give(into, std::move(block), is_last) && !is_last;
    }
}

std::string replay_reader::text_of(const infra::postgres::result& rows) const {
    std::string text;
    query::event_view event;
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        query::read_event(rows, row, event);
        if (format_ == replay_format::csv) {
            query::append_csv(text, event);
        } else {
            events::json::write(text, event);
            text += '\n';
        }
    }
    return text;
}

/// Waits for room; false when the reading ends.
bool replay_reader::give(piece& into, replay_block block, bool is_last) {
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return stopping_ || into.blocks.size() < blocks_max; });
        if (stopping_) {
            return false;
        }
        into.blocks.push_back(std::move(block));
        into.is_read = is_last;
    }
    changed_.notify_all();
    return true;
}

void replay_reader::fail(std::exception_ptr error) {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        if (!error_) {
            error_ = std::move(error);
        }
    }
    changed_.notify_all();
}

}  // namespace teamflow::app
