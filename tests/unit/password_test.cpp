#include "infra/crypto/password.hpp"

#include <atomic>
#include <future>
#include <thread>

#include <catch2/catch.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "infra/overloaded.hpp"

namespace teamflow::infra {

namespace {

/// Cheap enough for tests; the default cost is checked by its text alone.
constexpr password_settings cheap{.passes = 1, .memory_bytes = 8192, .threads = 2};

template <class T>
T run(task<T> work) {
    asio::io_context context;
    auto result = asio::co_spawn(context, std::move(work), asio::use_future);
    context.run();
    return result.get();
}

}  // namespace

TEST_CASE("a password fits its own hash and no other does") {
    password_hasher passwords(cheap);
    const std::string hash = run(passwords.hash("correct horse battery"));
    CHECK(run(passwords.verify("correct horse battery", hash)));
    CHECK_FALSE(run(passwords.verify("correct horse batterz", hash)));
    CHECK_FALSE(run(passwords.verify("", hash)));
    CHECK_FALSE(run(passwords.verify(std::string("correct horse battery\0", 22), hash)));
    CHECK(hash != run(passwords.hash("correct horse battery")));
}

TEST_CASE("the default cost is argon2id with 19 MiB and two passes") {
    password_hasher passwords;
    const std::string hash = run(passwords.hash("correct horse battery"));
    CHECK(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    CHECK_FALSE(passwords.needs_rehash(hash));
}

TEST_CASE("a hash of another cost is due for a new one and still verifies") {
    password_hasher before(cheap);
    const std::string hash = run(before.hash("correct horse battery"));
    password_hasher now({.passes = 2, .memory_bytes = 8192, .threads = 1});
    CHECK(now.needs_rehash(hash));
    CHECK_FALSE(before.needs_rehash(hash));
    CHECK(run(now.verify("correct horse battery", hash)));
}

TEST_CASE("a hash that cannot be read fits no password") {
    password_hasher passwords(cheap);
    const auto hash = GENERATE(
        as<std::string>{},
        "",
        "x",
        "$argon2id$",
        "$argon2id$v=19$m=8,t=1,p=1$$",
        "$2b$12$abcdefghijklmnopqrstuv"
    );
    CAPTURE(hash);
    CHECK_FALSE(run(passwords.verify("", hash)));
    CHECK(passwords.needs_rehash(hash));
}

TEST_CASE("the check of an unknown address says nothing and does not throw") {
    password_hasher passwords(cheap);
    CHECK_NOTHROW(run(passwords.verify_dummy("whatever is typed")));
}

TEST_CASE("more passwords at once than the bound are refused before any work") {
    password_hasher passwords({.passes = 1, .memory_bytes = 8192, .threads = 1, .max_in_flight = 2}
    );
    asio::io_context context;
    std::vector<std::future<std::string>> hashes;
    hashes.reserve(5);
    for (int i = 0; i < 5; ++i) {
        hashes.push_back(
            asio::co_spawn(context, passwords.hash("correct horse battery"), asio::use_future)
        );
    }
    // All five start before the loop runs a completion, so exactly two find a place.
    context.poll();
    int refused = 0;
    while (context.run_one() > 0) {
    }
    for (auto& hash : hashes) {
        try {
            hash.get();
        } catch (const overloaded&) {
            ++refused;
        }
    }
    CHECK(refused == 3);
    CHECK_NOTHROW(run(passwords.hash("there is room again")));
}

TEST_CASE("several threads may hash at once, each going on where it was") {
    password_hasher passwords(cheap);
    std::atomic<int> right = 0;
    {
        std::vector<std::jthread> threads;
        threads.reserve(4);
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                const std::string hash = run(passwords.hash("correct horse battery"));
                right += run(passwords.verify("correct horse battery", hash)) ? 1 : 0;
            });
        }
    }
    CHECK(right == 4);
}

TEST_CASE("an impossible cost is refused at the start") {
    CHECK_THROWS_AS(password_hasher({.passes = 0}), std::invalid_argument);
    CHECK_THROWS_AS(password_hasher({.memory_bytes = 1}), std::invalid_argument);
    CHECK_THROWS_AS(password_hasher({.threads = 0}), std::invalid_argument);
}

}  // namespace teamflow::infra
