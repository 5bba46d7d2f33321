#include "commands/writer/command_service.hpp"

#include <algorithm>
#include <future>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

namespace teamflow::commands {

namespace {

command_result result_of(const command_outcome& outcome) {
    if (const auto* reply = std::get_if<command_reply>(&outcome)) {
        return reply->replayed ? command_result::replayed : command_result::done;
    }
    return std::holds_alternative<refusal>(outcome) ? command_result::refused
                                                    : command_result::unavailable;
}

}  // namespace

command_service::command_service(
    const parts& with, std::string address, partition_writer::limits how
)
    : address_(std::move(address)) {
    for (events::partition_id partition = 0; partition < with.log.partitions(); ++partition) {
        const auto thread = static_cast<std::size_t>(partition) % with.threads.size();
        writers_.push_back(std::make_shared<partition_writer>(
            with.threads.at(thread).get_executor(),
            partition,
            partition_writer::parts{
                .log = with.log,
                .archive = *with.archives.at(thread),
                .clock = with.clock,
                .random = with.random,
                .displaced = with.displaced
            },
            address_,
            how
        ));
    }
}

void command_service::start() {
    for (const auto& writer : writers_) {
        boost::asio::post(writer->executor(), [writer] { writer->start(); });
    }
}

void command_service::assign(const std::vector<events::partition_id>& ours) {
    for (events::partition_id partition = 0; partition < partitions(); ++partition) {
        const bool here = std::ranges::find(ours, partition) != ours.end();
        const auto& writer = writers_[static_cast<std::size_t>(partition)];
        boost::asio::post(writer->executor(), [writer, here] { writer->assign(here); });
    }
}

void command_service::assign_all() {
    for (const auto& writer : writers_) {
        boost::asio::post(writer->executor(), [writer] { writer->assign(true); });
    }
}

infra::task<command_outcome> command_service::execute(command_request request) {
    const auto partition = events::partition_of(request.organization, partitions());
    const auto writer = writers_[static_cast<std::size_t>(partition)];
    const auto begun = std::chrono::steady_clock::now();
    const auto name = request.command->name();
    auto work = writer->execute(std::move(request));
    auto outcome = co_await infra::run_on(writer->executor(), std::move(work));
    latencies_.observe(
        name,
        static_cast<std::uint32_t>(result_of(outcome)),
        std::chrono::steady_clock::now() - begun
    );
    co_return outcome;
}

void command_service::stop(std::chrono::milliseconds limit) {
    std::vector<std::future<void>> ending;
    for (const auto& writer : writers_) {
        auto work = writer->stop(limit);
        ending.push_back(
            boost::asio::co_spawn(writer->executor(), std::move(work), boost::asio::use_future)
        );
    }
    for (auto& each : ending) {
        each.get();
    }
}

std::int32_t command_service::owned() const {
    return static_cast<std::int32_t>(std::ranges::count_if(writers_, [](const auto& writer) {
        return writer->counters().owning.load();
    }));
}

std::vector<events::partition_id> command_service::owned_partitions() const {
    std::vector<events::partition_id> owned;
    for (events::partition_id partition = 0; partition < partitions(); ++partition) {
        if (writer(partition).counters().reigning.load()) {
            owned.push_back(partition);
        }
    }
    return owned;
}

std::int32_t command_service::reachable() const {
    return static_cast<std::int32_t>(std::ranges::count_if(writers_, [&](const auto& writer) {
        const auto owner = writer->owner_address();
        return writer->counters().owning || (!owner.empty() && owner != address_);
    }));
}

}  // namespace teamflow::commands
