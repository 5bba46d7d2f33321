#include "gateway/http/worker.hpp"

#include <ctime>
#include <utility>

#include <fmt/format.h>

#include <boost/asio/redirect_error.hpp>

namespace teamflow::gateway {

namespace {

/// RFC 9110, 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`.
std::string make_date_line(std::chrono::sys_seconds now) {
    constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr const char* months[] = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
    };
    const auto day = std::chrono::floor<std::chrono::days>(now);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(now - day);
    return fmt::format(
        "Date: {}, {:02} {} {:04} {:02}:{:02}:{:02} GMT\r\n",
        days[std::chrono::weekday(day).c_encoding()],
        static_cast<unsigned>(date.day()),
        months[static_cast<unsigned>(date.month()) - 1],
        static_cast<int>(date.year()),
        time.hours().count(),
        time.minutes().count(),
        time.seconds().count()
    );
}

/// The one visited may leave the list meanwhile.
template <class List, class Visit>
void for_each_connection(List& connections, Visit visit) {
    for (auto next = connections.begin(); next != connections.end();) {
        visit(*next++);
    }
}

constexpr std::chrono::milliseconds drain_poll{5};
constexpr std::chrono::seconds patience_after_cut{1};

}  // namespace

worker::worker(asio::io_context& context, const limits& bounds)
    : context_(context), bounds_(bounds), timer_(context) {}

void worker::start() {
    sweep();
}

void worker::sweep() {
    const auto today = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    if (today != date_of_line_) {
        date_of_line_ = today;
        date_line_ = make_date_line(today);
    }
    const auto now = connection::clock::now();
    for_each_connection(connections_, [&](connection& each) {
        if (each.deadline() <= now) {
            each.expire();
        }
    });
    if (!stopped_) {
        schedule();
    }
}

void worker::schedule() {
    timer_.expires_after(std::chrono::milliseconds(bounds_.sweep_ms));
    timer_.async_wait([this](const boost::system::error_code& cancelled) {
        if (!cancelled) {
            sweep();
        }
    });
}

void worker::begin_drain() {
    if (!std::exchange(draining_, true)) {
        for_each_connection(connections_, [](connection& each) { each.drain(); });
    }
}

task<bool> worker::drain(std::chrono::steady_clock::time_point until) {
    begin_drain();
    asio::steady_timer poll(context_);
    bool was_cut = false;
    while (!connections_.empty()) {
        const auto now = std::chrono::steady_clock::now();
        if (!was_cut && now >= until) {
            was_cut = true;
            for_each_connection(connections_, [](connection& each) { each.cut(); });
        }
        if (now >= until + patience_after_cut) {
            break;
        }
        poll.expires_after(drain_poll);
        co_await poll.async_wait(asio::use_awaitable);
    }
    stopped_ = true;
    timer_.cancel();
    co_return connections_.empty();
}

}  // namespace teamflow::gateway
