#pragma once
// Where a replay writes to, what it has written so far, and how it tells of that.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/replay_reader.hpp"
#include "infra/crypto/sha256.hpp"

namespace teamflow::app {

/// A file descriptor that is written to in whole blocks.
class replay_output {
public:
    /// Writes to stdout without a `file`, which must not be there yet. Errors: std::runtime_error.
    explicit replay_output(std::string file, bool is_summed);
    ~replay_output();
    replay_output(const replay_output&) = delete;
    replay_output& operator=(const replay_output&) = delete;

    /// All of it, or false when it was asked to end meanwhile. A file then ends with the last whole
    /// block, as when this throws std::runtime_error: the disk is full, the reader is gone.
    bool write(std::string_view block);

    /// Makes a file safe against a power cut. Errors: std::runtime_error.
    void finish();

    [[nodiscard]] std::int64_t bytes() const { return bytes_; }

    /// Empty unless it is summed.
    [[nodiscard]] std::string sha256() const { return sum_ ? sum_->hex() : std::string(); }

private:
    [[noreturn]] void refuse(int error) const;

    std::string file_;
    int descriptor_;
    std::int64_t bytes_ = 0;
    std::optional<infra::sha256_sum> sum_;
};

/// What was written of each partition.
class replay_tally {
public:
    /// The ranges of a replay, before anything of it is written.
    explicit replay_tally(const std::vector<query::history_range>& ranges);

    void add(const replay_block& written);

    [[nodiscard]] std::int64_t events() const;
    [[nodiscard]] std::vector<replayed_partition> partitions() const;

    /// Up to where each partition of the replay was written.
    [[nodiscard]] const std::map<events::partition_id, events::offset>& reached() const {
        return reached_;
    }

    /// The same as a position list.
    [[nodiscard]] std::string next_after() const;

private:
    std::map<events::partition_id, events::offset> reached_;
    std::map<events::partition_id, replayed_partition> written_;
};

/// Lines on stderr, twice a second: how much was written, how fast, how much is left.
class replay_progress {
public:
    /// `is_wanted` beside a terminal.
    replay_progress(bool is_wanted, const std::vector<query::history_range>& ranges);

    /// Ends its line.
    ~replay_progress();
    replay_progress(const replay_progress&) = delete;
    replay_progress& operator=(const replay_progress&) = delete;

    void tell(const replay_tally& so_far);

private:
    using clock = std::chrono::steady_clock;

    bool is_terminal_;
    bool is_told_;
    bool has_line_ = false;
    std::int64_t begin_ = 0;
    std::int64_t end_ = 0;
    clock::time_point started_ = clock::now();
    clock::time_point next_;
};

}  // namespace teamflow::app
