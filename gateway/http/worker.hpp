#pragma once
// One I/O thread of the server: its connections, their deadlines, and what they share.

#include <chrono>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include "gateway/http/limits.hpp"
#include "infra/asio.hpp"
#include "infra/clock.hpp"
#include "infra/crypto/random.hpp"

namespace teamflow::gateway {

using infra::task;
namespace asio = boost::asio;

/// What a worker keeps of an open connection. All calls on the worker's thread. Moving a deadline
/// is one store: the worker looks at all of them every limits::sweep_ms.
class connection : public boost::intrusive::list_base_hook<
                       boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    using clock = std::chrono::steady_clock;

    connection() = default;
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    /// The deadline has passed: what is awaited now is to fail.
    virtual void expire() = 0;

    /// The server stops: finish the request under way, begin none.
    virtual void drain() = 0;

    /// The time for that is over: close at once, cancel what runs.
    virtual void cut() = 0;

    [[nodiscard]] clock::time_point deadline() const { return deadline_; }

protected:
    ~connection() = default;

    void set_deadline(clock::time_point when) { deadline_ = when; }

    void set_deadline_in(std::uint32_t milliseconds) {
        deadline_ = clock::now() + std::chrono::milliseconds(milliseconds);
    }

    void clear_deadline() { deadline_ = clock::time_point::max(); }

private:
    clock::time_point deadline_ = clock::time_point::max();
};

/// Used on its io_context's thread only, but for the constructor.
class worker {
public:
    /// `context` and `bounds` must outlive this; `context` is run by one thread.
    worker(asio::io_context& context, const limits& bounds);

    /// From here on deadlines are enforced.
    void start();

    /// Registers an open connection; it leaves by its destructor.
    void add(connection& opened) { connections_.push_back(opened); }

    /// Tells every connection to end after its request under way. Again is no harm.
    void begin_drain();

    /// begin_drain, then lets requests under way finish until `until`, then cuts. Returns when no
    /// connection is left: true; or a second after the cut: false.
    task<bool> drain(std::chrono::steady_clock::time_point until);

    [[nodiscard]] bool is_draining() const { return draining_; }

    [[nodiscard]] asio::io_context& context() { return context_; }

    [[nodiscard]] const limits& bounds() const { return bounds_; }

    /// The line `Date: …` with its CRLF, at most a second old.
    [[nodiscard]] const std::string& date_line() const { return date_line_; }

    /// A fresh UUIDv7 as text.
    std::string make_request_id() { return events::to_string(ids_.next()); }

private:
    void sweep();
    void schedule();

    asio::io_context& context_;
    const limits& bounds_;
    asio::steady_timer timer_;
    boost::intrusive::list<connection, boost::intrusive::constant_time_size<false>> connections_;
    std::string date_line_;
    std::chrono::sys_seconds date_of_line_;
    bool draining_ = false;
    bool stopped_ = false;
    infra::system_clock clock_;
    infra::system_random random_;
    infra::uuid_v7_source ids_{clock_, random_};
};

}  // namespace teamflow::gateway
