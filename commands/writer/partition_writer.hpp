#pragma once
// The writer of one partition: the actor that decides, appends and answers, in one order.

#include <array>
#include <atomic>
#include <deque>
#include <expected>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "commands/writer/command.hpp"
#include "commands/writer/ownership.hpp"
#include "commands/writer/snapshot_format.hpp"
#include "commands/writer/stream_cache.hpp"
#include "infra/clock.hpp"
#include "infra/crypto/random.hpp"
#include "infra/histogram.hpp"
#include "infra/log/event_log.hpp"
#include "infra/log/log_reader.hpp"
#include "infra/steady_timer.hpp"

namespace teamflow::commands {

/// What a writer tells about itself; read from any thread.
struct writer_counters {
    std::atomic<std::uint64_t> commits = 0;
    std::atomic<std::uint64_t> records = 0;
    std::atomic<std::uint64_t> refusals = 0;
    std::atomic<std::uint64_t> replays = 0;
    std::atomic<std::uint64_t> claims = 0;
    std::atomic<std::uint64_t> ghosts = 0;
    std::atomic<std::uint64_t> lost_commits = 0;
    std::atomic<std::int64_t> in_flight = 0;
    std::atomic<std::int64_t> streams_in_memory = 0;
    std::atomic<std::int64_t> directories_in_memory = 0;
    /// It owns the partition, and its commands can be decided now.
    std::atomic<bool> owning = false;
    /// It owns the partition, even if its commands wait for the archive.
    std::atomic<bool> reigning = false;
    /// The newest offset that the fold accounts for.
    std::atomic<events::offset> followed = -1;
    /// From handing a batch to the log until its durable outcome is known.
    infra::latency_histogram append_latency;
    infra::size_histogram batch_records;
};

/// A claim as it was read in the log.
struct seen_claim {
    events::offset at = -1;
    events::writer_id writer;
    std::string address;
    events::timestamp time;
};

/// Lives on one executor: every member but `counters` is used there. Decides on the newest folded
/// state plus what is in flight, appends without waiting, and answers when the log confirms. If an
/// append is refused, all that was decided after it fails with it, and state is folded anew.
class partition_writer : public std::enable_shared_from_this<partition_writer> {
public:
    struct limits {
        /// Commands being decided or waiting; the next one is answered `overloaded`.
        std::size_t commands_max = 4096;
        /// Bytes of events that the archive does not have yet; beyond, commands wait for it.
        std::size_t unarchived_bytes_max = std::size_t{64} << 20U;
        std::size_t keys_max = 50'000;
        /// How long a command waits for the partition to have its owner here.
        std::chrono::milliseconds owner_wait{5000};
        /// How long a command waits for its commit to be confirmed or refuted.
        std::chrono::milliseconds outcome_wait{10'000};
        std::chrono::milliseconds claim_back_off_min{200};
        std::chrono::milliseconds claim_back_off_max{2000};
        stream_cache::limits cache;
    };

    struct parts {
        infra::event_log& log;
        infra::stream_archive& archive;
        const infra::clock& clock;
        infra::random_source& random;
        /// Told on the executor when another owner's claim ended an assignment.
        std::function<void()> displaced = [] {};
    };

    partition_writer(
        boost::asio::any_io_executor executor,
        events::partition_id partition,
        parts with,
        std::string address,
        limits how
    );

    /// Begins to follow the partition. Once.
    void start();

    /// Whether the partition is to be owned here. True: the writer claims it if it does not own it,
    /// and again whenever it lost sight of what it appended. False: it does not claim, but serves
    /// on what it owns until another owner's claim is seen. That ends an assignment, too (R6).
    void assign(bool here);

    /// Nothing new is decided from now on: commands are refused at once. What is in flight is still
    /// answered.
    void close();

    /// Decides the command and answers once the log has confirmed. Never throws for a lost
    /// dependency: that is `unavailable`.
    infra::task<command_outcome> execute(command_request request);

    /// Closes, waits for what is in flight and for the loops to end, at most for `limit` and a
    /// moment. What is in flight then has an unknown outcome; a loop that waits for the log ends
    /// when the log is stopped.
    infra::task<> stop(std::chrono::milliseconds limit);

    [[nodiscard]] const writer_counters& counters() const { return counters_; }

    /// Whether commands of the partition are decided here, or wait here for that. Any thread.
    [[nodiscard]] bool takes_commands() const {
        return !closing_ && (assigned_ || counters_.owning);
    }

    /// Where the owner of the partition is reached, as its claim says; this process's own address
    /// if that is the owner, empty while it is not known. A hint: the fence is in the log. Any
    /// thread.
    [[nodiscard]] std::string owner_address() const;

    /// The newest claims of the partition that were read here, at most ten, the oldest first. Any
    /// thread.
    [[nodiscard]] std::vector<seen_claim> seen_claims() const;

    [[nodiscard]] boost::asio::any_io_executor executor() const { return executor_; }

private:
    /// What a command that waits for its commit is told.
    struct fate {
        /// no_room: the log refused it for lack of room, so that it will be lost.
        enum class kind { happened, lost, unknown, no_room };

        kind what = kind::unknown;
        events::offset last = -1;
    };

    using waiter = std::move_only_function<void(fate)>;
    using new_records = std::vector<std::shared_ptr<events::record>>;
    using ready_waiter = std::move_only_function<void(bool)>;

