#pragma once
// A writer of one partition without commands: the ownership machine on a real log, with a book of
// what it was told about each commit.

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "commands/writer/ownership.hpp"
#include "infra/log/event_log.hpp"
#include "infra/log/log_reader.hpp"

namespace teamflow::tests {

/// Lives on one executor; every coroutine must end before it goes.
class driven_writer : public std::enable_shared_from_this<driven_writer> {
public:
    /// `name` tells writers of one test apart.
    driven_writer(
        std::shared_ptr<infra::event_log> log,
        boost::asio::any_io_executor executor,
        events::partition_id partition,
        std::uint64_t name
    );

    /// Claims until it owns the partition.
    infra::task<> own();

    /// Sends one commit; its token is told by the writer's name and a number. The records carry it.
    std::uint64_t append(std::size_t records);

    /// Sends these records, whatever they are, without the machine knowing.
    void append_past_machine(std::vector<std::shared_ptr<events::record>> records);

    /// Reads on; gives whether anything was there.
    infra::task<bool> follow(std::chrono::milliseconds limit);

    /// Until no commit is in flight; claims again where only that brings an answer.
    infra::task<> settle();

    /// Until no commit is in flight, by what the log says alone: never claims.
    infra::task<> learn();

    /// `count` records of a commit of `of`, numbered from `first_sequence` in the current epoch.
    [[nodiscard]] std::vector<std::shared_ptr<events::record>> records_of(
        std::uint64_t token, std::int64_t first_sequence, std::size_t count, std::size_t of
    ) const;

    [[nodiscard]] const commands::ownership& machine() const { return machine_; }

    [[nodiscard]] commands::ownership& machine() { return machine_; }

    std::map<std::uint64_t, events::offset> acknowledged;
    std::set<std::uint64_t> refused;
    std::vector<infra::append_status> outcomes;

private:
    infra::task<> until_settled(bool may_claim);
    void take(const commands::settled_commits& settled);

    std::shared_ptr<infra::event_log> log_;
    boost::asio::any_io_executor executor_;
    events::partition_id partition_;
    std::uint64_t name_;
    std::uint64_t claims_ = 0;
    std::uint64_t commits_ = 0;
    commands::ownership machine_{events::checkpoint{}};
    infra::log_reader reader_;
};

/// All records of a partition, read by a reader of its own up to the log's end.
infra::task<std::vector<events::record_ptr>> read_all(
    std::shared_ptr<infra::event_log> log,
    boost::asio::any_io_executor executor,
    events::position from,
    std::size_t at_once
);

/// The token that a record of a driven writer carries.
std::uint64_t token_of(const events::record& record);

/// Tokens of the commits that count, with their offsets. Fails the test case if the records are not
/// dense, or a token counts twice.
std::map<std::uint64_t, events::offset> fold_tokens(const std::vector<events::record_ptr>& records);

}  // namespace teamflow::tests
