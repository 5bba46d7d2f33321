// A place in a consumer group: who is told to own what, and when.

#include "infra/kafka/membership.hpp"

#include <numeric>
#include <optional>

#include <catch2/catch.hpp>

#include "infra/kafka/topic.hpp"
#include "tests/support/kafka_fixture.hpp"
#include "tests/support/kafka_gateway.hpp"

namespace teamflow::tests {

namespace {

using namespace std::chrono_literals;
using partitions = std::vector<events::partition_id>;

constexpr std::int32_t partition_count = 6;

partitions from_to(events::partition_id first, events::partition_id last) {
    partitions all(static_cast<std::size_t>(last - first + 1));
    std::iota(all.begin(), all.end(), first);
    return all;
}

/// A topic, and members of one group on it.
class grouping {
public:
    grouping() {
        infra::kafka::create_topic(
            kafka_.settings(), {.partitions = partition_count, .flush_each_record = false}
        );
    }

    [[nodiscard]] infra::kafka::settings settings() const { return kafka_.settings(); }

    [[nodiscard]] infra::kafka::membership::options options(const std::string& address) const {
        infra::kafka::membership::options as;
        as.group = kafka_.settings().topic + ".gateways";
        as.address = address;
        return as;
    }

private:
    kafka_fixture kafka_;
};

/// A member and what it was told.
class member {
public:
    member(const infra::kafka::settings& how, infra::kafka::membership::options as)
        : seat_(infra::kafka::membership::join(how, std::move(as), [this](const partitions& ours) {
              const std::lock_guard lock(mutex_);
              told_.push_back(ours);
          })) {}

    ~member() { seat_->leave(); }

    member(const member&) = delete;
    member& operator=(const member&) = delete;

    [[nodiscard]] std::size_t assignments() const {
        const std::lock_guard lock(mutex_);
        return told_.size();
    }

    [[nodiscard]] std::optional<partitions> newest() const {
        const std::lock_guard lock(mutex_);
        return told_.empty() ? std::nullopt : std::optional(told_.back());
    }

    infra::kafka::membership& seat() { return *seat_; }

private:
    mutable std::mutex mutex_;
    std::vector<partitions> told_;
    std::shared_ptr<infra::kafka::membership> seat_;
};

}  // namespace

TEST_CASE("members share the partitions, and one that leaves hands its own over", "[membership]") {
    const grouping at;
    member first(at.settings(), at.options("127.0.0.1:1"));
    REQUIRE(becomes([&] { return first.newest() == from_to(0, 5); }));
    CHECK(first.seat().is_member());
    CHECK(first.seat().assigned() == from_to(0, 5));
    member second(at.settings(), at.options("127.0.0.1:2"));
    REQUIRE(becomes([&] { return second.newest() == from_to(3, 5); }));
    REQUIRE(becomes([&] { return first.newest() == from_to(0, 2); }));
    first.seat().leave();
    CHECK(!first.seat().is_member());
    REQUIRE(becomes([&] { return second.newest() == from_to(0, 5); }));
}

TEST_CASE("a member that vanishes is missed after the session time-out", "[membership]") {
    const grouping at;
    auto vanishing = at.options("127.0.0.1:1");
    vanishing.leave_limit = 0ms;
    member first(at.settings(), vanishing);
    member second(at.settings(), at.options("127.0.0.1:2"));
    REQUIRE(becomes([&] {
        return first.newest() == from_to(0, 2) && second.newest() == from_to(3, 5);
    }));
    first.seat().leave();
    CHECK(second.newest() == from_to(3, 5));
    REQUIRE(becomes([&] { return second.newest() == from_to(0, 5); }));
}

TEST_CASE("whoever asks for the assignment anew is told it again", "[membership]") {
    const grouping at;
    auto quick = at.options("127.0.0.1:1");
    quick.renew_delay = 1ms;
    member first(at.settings(), quick);
    member second(at.settings(), at.options("127.0.0.1:2"));
    REQUIRE(becomes([&] {
        return first.newest() == from_to(0, 2) && second.newest() == from_to(3, 5);
    }));
    const auto before = first.assignments();
    first.seat().renew();
    REQUIRE(becomes([&] { return first.assignments() > before; }));
    REQUIRE(becomes([&] {
        return first.newest() == from_to(0, 2) && second.newest() == from_to(3, 5);
    }));
}

TEST_CASE("a group finds together again after its broker died", "[membership]") {
    const grouping at;
    member first(at.settings(), at.options("127.0.0.1:1"));
    REQUIRE(becomes([&] { return first.newest() == from_to(0, 5); }));
    kafka_fixture::kill_broker();
    kafka_fixture::start_broker();
    member second(at.settings(), at.options("127.0.0.1:2"));
    REQUIRE(becomes([&] { return second.newest() == from_to(3, 5); }));
    REQUIRE(becomes([&] { return first.newest() == from_to(0, 2); }));
}

TEST_CASE("a group is left in bounded time when its broker hangs", "[membership]") {
    const grouping at;
    member only(at.settings(), at.options("127.0.0.1:1"));
    REQUIRE(becomes([&] { return only.newest() == from_to(0, 5); }));
    kafka_fixture::pause_broker();
    const auto begun = std::chrono::steady_clock::now();
    only.seat().leave();
    const auto took = std::chrono::steady_clock::now() - begun;
    kafka_fixture::resume_broker();
    CHECK(took < 5s);
}

}  // namespace teamflow::tests
