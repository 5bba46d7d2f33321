#include "commands/writer/partition_writer.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <boost/asio/async_result.hpp>

#include "commands/writer/answer.hpp"
#include "events/stream.hpp"
#include "infra/postgres/error.hpp"

namespace teamflow::commands {

namespace {

constexpr int attempts_max = 4;
/// Rounds of "which streams are needed" before a command gives up: each can only add streams.
constexpr int load_rounds_max = 8;

unavailable not_serving(events::partition_id partition) {
    return {
        .code = "partition_unavailable",
        .detail = fmt::format(
            "no writer serves partition {} at the moment; nothing was done, try again", partition
        )
    };
}

unavailable no_history() {
    return {
        .code = "database_unavailable",
        .detail = "history cannot be loaded at the moment; nothing was done, try again"
    };
}

unavailable storage_full() {
    return {
        .code = "storage_full",
        .detail = "the disk of the log or its archive is full; nothing was done, try again later"
    };
}

unavailable not_confirmed() {
    return {
        .code = "outcome_unknown",
        .detail =
            "the log did not confirm in time; whether the command took effect is not known yet. "
            "Send it again with the same Idempotency-Key"
    };
}

refusal stale(std::int64_t expected, std::int64_t current) {
    return {
        .code = refusal_code::version_conflict,
        .message =
            fmt::format("the resource is at version {}, the request expects {}", current, expected),
        .resource = {},
        .resource_id = {},
        .errors = {},
        .current_version = current
    };
}

refusal too_large() {
    return refuse(
        refusal_code::command_too_large,
        "what this command changes and answers is more than one record of the log takes; change "
        "fewer things at once"
    );
}

/// Whether the log takes these records, with the answer that the last one keeps.
bool fits(
    const std::vector<std::shared_ptr<events::record>>& records,
    const command_request& request,
    const command_reply& reply
) {
    std::size_t kept = 0;
    if (request.once) {
        kept = sizeof(events::idempotency) + request.once->key.size() +
               request.once->fingerprint.size() + to_answer(reply).size();
    }
    return std::ranges::all_of(records, [&](const auto& record) {
        return infra::footprint(*record) + kept <= infra::max_record_bytes;
    });
}

refusal key_reused() {
    return {
        .code = refusal_code::idempotency_key_reused,
        .message = "this Idempotency-Key was used for another request",
        .resource = {},
        .resource_id = {},
        .errors = {}
    };
}

/// Whether the stream is of a resource that this very decision makes: its id was drawn for it, so
/// that nothing can be there to be loaded.
bool is_made_by(const context& context, std::string_view stream) {
    const auto id = events::id_of(stream);
    return id && context.has_made(*id);
}

}  // namespace

partition_writer::partition_writer(
    boost::asio::any_io_executor executor,
    events::partition_id partition,
    parts with,
    std::string address,
    limits how
)
    : executor_(std::move(executor)),
      partition_(partition),
      with_(std::move(with)),
      address_(std::move(address)),
      limits_(how),
      change_(std::make_shared<infra::wakeup>(executor_)),
      cache_(
          executor_,
          with_.archive,
          [log = &with_.log, partition] { return log->archived(partition); },
          how.cache
      ) {}

infra::task<command_outcome> partition_writer::execute(command_request request) {
    const auto self = shared_from_this();
    if (executing_ >= limits_.commands_max) {
        co_return unavailable{
            .code = "overloaded", .detail = "too many commands wait for this partition; try again"
        };
    }
    ++executing_;
    const auto deadline = infra::steady_clock::now() + limits_.owner_wait;
    command_outcome outcome = not_serving(partition_);
    for (int i = 0; i < attempts_max; ++i) {
        const bool ready = co_await until_ready(deadline);
        if (!ready) {
            outcome = log_is_full_ ? storage_full() : not_serving(partition_);
            break;
        }
        try {
            auto answer = co_await attempt(request);
            if (answer) {
                outcome = std::move(*answer);
                break;
            }
        } catch (const infra::postgres_error& failure) {
            outcome = failure.is_storage_full() ? storage_full() : no_history();
            break;
        } catch (...) {
            --executing_;
            throw;
        }
    }
    --executing_;
    co_return outcome;
}

infra::task<bool> partition_writer::until_ready(infra::steady_clock::time_point deadline) {
    if (is_ready() || closing_) {
        co_return !closing_;
    }
    const auto wait = [this, deadline](auto handler) {
        waiting_.push_back({deadline, std::move(handler)});
    };
    co_return co_await boost::asio::
        async_initiate<decltype(boost::asio::use_awaitable), void(bool)>(
            wait, boost::asio::use_awaitable
        );
}

std::uint64_t partition_writer::draw_seed() {
    if (seeds_left_ == 0) {
        with_.random.fill(
            {reinterpret_cast<std::uint8_t*>(seeds_.data()), seeds_.size() * sizeof(std::uint64_t)}
        );
        seeds_left_ = seeds_.size();
    }
    return seeds_[--seeds_left_];
}

/// nullopt: state was dropped under the decision; it starts anew.
infra::task<std::optional<command_outcome>> partition_writer::attempt(const command_request& request
) {
    const std::int64_t generation = generation_;
    std::optional<key_lookup> asking;
    if (request.once) {
        asking.emplace(key_lookups_, with_.log.archived(partition_));
        co_await recall(*request.once);
        if (keys_.contains(request.once->key)) {
            co_return co_await replay(request);
        }
    }
    const context context{
        .now = with_.clock.now(),
        .organization = request.organization,
        .actor = request.actor,
        .seed = draw_seed()
    };
    const bool loaded = co_await load(request, context);
    if (!loaded || generation != generation_ || !is_ready()) {
        co_return std::nullopt;
    }
    if (request.once && keys_.contains(request.once->key)) {
        co_return co_await replay(request);
    }
    auto result = decide_now(request, context);
    asking.reset();
    if (!result) {
        ++counters_.refusals;
    }
    if (!result || result->token == 0) {
        // Refused, or done already: true only if what it was decided on comes to be.
        const auto basis = co_await all_before_settled();
        if (basis.what == fate::kind::lost) {
            co_return std::nullopt;
        }
        if (basis.what == fate::kind::no_room) {
            co_return storage_full();
        }
        if (basis.what == fate::kind::unknown) {
            co_return not_confirmed();
        }
        if (!result) {
            co_return std::move(result.error());
        }
        result->reply.at = {partition_, ownership_->accounted()};
        co_return std::move(result->reply);
    }
    const auto outcome = co_await settled(result->token);
    if (outcome.what == fate::kind::no_room) {
        co_return storage_full();
    }
    if (outcome.what == fate::kind::unknown) {
        co_return not_confirmed();
    }
    if (outcome.what == fate::kind::lost) {
        co_return not_serving(partition_);
    }
    result->reply.at = {partition_, outcome.last};
    co_return std::move(result->reply);
}

infra::task<bool> partition_writer::load(const command_request& request, const context& context) {
    const auto organization = request.organization;
    // Only while ready: what is loaded between two reigns may lack what the log holds before the
    // second claim, and would still be in memory when that one serves.
    for (int round = 0; round < load_rounds_max && is_ready(); ++round) {
        const auto* directory = cache_.find_directory(organization);
        if (directory == nullptr) {
            co_await cache_.load_directory(organization);
            continue;
        }
        const auto names = request.command->needs(directory->folded, context);
        const auto missing = std::ranges::find_if(names, [&](const std::string& name) {
            return cache_.find_stream(organization, name) == nullptr;
        });
        if (missing == names.end()) {
            co_return !is_ahead(request.organization, names);
        }
        for (auto name = missing; name != names.end() && is_ready(); ++name) {
            if (cache_.find_stream(organization, *name) != nullptr) {
                continue;
            }
            if (is_made_by(context, *name)) {
                cache_.begin_stream(organization, *name);
            } else {
                co_await cache_.load_stream(organization, *name);
            }
        }
    }
    co_return false;
}

bool partition_writer::is_ahead(
    events::organization_id organization, const std::vector<std::string>& names
) {
    const auto known = ownership_->accounted();
    return cache_.find_directory(organization)->residence.last > known ||
           std::ranges::any_of(names, [&](const std::string& name) {
               return cache_.find_stream(organization, name)->residence.last > known;
           });
}

std::expected<partition_writer::decided, refusal> partition_writer::decide_now(
    const command_request& request, const context& context
) {
    auto* directory = cache_.find_directory(request.organization);
    if (auto refused = request.command->check(directory->folded, context)) {
        return std::unexpected(std::move(*refused));
    }
    const auto names = request.command->needs(directory->folded, context);
    if (names.empty()) {
        throw std::logic_error("a command names no stream");
    }
    std::map<std::string, const folded_stream*, std::less<>> streams;
    for (const auto& name : names) {
        streams.emplace(name, &cache_.find_stream(request.organization, name)->folded);
    }
    const view view(directory->folded, names.front(), std::move(streams));
    auto events = request.command->decide_on(view, context);
    if (!events) {
        return std::unexpected(std::move(events.error()));
    }
    // Behind the decision, so that what is not there answers 404 and not 412.
    const auto version = view.version_of(view.resource());
    if (request.if_match && *request.if_match != version) {
        return std::unexpected(stale(*request.if_match, version));
    }
    // A single resource fits into a record by the limits of its fields; several may not.
    const bool may_be_too_large = events->size() > 1;
    const auto before = may_be_too_large ? state_of(request.organization, *events) : kept_state();
    decided result;
    auto records = apply_events(request, context, std::move(*events));
    result.reply.body = request.command->reply_on(view, context);
    result.reply.stream = view.resource();
    result.reply.version = view.version_of(view.resource());
    if (may_be_too_large && !fits(records, request, result.reply)) {
        restore(request.organization, before);
        return std::unexpected(too_large());
    }
    if (!records.empty()) {
        result.token = append(request, context, std::move(records), result.reply);
    }
    return result;
}

partition_writer::kept_state partition_writer::state_of(
    events::organization_id organization, const pending_events& events
) {
    kept_state kept{.directory = cache_.find_directory(organization)->folded, .streams = {}};
    for (const auto& [name, event] : events) {
        if (const auto* stream = cache_.find_stream(organization, name)) {
            kept.streams.emplace(name, stream->folded);
        }
    }
    return kept;
}

void partition_writer::restore(events::organization_id organization, const kept_state& before) {
    cache_.find_directory(organization)->folded = *before.directory;
    for (const auto& [name, folded] : before.streams) {
        cache_.find_stream(organization, name)->folded = folded;
    }
}

partition_writer::new_records partition_writer::apply_events(
    const command_request& request, const context& context, pending_events events
) {
    auto* directory = cache_.find_directory(request.organization);
    new_records records;
    for (auto& [stream_name, event] : events) {
        auto* stream = cache_.find_stream(request.organization, stream_name);
        if (stream == nullptr) {
            throw std::logic_error("an event is addressed to a stream that was not loaded");
        }
        commands::apply(stream->folded, stream_name, event, context.now, request.actor);
        commands::apply(directory->folded, event);
        auto record = record_of(request, context, event);
        record->head.stream = std::move(stream_name);
        record->head.stream_version = stream->folded.version;
        records.push_back(std::move(record));
    }
    return records;
}

std::uint64_t partition_writer::append(
    const command_request& request,
    const context& context,
    new_records records,
    const command_reply& reply
) {
    const std::uint64_t token = ++last_token_;
    const auto count = std::ssize(records);
    const std::int64_t first = ownership_->append(token, count);
    // The decision's own ids come first; those of its records must not meet them.
    constexpr std::size_t record_ids = 2048;
    const auto commit_id = context.make_id<events::commit_id>(record_ids);
    if (request.once) {
        records.back()->once = events::idempotency{
            .key = request.once->key,
            .fingerprint = request.once->fingerprint,
            .answer = to_answer(reply)
        };
        remember(*records.back()->once, token);
    }
    commit made = touch(request.organization, records);
    made.reign = ownership_->reign();
    made.first_sequence = first;
    for (std::size_t i = 0; i < records.size(); ++i) {
        auto& record = *records[i];
        record.partition = partition_;
        record.reign = ownership_->reign();
        record.sequence = first + static_cast<std::int64_t>(i);
        record.commit = {
            .id = commit_id,
            .index = static_cast<std::int16_t>(i),
            .count = static_cast<std::int16_t>(count)
        };
        record.head.id = context.make_id<events::event_id>(record_ids + 1 + i);
        queue(std::move(records[i]));
    }
    commits_.emplace(token, std::move(made));
    counters_.in_flight = std::ssize(commits_);
    return token;
}

partition_writer::commit partition_writer::touch(
    events::organization_id organization, const new_records& records
) {
    commit made;
    made.generation = generation_;
    made.begun = infra::steady_clock::now();
    for (const auto& record : records) {
        made.bytes += infra::footprint(*record);
        made.touched.push_back(&cache_.find_stream(organization, record->head.stream)->residence);
    }
    auto* directory = cache_.find_directory(organization);
    made.touched.push_back(&directory->residence);
    for (auto* residence : made.touched) {
        ++residence->in_flight;
    }
    directory->events_since_snapshot += std::ssize(records);
    if (directory->events_since_snapshot > limits_.cache.events_without_snapshot &&
        organization != events::nil_organization) {
        directory->events_since_snapshot = 0;
        made.snapshot = snapshot_of(organization, directory->folded, -1);
    }
    if (records.back()->once) {
        made.once_key = records.back()->once->key;
    }
    return made;
}

infra::task<partition_writer::fate> partition_writer::settled(std::uint64_t token) {
    const auto wait = [this, token](auto handler) {
        commits_.at(token).waiters.push_back(std::move(handler));
    };
    co_return co_await boost::asio::
        async_initiate<decltype(boost::asio::use_awaitable), void(fate)>(
            wait, boost::asio::use_awaitable
        );
}

/// Lost when something that a decision may have seen did not come to be.
infra::task<partition_writer::fate> partition_writer::all_before_settled() {
    if (commits_.empty()) {
        co_return fate{.what = fate::kind::happened, .last = ownership_->accounted()};
    }
    co_return co_await settled(last_token_);
}

/// The answer that the key's first request got; nullopt when that request came to nothing.
infra::task<std::optional<command_outcome>> partition_writer::replay(const command_request& request
) {
    const auto known = keys_.at(request.once->key);
    if (known.once.fingerprint != request.once->fingerprint) {
        co_return key_reused();
    }
    auto last = known.last;
    if (known.token != 0) {
        const auto outcome = co_await settled(known.token);
        if (outcome.what == fate::kind::no_room) {
            co_return storage_full();
        }
        if (outcome.what == fate::kind::unknown) {
            co_return not_confirmed();
        }
        if (outcome.what == fate::kind::lost) {
            co_return std::nullopt;
        }
        last = outcome.last;
    }
    ++counters_.replays;
    auto reply = from_answer(known.once.answer);
    reply.at = {partition_, last};
    co_return reply;
}

}  // namespace teamflow::commands
