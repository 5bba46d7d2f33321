// How requests of a connection pass through libpq's pipeline, and answers come back.

#include <array>
#include <span>

#include <libpq-fe.h>

#include "infra/postgres/connection.hpp"

namespace teamflow::infra::postgres {

namespace {

/// Formats for PQsendQueryPrepared: all parameters are binary.
using lengths = boost::container::small_vector<int, 16>;
using values = boost::container::small_vector<const char*, 16>;

constexpr int binary = 1;

constexpr std::string_view unknown_prepared_statement = "26000";

/// Errors that mean the prepared statement is out of date, not that the call is wrong.
bool is_stale(std::string_view sqlstate) {
    return sqlstate == "0A000" || sqlstate == "42P01" || sqlstate == unknown_prepared_statement;
}

}  // namespace

void connection::send(request next) {
    // Preparing has a Sync of its own, so that a rolled back batch takes no preparation with it.
    for (const call& each : next.calls) {
        next.prepared.push_back(prepare(each));
    }
    bool sent = is_open();
    for (std::size_t i = 0; sent && i < next.calls.size(); ++i) {
        sent = send_call(*next.prepared[i], next.calls[i].with);
    }
    if (!sent) {
        // Without its Sync, nothing of it can be committed.
        lose(is_open() ? last_words(handle_.get()) : close_reason_);
        fail(next, false);
        return;
    }
    sync(std::move(next));
    // Only now: a batch may use more statements than are kept.
    while (auto unused = is_open() ? prepared_.evict() : nullptr) {
        send_deallocate(std::move(unused));
    }
}

bool connection::send_call(const prepared_statement& prepared, const params& with) {
    static constexpr std::size_t few = 32;
    static constexpr auto all_binary = [] {
        std::array<int, few> formats{};
        formats.fill(binary);
        return formats;
    }();
    values data;
    lengths sizes;
    for (const params::slot& each : with.slots_) {
        data.push_back(with.data(each));
        sizes.push_back(static_cast<int>(each.size));
    }
    std::vector<int> many;
    if (data.size() > few) {
        many.assign(data.size(), binary);
    }
    return PQsendQueryPrepared(
               handle_.get(),
               prepared.name.c_str(),
               static_cast<int>(data.size()),
               data.data(),
               sizes.data(),
               many.empty() ? all_binary.data() : many.data(),
               binary
           ) == 1;
}

std::shared_ptr<prepared_statement> connection::prepare(const call& needed) {
    const std::span<const type_number> types(needed.with.types_.data(), needed.with.types_.size());
    if (auto known = prepared_.find(needed.what.sql, types)) {
        return known;
    }
    auto added = prepared_.add(needed.what.sql, types);
    if (!is_open() || PQsendPrepare(
                          handle_.get(),
                          added->name.c_str(),
                          added->sql.c_str(),
                          static_cast<int>(added->types.size()),
                          added->types.data()
                      ) != 1) {
        lose(is_open() ? last_words(handle_.get()) : close_reason_);
        return added;
    }
    send_upkeep(request::kind::prepare, added);
    return added;
}

void connection::send_deallocate(std::shared_ptr<prepared_statement> unused) {
    const std::string sql = "deallocate " + unused->name;
    if (!is_open()) {
        return;
    }
    if (PQsendQueryParams(
            handle_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, binary
        ) != 1) {
        lose(last_words(handle_.get()));
        return;
    }
    send_upkeep(request::kind::deallocate, std::move(unused));
}

void connection::send_upkeep(request::kind what, std::shared_ptr<prepared_statement> subject) {
    request upkeep;
    upkeep.what = what;
    upkeep.prepared.push_back(std::move(subject));
    sync(std::move(upkeep));
}

void connection::sync(request sent) {
    if (in_flight_.empty()) {
        last_answer_ = std::chrono::steady_clock::now();
    }
    in_flight_bytes_ += sent.bytes;
    in_flight_.push_back(std::move(sent));
    if (PQpipelineSync(handle_.get()) != 1) {
        lose(last_words(handle_.get()));
        return;
    }
    watch();
    if (!writing_) {
        flush();
    }
}

void connection::flush() {
    const int state = PQflush(handle_.get());
    if (state < 0) {
        lose(last_words(handle_.get()));
    } else if (state > 0) {
        await_writable();
    }
}

void connection::receive() {
    const bool alive = PQconsumeInput(handle_.get()) == 1;
    // Answers that came before the end of the connection still count.
    drain();
    if (!is_open()) {
        return;
    }
    if (!alive) {
        lose(last_words(handle_.get()));
        return;
    }
    await_readable();
}

void connection::drain() {
    // A NULL stands between the results of two statements, and for ever after the last.
    int nulls = 0;
    while (is_open() && !in_flight_.empty() && nulls < 3 && PQisBusy(handle_.get()) == 0) {
        pg_result* const raw = PQgetResult(handle_.get());
        if (raw == nullptr) {
            ++nulls;
            continue;
        }
        nulls = 0;
        take(raw);
    }
    if (is_open() && PQstatus(handle_.get()) == CONNECTION_BAD) {
        lose(last_words(handle_.get()));
    }
    if (is_open()) {
        last_answer_ = std::chrono::steady_clock::now();
        send_waiting();
    }
}

void connection::take(pg_result* raw) {
    result owned(raw);
    request& front = in_flight_.front();
    switch (PQresultStatus(raw)) {
        case PGRES_TUPLES_OK:
        case PGRES_COMMAND_OK:
        case PGRES_EMPTY_QUERY:
            front.results.push_back(std::move(owned));
            break;
        case PGRES_PIPELINE_ABORTED:
            break;
        case PGRES_PIPELINE_SYNC:
            // Only now is it committed: an error may still come between result and Sync.
            finish_front();
            break;
        default:
            take_error(raw);
    }
}

void connection::take_error(const pg_result* failed) {
    request& front = in_flight_.front();
    auto what = read_error(failed);
    if (what.sqlstate.empty() || ends_connection(failed)) {
        lose(std::move(what.message), std::move(what.sqlstate));
        return;
    }
    if (front.error) {
        return;
    }
    const std::size_t at = front.results.size();
    if (at < front.calls.size()) {
        what.statement = front.calls[at].what.name;
        const auto& failure = front.prepared[at]->failure;
        if (what.sqlstate == unknown_prepared_statement && failure) {
            front.error = failure;
            return;
        }
    }
    front.error.emplace(std::move(what));
}

void connection::finish_front() {
    request done = std::move(in_flight_.front());
    in_flight_.pop_front();
    in_flight_bytes_ -= done.bytes;
    if (done.what == request::kind::prepare || done.what == request::kind::deallocate) {
        finish_upkeep(done);
        return;
    }
    if (!done.error) {
        done.complete(nullptr, std::move(done.results));
        return;
    }
    if (retry(done)) {
        send(std::move(done));
        return;
    }
    done.complete(std::make_exception_ptr(*done.error), {});
}

void connection::finish_upkeep(const request& done) {
    if (done.what == request::kind::prepare && done.error) {
        done.prepared.front()->failure = done.error;
        prepared_.drop(done.prepared.front());
    }
}

bool connection::retry(request& failed) {
    if (!failed.error || !is_stale(failed.error->sqlstate())) {
        return false;
    }
    for (const auto& each : failed.prepared) {
        if (!each->failure && prepared_.drop(each)) {
            send_deallocate(each);
        }
    }
    if (failed.retried || failed.what != request::kind::query || !is_open()) {
        return false;
    }
    failed.retried = true;
    failed.results.clear();
    failed.prepared.clear();
    failed.error.reset();
    return true;
}

void connection::send_waiting() {
    while (is_open() && !waiting_.empty() && has_room(waiting_.front().bytes)) {
        request next = std::move(waiting_.front());
        waiting_.pop_front();
        send(std::move(next));
    }
}

}  // namespace teamflow::infra::postgres
