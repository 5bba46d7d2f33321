#include "infra/postgres/connection.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

namespace teamflow::infra::postgres {

namespace {

/// Formats for PQsendQueryPrepared: all parameters are binary.
using lengths = boost::container::small_vector<int, 16>;
using values = boost::container::small_vector<const char*, 16>;

constexpr int binary = 1;

/// Errors that mean the prepared statement is out of date, not that the call is wrong.
bool is_stale(std::string_view sqlstate) {
    return sqlstate == "0A000" || sqlstate == "42P01";
}

constexpr std::string_view unknown_prepared_statement = "26000";

}  // namespace

/// Waits hold the connection weakly. One that is destroyed instead of called (its io_context ends)
/// lets go of the calls in flight, whose coroutines may be what keeps the connection alive.
struct connection::on_readable {
    explicit on_readable(std::weak_ptr<connection> owner) : owner_(std::move(owner)) {}

    on_readable(on_readable&&) noexcept = default;
    on_readable(const on_readable&) = delete;
    on_readable& operator=(const on_readable&) = delete;

    ~on_readable() {
        if (const auto owner = owner_.lock()) {
            owner->abandon();
        }
    }

    void operator()(boost::system::error_code error) {
        const auto owner = std::exchange(owner_, {}).lock();
        if (owner && owner->is_open() && !error) {
            owner->receive();
        }
    }

    std::weak_ptr<connection> owner_;
};

struct connection::on_writable {
    void operator()(boost::system::error_code error) const {
        const auto owner = owner_.lock();
        if (owner && owner->is_open() && !error) {
            owner->writing_ = false;
            owner->flush();
            owner->drain();
        }
    }

    std::weak_ptr<connection> owner_;
};

connection::connection(
    private_tag,
    asio::any_io_executor executor,
    connection_handle handle,
    connection_options options
)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      handle_(std::move(handle)),
      socket_(watch_socket(executor_, handle_.get())),
      watchdog_(executor_),
      closed_(executor_, asio::steady_timer::time_point::max()),
      prepared_(options_.prepared_max) {}

connection::~connection() {
    close();
}

task<std::shared_ptr<connection>> connection::open(
    asio::any_io_executor executor, std::string url, connection_options options
) {
    auto handle = co_await connect(executor, std::move(url), options.connect);
    if (PQenterPipelineMode(handle.get()) != 1) {
        throw postgres_unavailable(last_words(handle.get()));
    }
    auto opened = std::make_shared<connection>(
        private_tag{}, std::move(executor), std::move(handle), std::move(options)
    );
    opened->await_readable();
    co_await opened->apply_settings();
    co_return opened;
}

task<void> connection::apply_settings() {
    static constexpr statement set{"set_config", "select set_config($1, $2, false)"};
    std::vector<call> calls;
    for (const auto& [name, value] : options_.settings) {
        calls.push_back({set, params::of(name, value)});
    }
    if (!calls.empty()) {
        co_await atomically(std::move(calls));
    }
}

task<result> connection::query(statement what, params with) {
    request added;
    added.what = request::kind::query;
    added.bytes = with.bytes();
    added.calls.push_back({what, std::move(with)});
    return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr, result)>(
        [this](auto handler, request sent) {
            auto executor = asio::get_associated_executor(handler);
            sent.complete = [executor, handler = std::move(handler)](
                                std::exception_ptr error, std::vector<result> results
                            ) mutable {
                auto resume = [handler = std::move(handler),
                               error = std::move(error),
                               answer = results.empty() ? result() : std::move(results.front())](
                              ) mutable { handler(std::move(error), std::move(answer)); };
                asio::post(executor, std::move(resume));
            };
            submit(std::move(sent));
        },
        asio::use_awaitable,
        std::move(added)
    );
}

