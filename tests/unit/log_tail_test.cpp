#include "infra/log/log_tail.hpp"

#include <algorithm>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "infra/virtual_time.hpp"
#include "infra/wakeup.hpp"

using namespace teamflow;
using namespace std::chrono_literals;

namespace {

constexpr events::partition_id partition = 1;

std::vector<events::record_ptr> records_from(events::offset first, std::size_t count) {
    std::vector<events::record_ptr> made;
    for (std::size_t i = 0; i < count; ++i) {
        auto record = std::make_shared<events::record>();
        record->partition = partition;
        record->at = first + static_cast<events::offset>(i);
        record->data = "{}";
        made.push_back(std::move(record));
    }
    return made;
}

}  // namespace

TEST_CASE("log tail: before any news the log is asked", "[log_tail]") {
    infra::log_tail tail(2, 1U << 20U);
    CHECK_FALSE(tail.read(partition, 0, 10));
    tail.extend(partition, 6);
    CHECK_FALSE(tail.read(partition, 6, 10));
    const auto behind = tail.read(partition, 7, 10);
    REQUIRE(behind);
    CHECK(behind->empty());
}

TEST_CASE("log tail: nobody asks the log for what will be pushed", "[log_tail]") {
    infra::log_tail tail(2, 1U << 20U);
    tail.begin(partition, 5);
    CHECK_FALSE(tail.read(partition, 4, 10));
    const auto awaited = tail.read(partition, 5, 10);
    REQUIRE(awaited);
    CHECK(awaited->empty());
    tail.extend(partition, 8);
    const auto on_its_way = tail.read(partition, 8, 10);
    REQUIRE(on_its_way);
    CHECK(on_its_way->empty());
    CHECK_FALSE(tail.read(0, 5, 10));
}

TEST_CASE("log tail: what cannot be read yet wakes nobody", "[log_tail]") {
    boost::asio::io_context io;
    const auto news = std::make_shared<infra::wakeup>(io.get_executor());
    const auto heard = [&] {
        bool signalled = false;
        boost::asio::co_spawn(
            io,
            news->wait(std::chrono::seconds(0)),
            [&](const std::exception_ptr&, bool answer) { signalled = answer; }
        );
        io.restart();
        io.run();
        return signalled;
    };
    infra::log_tail tail(2, 1U << 20U);
    tail.subscribe(news, std::vector{partition});
    tail.extend(partition, 4);
    CHECK(heard());
    tail.extend(partition, 5);
    CHECK(heard());
    tail.extend(partition, 5);
    CHECK_FALSE(heard());
    tail.begin(partition, 6);
    tail.extend(partition, 6);
    CHECK_FALSE(heard());
    tail.push(partition, records_from(6, 1));
    CHECK(heard());
}

// A reader that starts anywhere and goes on by what read() says, asking the log where it must, sees
// each record once and in order, whatever memory has let go of meanwhile.
TEST_CASE("log tail: readers miss nothing", "[log_tail]") {
    CHECK(rc::check("a reader beside a follower", [] {
        const auto all = records_from(0, *rc::gen::inRange<std::size_t>(1, 60));
        const auto count = static_cast<events::offset>(all.size());
        const auto start = *rc::gen::inRange<events::offset>(0, count + 1);
        const auto room = infra::footprint(*all.front()) * *rc::gen::inRange<std::size_t>(1, 20);
        infra::log_tail tail(2, room);
        if (*rc::gen::arbitrary<bool>()) {
            tail.begin(partition, start);
        }
        auto pushed = start;
        auto next = *rc::gen::inRange<events::offset>(0, count + 1);
        const auto first = next;
        const auto take = [&] {
            const auto limit = *rc::gen::inRange<std::size_t>(1, 8);
            const auto found = tail.read(partition, next, limit);
            // What the log itself holds: all of it, ahead of the follower.
            const auto left = std::min(limit, static_cast<std::size_t>(count - next));
            const auto size = found ? found->size() : left;
            for (std::size_t i = 0; found && i < size; ++i) {
                RC_ASSERT((*found)[i]->at == next + static_cast<events::offset>(i));
            }
            next += static_cast<events::offset>(size);
            return size;
        };
        while (pushed < count) {
            const auto more = *rc::gen::inRange<events::offset>(1, count - pushed + 1);
            tail.push(
                partition,
                std::span(all).subspan(
                    static_cast<std::size_t>(pushed), static_cast<std::size_t>(more)
                )
            );
            pushed += more;
            take();
        }
        for (std::size_t steps = 0; take() > 0; ++steps) {
            RC_ASSERT(steps <= all.size());
        }
        RC_ASSERT(next == std::max(first, count));
    }));
}

TEST_CASE("log tail: an end is not believed for ever", "[log_tail]") {
    const auto start = infra::virtual_time::time_point(1h);
    infra::virtual_time time{start};
    const infra::virtual_time::scope under{time};
    infra::log_tail tail(2, 1U << 20U);
    CHECK_FALSE(tail.current_end(partition, 5s));
    tail.hear(partition);
    CHECK_FALSE(tail.current_end(partition, 5s));
    tail.extend(partition, 6);
    CHECK(tail.current_end(partition, 5s) == 6);
    time.advance(start + 5s);
    CHECK(tail.current_end(partition, 5s) == 6);
    time.advance(start + 5001ms);
    CHECK_FALSE(tail.current_end(partition, 5s));
    CHECK(tail.known_end(partition) == 6);
    tail.hear(partition);
    CHECK(tail.current_end(partition, 5s) == 6);
    time.advance(start + 12s);
    tail.push(partition, records_from(7, 1));
    CHECK(tail.current_end(partition, 5s) == 7);
    CHECK_FALSE(tail.current_end(0, 5s));
}
