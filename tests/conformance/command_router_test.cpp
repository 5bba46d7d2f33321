// Commands between two gateways in one process: two services on one log, and the way between them.

#include "commands/writer/command_router.hpp"

#include <catch2/catch.hpp>

#include <boost/asio/use_future.hpp>

#include "commands/organization.hpp"
#include "commands/project.hpp"
#include "gateway/forward/forwarding.hpp"
#include "infra/log/archive.hpp"
#include "infra/log/postgres_log.hpp"
#include "tests/support/http_fixture.hpp"
#include "tests/support/http_service.hpp"
#include "tests/support/postgres_fixture.hpp"

namespace teamflow::tests {

namespace {

using namespace std::chrono_literals;
using commands::command_outcome;
using commands::command_reply;
using commands::undelivered;
using delivery = std::variant<command_outcome, undelivered>;

/// What happens to commands on their way; the real way is behind it.
class rough_way final : public commands::remote_commands {
public:
    explicit rough_way(remote_commands& real) : real_(real) {}

    task<delivery> send(
        std::string address, commands::command_request request, commands::answer_patience patience
    ) override {
        ++sent;
        auto answer = co_await real_.send(address, std::move(request), std::move(patience));
        if (answers_to_lose > 0) {
            --answers_to_lose;
            co_return undelivered{.may_have_happened = true, .why = "lost"};
        }
        co_return answer;
    }

    std::atomic<int> sent = 0;
    std::atomic<int> answers_to_lose = 0;

private:
    remote_commands& real_;
};

const infra::secret_key secret = *infra::secret_key::from_bytes("0123456789abcdef0123456789abcdef");

/// One of the two.
class node {
public:
    node(
        postgres_fixture& database, std::shared_ptr<infra::postgres_log> log, const std::string& key
    )
        : key_(gateway::make_forwarding_key(*infra::secret_key::from_bytes(key))),
          log_(std::move(log)),
          pool_(threads_.at(0).get_executor(), database.url()),
          archive_(pool_),
          http_({}),
          real_(threads_.at(0).get_executor(), key_, nullptr) {
        http_.add_hidden(
            {.verb = method::post,
             .path = std::string(gateway::forwarded_path),
             .handle = [this](request& what
                       ) { return gateway::answer_forwarded(what, *router_, key_); }}
        );
        threads_.start();
        server_.emplace(http_);
        service_.emplace(
            commands::command_service::parts{
                .log = *log_,
                .archives = {&archive_},
                .clock = clock_,
                .random = random_,
                .threads = threads_
            },
            "http://127.0.0.1:" + std::to_string(server_->port()),
            commands::partition_writer::limits{}
        );
        router_.emplace(
            *service_, way, counters, commands::command_router::limits{.owner_wait = 1s}
        );
        service_->start();
    }

    ~node() {
        server_.reset();
        service_->stop(5s);
        threads_.stop();
    }

    node(const node&) = delete;
    node& operator=(const node&) = delete;

    template <class T>
    T run(task<T> work) {
        return asio::co_spawn(threads_.at(0), std::move(work), asio::use_future).get();
    }

    command_outcome execute(commands::command_request request) {
        return run(router_->execute(std::move(request)));
    }

    /// Returns when all partitions are owned.
    void own() {
        service_->assign_all();
        wait([&] { return service_->owned() == service_->partitions(); });
    }

    /// Returns when it knows that the other one owns all.
    void know(const node& owner) {
        wait([&] {
            for (events::partition_id each = 0; each < service_->partitions(); ++each) {
                if (service_->writer(each).owner_address() != owner.service_->address()) {
                    return false;
                }
            }
            return true;
        });
    }

    [[nodiscard]] std::uint16_t port() const { return server_->port(); }

    /// Nobody answers there from now on.
    void close_door() { server_.reset(); }

    commands::command_service& service() { return *service_; }

    commands::routing_counters counters;

private:
    static void wait(const std::function<bool()>& condition) {
        const auto deadline = std::chrono::steady_clock::now() + 20s;
        while (!condition()) {
            REQUIRE(std::chrono::steady_clock::now() < deadline);
            std::this_thread::sleep_for(1ms);
        }
    }