    struct commit {
        /// What it changed in memory, good while `generation` is the writer's.
        std::vector<cache_residence*> touched;
        std::int64_t generation = 0;
        std::vector<waiter> waiters;
        /// Of its first record.
        events::epoch reign;
        std::int64_t first_sequence = 0;
        infra::steady_clock::time_point begun;
        std::string once_key;
        std::size_t bytes = 0;
        std::optional<infra::snapshot> snapshot;
    };

    /// What is known of a commit that has an idempotency key.
    struct remembered {
        events::idempotency once;
        /// Of the commit while it is in flight; 0 afterwards.
        std::uint64_t token = 0;
        events::offset last = -1;
        std::list<std::string>::iterator age;
    };

    /// What a batch under way holds.
    struct batch_place {
        events::epoch reign;
        std::int64_t first_sequence;
        std::int64_t last_sequence;
        infra::steady_clock::time_point begun;
    };

    struct decided {
        std::uint64_t token = 0;
        command_reply reply;
    };

    /// What a decision that cannot be appended must not have changed.
    struct kept_state {
        std::optional<commands::directory> directory;
        std::map<std::string, folded_stream> streams;
    };

    /// A command that asks for its key and has not decided yet: where the archive stood when it
    /// began. What it was told is old, so that younger keys must stay in memory for it.
    class key_lookup {
    public:
        key_lookup(std::multiset<events::offset>& all, events::offset archived)
            : all_(all), place_(all.insert(archived)) {}

        ~key_lookup() { all_.erase(place_); }

        key_lookup(const key_lookup&) = delete;
        key_lookup& operator=(const key_lookup&) = delete;

    private:
        std::multiset<events::offset>& all_;
        std::multiset<events::offset>::iterator place_;
    };

    struct waiting_command {
        infra::steady_clock::time_point deadline;
        ready_waiter resume;
    };

    // partition_writer.cpp: commands
    infra::task<bool> until_ready(infra::steady_clock::time_point deadline);
    infra::task<std::optional<command_outcome>> attempt(const command_request& request);
    infra::task<bool> load(const command_request& request, const context& context);
    /// Whether what was loaded is newer than what was read of the log: another owner wrote it,
    /// whose claim is on its way here. Together with older state it would be one that never was.
    bool is_ahead(events::organization_id organization, const std::vector<std::string>& names);
    infra::task<> recall(const request_key& once);
    infra::task<std::optional<command_outcome>> replay(const command_request& request);
    infra::task<fate> settled(std::uint64_t token);
    infra::task<fate> all_before_settled();
    std::expected<decided, refusal> decide_now(
        const command_request& request, const context& context
    );
    kept_state state_of(events::organization_id organization, const pending_events& events);
    void restore(events::organization_id organization, const kept_state& before);
    new_records apply_events(
        const command_request& request, const context& context, pending_events events
    );
    std::uint64_t append(
        const command_request& request,
        const context& context,
        new_records records,
        const command_reply& reply
    );
    commit touch(events::organization_id organization, const new_records& records);
    std::uint64_t draw_seed();
    void remember(const events::idempotency& once, std::uint64_t token);
    void forget(const std::string& key);

    // partition_reign.cpp: ownership, the way to the log and back
    using self_ptr = std::shared_ptr<partition_writer>;

    static infra::task<> follow(self_ptr self);
    infra::task<> follow_some();
    infra::task<> begin_fold();
    void note_owner(const events::record& claim);
    void lose_reign(bool to_another);
    void displace();
    static infra::task<> reign(self_ptr self);
    infra::task<bool> claim();
    void queue(std::shared_ptr<events::record> record);
    void flush();
    void on_outcome(batch_place place, infra::append_outcome outcome);
    void settle(const settled_commits& settled);
    void keep(commit& done, events::offset last);
    static infra::task<> save(self_ptr self, infra::snapshot taken);
    void drop_state();
    void update_readiness();
    [[nodiscard]] bool is_ready() const;
    void resume_ready();
    void give_up_waiting(std::chrono::milliseconds after);
    void refuse_for_room(const batch_place& place);
    void trim_unarchived();

    boost::asio::any_io_executor executor_;
    events::partition_id partition_;
    parts with_;
    std::string address_;
    limits limits_;
    writer_counters counters_;

    std::optional<ownership> ownership_;
    std::unique_ptr<infra::log_reader> reader_;
    std::shared_ptr<infra::wakeup> change_;
    std::atomic<bool> assigned_ = false;
    mutable std::mutex owner_mutex_;
    std::deque<seen_claim> seen_claims_;
    /// Since it was assigned: from then on a foreign claim is news, not history that is caught up.
    bool has_reigned_ = false;
    /// The newest append or claim was refused for it.
    bool log_is_full_ = false;
    /// Own claims since the last reign began; an earlier one may come late.
    std::vector<events::writer_id> claims_;
    std::atomic<bool> closing_ = false;
    bool stopping_ = false;
    int loops_ = 0;

    stream_cache cache_;
    std::int64_t generation_ = 0;
    std::uint64_t last_token_ = 0;
    std::unordered_map<std::uint64_t, commit> commits_;
    infra::append_batch pending_;
    bool flush_posted_ = false;

    std::unordered_map<std::string, remembered> keys_;
    std::list<std::string> key_ages_;
    std::multiset<events::offset> key_lookups_;
    std::deque<std::pair<events::offset, std::size_t>> unarchived_;
    std::size_t unarchived_bytes_ = 0;
    std::size_t executing_ = 0;
    /// Drawn together: each draw is a call of the kernel.
    std::array<std::uint64_t, 64> seeds_{};
    std::size_t seeds_left_ = 0;
    std::vector<waiting_command> waiting_;
};

}  // namespace teamflow::commands