task<std::vector<result>> connection::atomically(std::vector<call> calls) {
    request added;
    added.what = request::kind::batch;
    added.calls.reserve(calls.size());
    for (call& each : calls) {
        added.bytes += each.with.bytes();
        added.calls.push_back(std::move(each));
    }
    return asio::async_initiate<
        const asio::use_awaitable_t<>,
        void(std::exception_ptr, std::vector<result>)>(
        [this](auto handler, request sent) {
            auto executor = asio::get_associated_executor(handler);
            sent.complete = [executor, handler = std::move(handler)](
                                std::exception_ptr error, std::vector<result> results
                            ) mutable {
                auto resume = [handler = std::move(handler),
                               error = std::move(error),
                               results = std::move(results)]() mutable {
                    handler(std::move(error), std::move(results));
                };
                asio::post(executor, std::move(resume));
            };
            submit(std::move(sent));
        },
        asio::use_awaitable,
        std::move(added)
    );
}

void connection::submit(request added) {
    if (!is_open()) {
        fail(added, false);
        return;
    }
    if (waiting_.empty() && has_room(added.bytes)) {
        send(std::move(added));
        return;
    }
    if (waiting_.size() < options_.waiting_max) {
        waiting_.push_back(std::move(added));
        return;
    }
    const postgres_unavailable full("too many calls wait for one connection");
    added.complete(std::make_exception_ptr(full), {});
}

bool connection::has_room(std::size_t bytes) const {
    return in_flight_.empty() || (in_flight_.size() < options_.in_flight_max &&
                                  in_flight_bytes_ + bytes <= options_.in_flight_bytes_max);
}

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
    if (auto unused = prepared_.evict()) {
        send_deallocate(std::move(unused));
    }
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

void connection::await_readable() {
    socket_.async_wait(asio::posix::stream_descriptor::wait_read, on_readable(weak_from_this()));
}

void connection::await_writable() {
    writing_ = true;
    socket_.async_wait(asio::posix::stream_descriptor::wait_write, on_writable{weak_from_this()});
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
    if (!is_stale(failed.error->sqlstate())) {
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

void connection::watch() {
    if (watching_ || options_.response_limit.count() == 0) {
        return;
    }
    watching_ = true;
    watchdog_.expires_at(last_answer_ + options_.response_limit);
    watchdog_.async_wait([owner = weak_from_this()](boost::system::error_code aborted) {
        const auto self = owner.lock();
        if (self && self->is_open() && !aborted) {
            self->check_progress();
        }
    });
}

void connection::check_progress() {
    watching_ = false;
    if (in_flight_.empty()) {
        return;
    }
    if (std::chrono::steady_clock::now() - last_answer_ >= options_.response_limit) {
        lose(fmt::format("no answer within {} ms", options_.response_limit.count()));
        return;
    }
    watch();
}

task<void> connection::wait_closed() {
    const auto self = shared_from_this();
    boost::system::error_code ignored;
    if (is_open()) {
        co_await closed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

void connection::close() {
    lose("closed by this program");
}

void connection::lose(std::string reason, std::string sqlstate) {
    if (!is_open()) {
        return;
    }
    close_reason_ = std::move(reason);
    close_sqlstate_ = std::move(sqlstate);
    boost::system::error_code ignored;
    socket_.close(ignored);
    handle_.reset();
    watchdog_.cancel();
    closed_.cancel();
    auto sent = std::exchange(in_flight_, {});
    auto unsent = std::exchange(waiting_, {});
    in_flight_bytes_ = 0;
    for (request& each : sent) {
        fail(each, true);
    }
    for (request& each : unsent) {
        fail(each, false);
    }
}

void connection::fail(request& lost, bool was_sent) {
    if (!lost.complete) {
        return;
    }
    if (lost.error) {
        // The server had refused it before the connection went: no doubt about it.
        lost.complete(std::make_exception_ptr(*lost.error), {});
        return;
    }
    postgres_error::fields what;
    what.sqlstate = close_sqlstate_;
    what.message = "connection lost: " + close_reason_;
    what.connection_lost = true;
    what.outcome_unknown = was_sent;
    what.statement = lost.calls.empty() ? std::string() : std::string(lost.calls[0].what.name);
    lost.complete(std::make_exception_ptr(postgres_error(std::move(what))), {});
}

void connection::abandon() {
    const auto dropped_sent = std::exchange(in_flight_, {});
    const auto dropped_unsent = std::exchange(waiting_, {});
}

}  // namespace teamflow::infra::postgres