    infra::system_clock clock_;
    infra::system_random random_;
    infra::hmac_sha256 key_;
    infra::io_threads threads_{1};
    std::shared_ptr<infra::postgres_log> log_;
    infra::postgres::pool pool_;
    infra::archive archive_;
    gateway::http_service http_;
    std::optional<commands::command_service> service_;
    gateway::forwarding real_;

public:
    rough_way way{real_};

private:
    std::optional<commands::command_router> router_;
    std::optional<running_server> server_;
};

class two_gateways {
public:
    explicit two_gateways(const std::string& other_key = std::string(secret.bytes())) {
        infra::postgres_log::create(database.session(), 2);
        log_threads_.start();
        auto opening =
            infra::postgres_log::open(log_threads_.at(0).get_executor(), {.url = database.url()});
        log_ = asio::co_spawn(log_threads_.at(0), std::move(opening), asio::use_future).get();
        owner.emplace(database, log_, std::string(secret.bytes()));
        other.emplace(database, log_, other_key);
        owner->own();
        other->know(*owner);
        REQUIRE(std::holds_alternative<command_reply>(owner->execute(founding())));
    }

    ~two_gateways() {
        other.reset();
        owner.reset();
        log_->stop();
        log_threads_.stop();
    }

    two_gateways(const two_gateways&) = delete;
    two_gateways& operator=(const two_gateways&) = delete;

    template <class Command>
    static commands::command_request request(Command command) {
        commands::command_request request;
        request.organization = organization();
        request.actor = user();
        request.request_id = "a-request";
        request.command = std::make_shared<commands::command_of<Command>>(std::move(command));
        return request;
    }

    static commands::command_request founding() {
        auto made = request(commands::create_organization{
            .organization_id = organization(), .name = {"Ink"}, .owner_id = user()
        });
        made.actor = {};
        made.actor_name = "system:registration";
        return made;
    }

    static commands::command_request project(std::string name, std::string once = {}) {
        commands::create_project command;
        command.name.value = std::move(name);
        auto made = request(std::move(command));
        if (!once.empty()) {
            made.once = commands::request_key{.key = std::move(once), .fingerprint = "f"};
        }
        return made;
    }

    std::int64_t projects() {
        return database.session()
            .query("select count(*) from teamflow.events where type = 'project.project_created'")
            .get<std::int64_t>(0, 0);
    }

    static events::organization_id organization() {
        return events::organization_id{*events::parse_uuid("01936f3c-7b1a-7000-8000-000000000001")};
    }

    static events::user_id user() {
        return events::user_id{*events::parse_uuid("01936f3c-7b1a-7000-8000-000000000002")};
    }

