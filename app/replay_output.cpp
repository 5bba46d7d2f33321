#include "app/replay_output.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "app/signals.hpp"

namespace teamflow::app {

namespace {

constexpr std::chrono::milliseconds between_lines{500};
constexpr mode_t readable_by_owner = 0600;

std::int64_t sum_of(
    const std::vector<query::history_range>& ranges, events::offset query::history_range::* bound
) {
    std::int64_t sum = 0;
    for (const auto& range : ranges) {
        sum += range.*bound;
    }
    return sum;
}

}  // namespace

replay_output::replay_output(std::string file, bool is_summed)
    : file_(std::move(file)), descriptor_(STDOUT_FILENO) {
    if (!file_.empty()) {
        descriptor_ =
            open(file_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, readable_by_owner);
        if (descriptor_ < 0 && errno == EEXIST) {
            throw std::runtime_error(file_ + " is there already: name another file");
        }
        if (descriptor_ < 0) {
            refuse(errno);
        }
    }
    if (is_summed) {
        sum_.emplace();
    }
}

replay_output::~replay_output() {
    if (!file_.empty()) {
        close(descriptor_);
    }
}

bool replay_output::write(std::string_view block) {
    auto left = block;
    while (!left.empty()) {
        const auto written = ::write(descriptor_, left.data(), left.size());
        const int error = written < 0 ? errno : 0;
        if (written >= 0) {
            left.remove_prefix(static_cast<std::size_t>(written));
            continue;
        }
        const bool is_asked = error == EINTR && interruption::is_asked();
        if (error == EINTR && !is_asked) {
            continue;
        }
        // Of stdout nothing can be taken back.
        if (!file_.empty() && ftruncate(descriptor_, bytes_) != 0) {
            refuse(errno);
        }
        if (is_asked) {
            return false;
        }
        refuse(error);
    }
    bytes_ += static_cast<std::int64_t>(block.size());
    if (sum_) {
        sum_->add(block);
    }
    return true;
}

void replay_output::finish() {
    if (!file_.empty() && fsync(descriptor_) != 0) {
        refuse(errno);
    }
}

void replay_output::refuse(int error) const {
    throw std::runtime_error(fmt::format(
        "{} cannot be written: {}", file_.empty() ? "stdout" : file_, std::strerror(error)
    ));
}

replay_tally::replay_tally(const std::vector<query::history_range>& ranges) {
    for (const auto& range : ranges) {
        reached_[range.partition] = range.after;
    }
}

void replay_tally::add(const replay_block& written) {
    reached_[written.partition] = written.reached;
    if (written.events == 0) {
        return;
    }
    auto& of = written_[written.partition];
    if (of.events == 0) {
        of.partition = written.partition;
        of.first = written.first;
    }
    of.events += written.events;
    of.last = written.last;
}

std::int64_t replay_tally::events() const {
    std::int64_t sum = 0;
    for (const auto& [partition, of] : written_) {
        sum += of.events;
    }
    return sum;
}

std::vector<replayed_partition> replay_tally::partitions() const {
    std::vector<replayed_partition> all;
    all.reserve(written_.size());
    for (const auto& [partition, of] : written_) {
        all.push_back(of);
    }
    return all;
}

std::string replay_tally::next_after() const {
    std::string list;
    for (const auto& [partition, at] : reached_) {
        list += list.empty() ? "" : ",";
        list += to_string(events::position{partition, at});
    }
    return list;
}

replay_progress::replay_progress(bool is_wanted, const std::vector<query::history_range>& ranges)
    : is_terminal_(isatty(STDERR_FILENO) == 1),
      is_told_(is_wanted || is_terminal_),
      begin_(sum_of(ranges, &query::history_range::after)),
      end_(sum_of(ranges, &query::history_range::until)),
      next_(started_ + between_lines) {}

replay_progress::~replay_progress() {
    if (has_line_ && is_terminal_) {
        std::cerr << '\n';
    }
}

void replay_progress::tell(const replay_tally& so_far) {
    const auto now = clock::now();
    if (!is_told_ || now < next_) {
        return;
    }
    next_ = now + between_lines;
    std::int64_t at = 0;
    for (const auto& [partition, reached] : so_far.reached()) {
        at += reached;
    }
    const double seconds = std::chrono::duration<double>(now - started_).count();
    const double share =
        end_ > begin_ ? static_cast<double>(at - begin_) / static_cast<double>(end_ - begin_) : 1;
    const auto left = share > 0 && share < 1
                          ? fmt::format(", {:.0f} s left", seconds / share - seconds)
                          : std::string();
    std::cerr << fmt::format(
                     "{}{} events, {:.0f}/s, {:.0f} %{}{}",
                     is_terminal_ ? "\r\x1b[K" : "",
                     so_far.events(),
                     static_cast<double>(so_far.events()) / seconds,
                     std::min(share, 1.0) * 100,
                     left,
                     is_terminal_ ? "" : "\n"
                 )
              << std::flush;
    has_line_ = true;
}

}  // namespace teamflow::app
