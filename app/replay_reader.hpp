#pragma once
// Reads events of the archive as text on several threads, and gives them in the order of positions.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "app/replay_request.hpp"
#include "infra/postgres/session.hpp"

namespace teamflow::app {

/// Some events of one partition, one a line.
struct replay_block {
    std::string text;
    events::partition_id partition = 0;
    std::int64_t events = 0;
    /// Of its events; -1 without any.
    events::offset first = -1;
    events::offset last = -1;
    /// Nothing that is asked for lies between this block's predecessor and here beside its events.
    events::offset reached = -1;
};

/// Cuts the ranges into pieces, which its threads read on connections of their own, page by page.
/// Holds a bounded number of pages, whatever the pieces hold.
class replay_reader {
public:
    /// The ranges are read in their order. The threads start at once.
    replay_reader(
        std::string url,
        query::history_filter filter,
        replay_format format,
        std::vector<query::history_range> ranges
    );

    /// Ends the threads, each behind the page that it reads.
    ~replay_reader();
    replay_reader(const replay_reader&) = delete;
    replay_reader& operator=(const replay_reader&) = delete;

    /// The next block; nullopt when none came within `patience`, or when all have. Throws what a
    /// thread threw.
    std::optional<replay_block> next(std::chrono::milliseconds patience);

    /// Whether all has been given.
    [[nodiscard]] bool has_ended() const;

private:
    /// A part of a range, and what was read of it and not given yet.
    struct piece {
        query::history_range range;
        std::deque<replay_block> blocks;
        bool is_read = false;
    };

    void work();
    piece* take_piece();
    void read(infra::postgres::session& database, piece& into);
    [[nodiscard]] std::string text_of(const infra::postgres::result& rows) const;
    bool give(piece& into, replay_block block, bool is_last);
    void fail(std::exception_ptr error);

    std::string url_;
    query::history_filter filter_;
    replay_format format_;
    events::offset piece_size_;
    std::size_t thread_count_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<query::history_range> ranges_;
    std::size_t range_ = 0;
    std::map<std::size_t, piece> under_way_;
    std::size_t taken_ = 0;
    std::size_t given_ = 0;
    bool stopping_ = false;
    std::exception_ptr error_;
    std::vector<std::jthread> threads_;
};

}  // namespace teamflow::app