    postgres_fixture database;

private:
    infra::io_threads log_threads_{1};
    std::shared_ptr<infra::postgres_log> log_;

public:
    std::optional<node> owner;
    std::optional<node> other;
};

std::string code_of(const command_outcome& outcome) {
    const auto* missing = std::get_if<commands::unavailable>(&outcome);
    return missing == nullptr ? std::string() : missing->code;
}

}  // namespace

TEST_CASE("a gateway sends commands to the owner and keeps its own", "[forwarding]") {
    two_gateways both;
    const auto made = std::get<command_reply>(both.other->execute(both.project("Paper")));
    CHECK(made.version == 1);
    CHECK(made.body.find(R"("name":"Paper")") != std::string::npos);
    CHECK(both.other->way.sent == 1);
    CHECK(both.other->counters.forwarded == 1);
    CHECK(both.owner->counters.received == 1);
    std::get<command_reply>(both.owner->execute(both.project("Card")));
    CHECK(both.owner->way.sent == 0);
    // Decided on the state that both made, so a rule holds whichever way a command comes.
    const auto refused = both.other->execute(both.founding());
    CHECK(std::get<command_reply>(refused).version == 1);
    CHECK(both.projects() == 2);
}

TEST_CASE("when the owner moves, commands follow, and nobody sends them on", "[forwarding]") {
    two_gateways both;
    both.other->own();
    both.owner->know(*both.other);
    CHECK(both.owner->service().owned() == 0);
    std::get<command_reply>(both.owner->execute(both.project("Paper")));
    std::get<command_reply>(both.other->execute(both.project("Card")));
    CHECK(both.owner->way.sent == 1);
    CHECK(both.other->way.sent == 0);
    CHECK(both.projects() == 2);
}

TEST_CASE(
    "a lost answer: with a key the command is sent again and takes effect once; without one "
    "it is not known",
    "[forwarding]"
) {
    two_gateways both;
    both.other->way.answers_to_lose = 1;
    const auto again = std::get<command_reply>(both.other->execute(both.project("Paper", "o/u/k")));
    CHECK(again.replayed);
    CHECK(both.other->way.sent == 2);
    CHECK(both.projects() == 1);
    both.other->way.answers_to_lose = 1;
    CHECK(code_of(both.other->execute(both.project("Card"))) == "outcome_unknown");
    CHECK(both.other->way.sent == 3);
    CHECK(both.projects() == 2);
    both.other->way.answers_to_lose = 1'000'000;
    CHECK(code_of(both.other->execute(both.project("Ink", "o/u/l"))) == "outcome_unknown");
    CHECK(both.projects() == 3);
}

TEST_CASE(
    "without an owner that answers, commands wait a while and nothing happens", "[forwarding]"
) {
    two_gateways both;
    both.owner->close_door();
    const auto begun = std::chrono::steady_clock::now();
    CHECK(code_of(both.other->execute(both.project("Paper"))) == "partition_unavailable");
    CHECK(std::chrono::steady_clock::now() - begun >= 1s);
    CHECK(both.other->counters.undelivered == both.other->counters.forwarded);
    CHECK(both.projects() == 0);
    both.other->own();
    std::get<command_reply>(both.other->execute(both.project("Paper")));
    CHECK(both.projects() == 1);
}

TEST_CASE("a gateway with another secret is nobody", "[forwarding]") {
    two_gateways both("fedcba9876543210fedcba9876543210");
    CHECK(code_of(both.other->execute(both.project("Paper"))) == "partition_unavailable");
    CHECK(both.owner->counters.received == 0);
    CHECK(both.projects() == 0);
}

TEST_CASE("only a signed command that is known here is taken", "[forwarding]") {
    two_gateways both;
    const auto key = gateway::make_forwarding_key(secret);
    const auto ask = [&](std::string_view body, const std::string& signature) {
        raw_client client(both.owner->port());
        client.send(post("/internal/commands", body, "Teamflow-Signature: " + signature + "\r\n"));
        return client.receive();
    };
    const auto signed_by = [](const infra::hmac_sha256& with, std::string_view body) {
        return infra::to_hex(with.sign(body));
    };
    const auto good = commands::to_wire(both.project("Paper"));
    const infra::hmac_sha256 stranger("another key");
    CHECK(ask(good, signed_by(stranger, good)).status == 404);
    CHECK(ask(good, signed_by(key, good + " ")).status == 404);
    CHECK(ask(good, "").status == 404);
    CHECK(ask(good, signed_by(key, good).substr(1)).status == 404);
    CHECK(both.projects() == 0);
    CHECK(ask("{}", signed_by(key, "{}")).status == 400);
    const auto answer = ask(good, signed_by(key, good));
    CHECK(answer.status == 200);
    const auto read = commands::answer_from_wire(answer.body);
    REQUIRE(read.has_value());
    CHECK(std::holds_alternative<command_reply>(**read));
    CHECK(both.projects() == 1);
    both.other->own();
    both.owner->know(*both.other);
    const auto moved = ask(good, signed_by(key, good));
    CHECK(moved.status == 200);
    CHECK(!commands::answer_from_wire(moved.body).value().has_value());
    CHECK(both.projects() == 1);
}

}  // namespace teamflow::tests
