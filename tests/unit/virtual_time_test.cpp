#include "infra/virtual_time.hpp"

#include <vector>

#include <catch2/catch.hpp>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>

#include "infra/steady_timer.hpp"

using namespace teamflow;
using namespace std::chrono_literals;

namespace {

struct fixture {
    infra::virtual_time time{infra::virtual_time::time_point(1h)};
    infra::virtual_time::scope under{time};
    boost::asio::io_context context;
    std::vector<int> seen;

    void run_to(infra::virtual_time::duration moment) {
        time.advance(infra::virtual_time::time_point(1h + moment));
        context.restart();
        context.poll();
    }

    void note_after(infra::steady_timer& timer, int number) {
        timer.async_wait([this, number](boost::system::error_code outcome) {
            seen.push_back(outcome ? -number : number);
        });
    }
};

infra::task<> sleep_twice(std::vector<int>& seen) {
    const auto executor = co_await boost::asio::this_coro::executor;
    infra::steady_timer pause(executor, 10ms);
    co_await pause.async_wait(boost::asio::use_awaitable);
    seen.push_back(1);
    pause.expires_after(10ms);
    co_await pause.async_wait(boost::asio::use_awaitable);
    seen.push_back(2);
}

infra::task<> sleep(infra::virtual_time::duration length) {
    const auto executor = co_await boost::asio::this_coro::executor;
    infra::steady_timer pause(executor, length);
    co_await pause.async_wait(boost::asio::use_awaitable);
}

infra::task<> sleep_for_the_shorter(std::vector<int>& seen) {
    using namespace boost::asio::experimental::awaitable_operators;
    auto either = sleep(10ms) || sleep(1h);
    const auto first = co_await std::move(either);
    seen.push_back(static_cast<int>(first.index()));
}

}  // namespace

TEST_CASE_METHOD(fixture, "virtual time: stands still until it is moved", "[virtual_time]") {
    CHECK(infra::steady_clock::now().time_since_epoch() == 1h);
    infra::steady_timer late(context.get_executor(), 20ms);
    infra::steady_timer early(context.get_executor(), 10ms);
    note_after(late, 2);
    note_after(early, 1);
    CHECK(time.next() == infra::virtual_time::time_point(1h + 10ms));
    run_to(9ms);
    CHECK(seen.empty());
    run_to(1h);
    CHECK(seen == std::vector{1, 2});
    CHECK_FALSE(time.next());
}

TEST_CASE_METHOD(fixture, "virtual time: a cancelled wait says so", "[virtual_time]") {
    infra::steady_timer timer(context.get_executor(), 10ms);
    note_after(timer, 1);
    note_after(timer, 2);
    CHECK(timer.cancel() == 2);
    CHECK(timer.cancel() == 0);
    run_to(0ms);
    CHECK(seen == std::vector{-1, -2});
    note_after(timer, 3);
    timer.expires_after(1h);
    run_to(30min);
    CHECK(seen == std::vector{-1, -2, -3});
}

TEST_CASE_METHOD(fixture, "virtual time: coroutines and wakeups live in it", "[virtual_time]") {
    boost::asio::co_spawn(context, sleep_twice(seen), boost::asio::detached);
    run_to(0ms);
    run_to(10ms);
    CHECK(seen == std::vector{1});
    run_to(20ms);
    CHECK(seen == std::vector{1, 2});
    CHECK_FALSE(time.next());
}

TEST_CASE_METHOD(fixture, "virtual time: of two waits the longer is cancelled", "[virtual_time]") {
    boost::asio::co_spawn(context, sleep_for_the_shorter(seen), boost::asio::detached);
    run_to(0ms);
    run_to(10ms);
    CHECK(seen == std::vector{0});
    CHECK_FALSE(time.next());
}

TEST_CASE("virtual time: outside of it time is the machine's", "[virtual_time]") {
    infra::virtual_time time{{}};
    {
        const infra::virtual_time::scope under(time);
        CHECK(infra::steady_clock::now() == infra::virtual_time::time_point{});
    }
    CHECK(infra::virtual_time::current() == nullptr);
    const auto before = std::chrono::steady_clock::now();
    CHECK(infra::steady_clock::now() >= before);
    boost::asio::io_context context;
    infra::steady_timer timer(context.get_executor(), 1ms);
    bool done = false;
    timer.async_wait([&](boost::system::error_code) { done = true; });
    context.run();
    CHECK(done);
    CHECK_FALSE(time.next());
}
