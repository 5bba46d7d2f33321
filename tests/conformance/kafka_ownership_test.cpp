// Several gateways on one Kafka log: who decides, who stops deciding, and when (rules R6 and R7).

#include <catch2/catch.hpp>

#include "tests/support/kafka_gateway.hpp"
#include "tests/support/log_backend.hpp"

namespace teamflow::tests {

namespace {

using namespace std::chrono_literals;

constexpr events::partition_id one = 1;

/// A log with an archiver, and gateways on it.
class cluster {
public:
    cluster() : archiving_(backend_.settings()) {}

    std::unique_ptr<kafka_gateway> gateway(const std::string& address) {
        return std::make_unique<kafka_gateway>(backend_.settings(), address);
    }

    /// The seat of a gateway of this cluster.
    [[nodiscard]] infra::kafka::membership::options seat() const {
        infra::kafka::membership::options as;
        as.group = backend_.settings().kafka.topic + ".gateways";
        return as;
    }

    /// Of a partition; new at each call.
    events::organization_id organization(events::partition_id partition) {
        return organization_of(partition, log_partitions, made_++);
    }

    kafka_backend& backend() { return backend_; }

private:
    kafka_backend backend_;
    kafka_archiving archiving_;
    std::uint64_t made_ = 0;
};

bool is_done(const commands::command_outcome& outcome) {
    return std::holds_alternative<commands::command_reply>(outcome);
}

}  // namespace

TEST_CASE("an owner that is not assigned any more serves until another one claims", "[ownership]") {
    cluster at;
    const auto first = at.gateway("127.0.0.1:1");
    first->service().assign({one});
    REQUIRE(is_done(first->make_organization(at.organization(one))));
    first->service().assign({});
    CHECK(is_done(first->make_organization(at.organization(one))));
    const auto second = at.gateway("127.0.0.1:2");
    second->service().assign({one});
    CHECK(is_done(second->make_organization(at.organization(one))));
    REQUIRE(becomes([&] { return !first->owns(one); }));
    CHECK(!is_done(first->make_organization(at.organization(one))));
    CHECK(first->claims(one) == 1);
    CHECK(first->displacements() == 0);
}

TEST_CASE("a displaced owner claims again after a new assignment only", "[ownership]") {
    cluster at;
    const auto first = at.gateway("127.0.0.1:1");
    first->service().assign({one});
    REQUIRE(is_done(first->make_organization(at.organization(one))));
    const events::writer_id another{events::make_uuid_v7(9, 1, 1)};
    first->run(first->log().claim(one, another, "127.0.0.1:9"));
    REQUIRE(becomes([&] { return first->displacements() == 1; }));
    CHECK(!is_done(first->make_organization(at.organization(one))));
    CHECK(first->claims(one) == 1);
    first->service().assign({one});
    CHECK(is_done(first->make_organization(at.organization(one))));
    CHECK(first->claims(one) == 2);
}

TEST_CASE("after an unknown outcome an owner claims again by itself", "[ownership]") {
    cluster at;
    const auto first = at.gateway("127.0.0.1:1");
    first->service().assign({one});
    REQUIRE(is_done(first->make_organization(at.organization(one))));
    kafka_fixture::pause_broker();
    const auto unknown = at.organization(one);
    CHECK(!is_done(first->make_organization(unknown)));
    kafka_fixture::resume_broker();
    REQUIRE(becomes([&] { return is_done(first->make_organization(at.organization(one))); }));
    CHECK(first->claims(one) >= 2);
    CHECK(first->displacements() == 0);
}

TEST_CASE("an unassigned owner does not claim again after an unknown outcome", "[ownership]") {
    cluster at;
    const auto first = at.gateway("127.0.0.1:1");
    first->service().assign({one});
    REQUIRE(is_done(first->make_organization(at.organization(one))));
    first->service().assign({});
    kafka_fixture::pause_broker();
    CHECK(!is_done(first->make_organization(at.organization(one))));
    kafka_fixture::resume_broker();
    const auto second = at.gateway("127.0.0.1:2");
    second->service().assign({one});
    CHECK(is_done(second->make_organization(at.organization(one))));
    CHECK(first->claims(one) == 1);
    CHECK(!first->owns(one));
}

TEST_CASE("gateways of a group share the partitions and take over from each other", "[ownership]") {
    cluster at;
    auto first = at.gateway("127.0.0.1:1");
    first->join(at.seat());
    REQUIRE(becomes([&] { return first->service().owned() == log_partitions; }));
    const auto second = at.gateway("127.0.0.1:2");
    second->join(at.seat());
    REQUIRE(becomes([&] { return second->service().owned() == 1 && first->service().owned() == 2; })
    );
    for (events::partition_id partition = 0; partition < log_partitions; ++partition) {
        auto& owner = first->owns(partition) ? *first : *second;
        CHECK(is_done(owner.make_organization(at.organization(partition))));
    }
    first->stop();
    REQUIRE(becomes([&] { return second->service().owned() == log_partitions; }));
    CHECK(is_done(second->make_organization(at.organization(0))));
}

TEST_CASE("a gateway takes over from one that vanished", "[ownership]") {
    cluster at;
    const auto first = at.gateway("127.0.0.1:1");
    auto vanishing = at.seat();
    vanishing.leave_limit = 0ms;
    first->join(vanishing);
    REQUIRE(becomes([&] { return first->service().owned() == log_partitions; }));
    const auto acknowledged = at.organization(2);
    REQUIRE(is_done(first->make_organization(acknowledged)));
    first->stop();
    const auto second = at.gateway("127.0.0.1:2");
    second->join(at.seat());
    REQUIRE(becomes([&] { return second->service().owned() == log_partitions; }));
    CHECK(is_done(second->make_project(acknowledged)));
    const auto unheard = second->make_project(at.organization(2));
    CHECK(std::holds_alternative<commands::refusal>(unheard));
}

TEST_CASE("a gateway that the group knows as owner gets back what was taken", "[ownership]") {
    cluster at;
    const auto first = at.gateway("127.0.0.1:1");
    auto quick = at.seat();
    quick.renew_delay = 1ms;
    first->join(quick);
    REQUIRE(becomes([&] { return first->service().owned() == log_partitions; }));
    const events::writer_id another{events::make_uuid_v7(9, 1, 1)};
    first->run(first->log().claim(one, another, "127.0.0.1:9"));
    REQUIRE(becomes([&] { return first->claims(one) == 2; }));
    CHECK(is_done(first->make_organization(at.organization(one))));
}

TEST_CASE("a process finds the partitions that were claimed at its address", "[ownership]") {
    cluster at;
    const auto first = at.gateway("127.0.0.1:1");
    const auto second = at.gateway("127.0.0.1:2");
    first->service().assign({0, 1});
    REQUIRE(becomes([&] { return first->service().owned() == 2; }));
    second->service().assign({1, 2});
    REQUIRE(becomes([&] { return second->service().owned() == 2; }));
    using partitions = std::vector<events::partition_id>;
    CHECK(first->run(first->log().claimed_by("127.0.0.1:1")) == partitions{0});
    CHECK(first->run(first->log().claimed_by("127.0.0.1:2")) == partitions{1, 2});
    CHECK(first->run(first->log().claimed_by("127.0.0.1:3")).empty());
}

}  // namespace teamflow::tests
