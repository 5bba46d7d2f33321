// Passwords, sign-ins and tickets, against a real database.

#include "infra/crypto/credentials.hpp"

#include <catch2/catch.hpp>

#include "events/stream.hpp"
#include "infra/crypto/refresh_tokens.hpp"
#include "infra/crypto/tickets.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/postgres_fixture.hpp"

namespace teamflow::tests {

namespace {

using namespace std::chrono_literals;
using infra::claims;
using infra::task;
using infra::ticket_kind;

constexpr events::timestamp start{1'800'000'000s};

struct gateway {
    postgres_fixture fixture;
    manual_clock time{start};
    infra::system_random random;
    infra::uuid_v7_source ids{time, random};
    infra::postgres::pool database{fixture.executor(), fixture.url()};
    infra::credentials passwords{database, time};
    infra::refresh_tokens tokens{database, time, random};
    infra::tickets tickets{database, time, random};

    const events::user_id ada = ids.next<events::user_id>();
    const events::organization_id home = ids.next<events::organization_id>();
    const events::organization_id other = ids.next<events::organization_id>();

    infra::issued_refresh_token log_in() {
        return fixture.run(tokens.issue(ids.next(), ada, home, false));
    }

    auto find(const std::string& token) { return fixture.run(tokens.find(token)); }

    auto rotate(const std::string& token) { return fixture.run(tokens.rotate(token, home)); }

    /// The successor of a token that must have one.
    std::string next_of(const std::string& token) {
        const auto issued = rotate(token);
        REQUIRE(issued.has_value());
        return issued ? issued->token : "";
    }

    std::int64_t count(const std::string& from) {
        return fixture.session()
            .query("select count(*) from identity_private." + from)
            .get<std::int64_t>(0, 0);
    }

    claims holder() {
        return {
            .user = ada,
            .organization = home,
            .role = "member",
            .is_operator = false,
            .issued_at = time.now(),
            .expires_at = time.now() + 900s,
            .token_id = ids.next(),
            .family = ids.next(),
        };
    }
};

struct race_result {
    std::vector<std::string> won;
    int done = 0;
};

task<> rotate_in_race(
    infra::refresh_tokens* tokens,
    std::string token,
    events::organization_id organization,
    race_result* result
) {
    const auto issued = co_await tokens->rotate(std::move(token), organization);
    if (issued) {
        result->won.push_back(issued->token);
    }
    ++result->done;
}

}  // namespace

TEST_CASE("a password hash is kept, replaced and found by user", "[credentials]") {
    gateway g;
    CHECK_FALSE(g.fixture.run(g.passwords.find(g.ada)));
    CHECK_FALSE(g.fixture.run(g.passwords.change(g.ada, "hash 0", 2, {})));
    g.fixture.run(g.passwords.put(g.ada, "hash 1"));
    g.fixture.run(g.passwords.put(g.ada, "hash 2"));
    CHECK(g.fixture.run(g.passwords.find(g.ada)) == "hash 2");
    CHECK(g.fixture.run(g.passwords.change(g.ada, "hash 3", 2, {})));
    CHECK(g.fixture.run(g.passwords.find(g.ada)) == "hash 3");
    CHECK(g.count("credentials") == 1);
}

TEST_CASE("passwords change in the order of history, each once", "[credentials]") {
    gateway g;
    g.fixture.run(g.passwords.put(g.ada, "hash 1"));
    const auto phone = g.log_in();
    const auto laptop = g.log_in();
    const auto bob =
        g.fixture.run(g.tokens.issue(g.ids.next(), g.ids.next<events::user_id>(), g.home, false));
    CHECK(g.fixture.run(g.passwords.change(g.ada, "hash 3", 3, phone.family)));
    CHECK(g.find(phone.token));
    CHECK_FALSE(g.find(laptop.token));
    CHECK(g.find(bob.token));
    const auto tablet = g.log_in();
    for (const std::int64_t version : {2, 3}) {
        CHECK_FALSE(g.fixture.run(g.passwords.change(g.ada, "late", version, phone.family)));
        CHECK(g.fixture.run(g.passwords.find(g.ada)) == "hash 3");
        CHECK(g.find(tablet.token));
    }
    CHECK_FALSE(g.fixture.run(g.passwords.renew(g.ada, "hash 1", "hash 1 again")));
    CHECK(g.fixture.run(g.passwords.renew(g.ada, "hash 3", "hash 3 again")));
    CHECK(g.fixture.run(g.passwords.find(g.ada)) == "hash 3 again");
    CHECK(g.find(tablet.token));
    CHECK_FALSE(g.fixture.run(g.passwords.change(g.ada, "late", 3, phone.family)));
}

TEST_CASE(
    "passwords of registrations that never went further are swept after a day", "[credentials]"
) {
    gateway g;
    const auto registered = g.ids.next<events::user_id>();
    g.fixture.run(g.passwords.put(g.ada, "hash"));
    g.fixture.run(g.passwords.put(registered, "hash"));
    g.fixture.session().query(
        "insert into teamflow.log_records values (0, 0, 1, 0, gen_random_uuid(), 0, "
        "gen_random_uuid(), 0, 1, gen_random_uuid(), 'identity.user_registered', 1, $1, 1, "
        "'00000000-0000-0000-0000-000000000000', 'x', now(), gen_random_uuid(), null, '', '{}')",
        {events::stream_of(registered)}
    );
    CHECK(g.fixture.run(g.passwords.sweep_unfinished()) == 0);
    g.time.advance(24h + 1ms);
    CHECK(g.fixture.run(g.passwords.sweep_unfinished()) == 1);
    CHECK_FALSE(g.fixture.run(g.passwords.find(g.ada)));
    CHECK(g.fixture.run(g.passwords.find(registered)));
}

TEST_CASE(
    "an operator is made, found by any spelling, given a new password and sent off", "[credentials]"
) {
    gateway g;
    const auto id = g.fixture.run(g.passwords.put_operator(g.ada, " Root@Example.org", "hash 1"));
    CHECK(id == g.ada);
    CHECK(
        g.fixture.run(
            g.passwords.put_operator(g.ids.next<events::user_id>(), "root@example.org", "hash 2")
        ) == g.ada
    );
    const auto found = g.fixture.run(g.passwords.find_operator("ROOT@example.org"));
    REQUIRE(found.has_value());
    CHECK((found && found->user == g.ada && found->password_hash == "hash 2" && found->is_active));
    CHECK(g.fixture.run(g.passwords.is_active_operator(g.ada)));

    CHECK(g.fixture.run(g.passwords.deactivate_operator("root@example.org")));
    CHECK_FALSE(g.fixture.run(g.passwords.is_active_operator(g.ada)));
    const auto gone = g.fixture.run(g.passwords.find_operator("root@example.org"));
    CHECK((gone && !gone->is_active));
    CHECK_FALSE(g.fixture.run(g.passwords.deactivate_operator("nobody@example.org")));
    CHECK_FALSE(g.fixture.run(g.passwords.find_operator("nobody@example.org")));
}

TEST_CASE(
    "a refresh token stands for its session until it is used, and then its successor does",
    "[credentials]"
) {
    gateway g;
    const auto first = g.log_in();
    CHECK(first.token.size() == 43);
    CHECK(first.expires_at == start + std::chrono::days{30});
    const auto session = g.find(first.token);
    REQUIRE(session.has_value());
    CHECK(
        (session && session->user == g.ada && session->organization == g.home &&
         !session->is_operator)
    );
    CHECK((session && session->family == first.family));

    const auto second = g.fixture.run(g.tokens.rotate(first.token, g.other));
    REQUIRE(second.has_value());
    CHECK((second && second->family == first.family));
    CHECK_FALSE(g.find(first.token));
    const auto switched = g.find(second ? second->token : "");
    CHECK((switched && switched->organization == g.other));
}

TEST_CASE("a token that is none has no session and harms nobody", "[credentials]") {
    gateway g;
    const auto good = g.log_in();
    for (const std::string& token :
         {std::string(),
          std::string("x"),
          good.token + "A",
          std::string(10'000, 'A'),
          std::string("\0\xFF", 2)}) {
        CHECK_FALSE(g.find(token));
        CHECK_FALSE(g.rotate(token));
        CHECK_NOTHROW(g.fixture.run(g.tokens.revoke(token)));
    }
    CHECK(g.find(good.token));
}

TEST_CASE("the reuse of a used token ends its whole family and no other", "[credentials]") {
    gateway g;
    const auto stolen = g.log_in();
    const auto unrelated = g.log_in();
    const std::string second = g.next_of(stolen.token);
    const std::string third = g.next_of(second);
    CHECK(g.find(third));
    CHECK_FALSE(g.rotate(stolen.token));
    CHECK_FALSE(g.find(third));
    CHECK_FALSE(g.rotate(third));
    CHECK(g.find(unrelated.token));
}

TEST_CASE("a client that lost the answer and tries again at once has to log in", "[credentials]") {
    gateway g;
    const auto first = g.log_in();
    const std::string second = g.next_of(first.token);
    CHECK_FALSE(g.rotate(first.token));
    CHECK_FALSE(g.rotate(second));
    CHECK(g.find(g.log_in().token));
}

TEST_CASE(
    "of many at once with one token exactly one gets a successor, and it is revoked",
    "[credentials]"
) {
    gateway g;
    infra::postgres::pool_options eight;
    eight.size = 8;
    infra::postgres::pool database(g.fixture.executor(), g.fixture.url(), eight);
    infra::refresh_tokens tokens(database, g.time, g.random);
    const auto first = g.log_in();
    race_result result;
    for (int i = 0; i < 32; ++i) {
        boost::asio::co_spawn(
            g.fixture.executor(),
            rotate_in_race(&tokens, first.token, g.home, &result),
            boost::asio::detached
        );
    }
    while (result.done < 32 && g.fixture.io().run_one_for(10s) > 0) {
    }
    REQUIRE(result.done == 32);
    REQUIRE(result.won.size() == 1);
    CHECK_FALSE(g.find(result.won.front()));
    CHECK(g.count("refresh_tokens") == 2);
}

TEST_CASE("logging out ends the family, also with a token used before", "[credentials]") {
    gateway g;
    const auto first = g.log_in();
    const std::string second = g.next_of(first.token);
    g.fixture.run(g.tokens.revoke(first.token));
    CHECK_FALSE(g.find(second));
    CHECK_FALSE(g.rotate(second));
    CHECK_NOTHROW(g.fixture.run(g.tokens.revoke(second)));
}

TEST_CASE("all sign-ins of a user end at once, those of others stay", "[credentials]") {
    gateway g;
    const auto phone = g.log_in();
    const auto laptop = g.log_in();
    const auto bob =
        g.fixture.run(g.tokens.issue(g.ids.next(), g.ids.next<events::user_id>(), g.home, false));
    g.fixture.run(g.tokens.revoke_user(g.ada));
    CHECK_FALSE(g.find(phone.token));
    CHECK_FALSE(g.find(laptop.token));
    CHECK(g.find(bob.token));
}

TEST_CASE(
    "a refresh token expires after 30 days, and use keeps the family alive", "[credentials]"
) {
    gateway g;
    const auto first = g.log_in();
    g.time.advance(std::chrono::days{29});
    const std::string second = g.next_of(first.token);
    g.time.advance(std::chrono::days{29});
    CHECK(g.fixture.run(g.tokens.sweep()) == 1);
    CHECK(g.find(second));
    g.time.advance(std::chrono::days{1});
    CHECK_FALSE(g.find(second));
    CHECK_FALSE(g.rotate(second));
    g.fixture.run(g.tokens.sweep());
    CHECK(g.count("refresh_tokens") == 0);
    CHECK(g.count("refresh_families") == 0);
}

TEST_CASE("no token stands in the database as it is shown", "[credentials]") {
    gateway g;
    const auto token = g.log_in().token;
    const auto ticket = g.fixture.run(g.tickets.issue(ticket_kind::ws, g.holder())).ticket;
    const auto dump =
        g.fixture.session()
            .query(
                "select (select string_agg(t::text, '') from identity_private.refresh_tokens t) || "
                "(select string_agg(t::text, '') from identity_private.tickets t)"
            )
            .get<std::string>(0, 0);
    CHECK(dump.find(token) == std::string::npos);
    CHECK(dump.find(ticket) == std::string::npos);
}

TEST_CASE("a ws ticket is good once within 30 s", "[credentials]") {
    gateway g;
    const claims holder = g.holder();
    const auto issued = g.fixture.run(g.tickets.issue(ticket_kind::ws, holder));
    CHECK(issued.expires_in == 30s);
    CHECK_FALSE(g.fixture.run(g.tickets.redeem(ticket_kind::sse, issued.ticket)));
    CHECK(g.fixture.run(g.tickets.redeem(ticket_kind::ws, issued.ticket)) == holder);
    CHECK_FALSE(g.fixture.run(g.tickets.redeem(ticket_kind::ws, issued.ticket)));

    const auto late = g.fixture.run(g.tickets.issue(ticket_kind::ws, holder));
    g.time.advance(30s);
    CHECK_FALSE(g.fixture.run(g.tickets.redeem(ticket_kind::ws, late.ticket)));
    CHECK_FALSE(g.fixture.run(g.tickets.redeem(ticket_kind::ws, "")));
}

TEST_CASE("an sse ticket is good until the access token expires", "[credentials]") {
    gateway g;
    const claims holder = g.holder();
    g.time.advance(100s);
    const auto issued = g.fixture.run(g.tickets.issue(ticket_kind::sse, holder));
    CHECK(issued.expires_in == 800s);
    CHECK_FALSE(g.fixture.run(g.tickets.redeem(ticket_kind::ws, issued.ticket)));
    CHECK(g.fixture.run(g.tickets.redeem(ticket_kind::sse, issued.ticket)) == holder);
    g.time.advance(799s);
    CHECK(g.fixture.run(g.tickets.redeem(ticket_kind::sse, issued.ticket)) == holder);
    g.time.advance(1s);
    CHECK_FALSE(g.fixture.run(g.tickets.redeem(ticket_kind::sse, issued.ticket)));
    CHECK(g.fixture.run(g.tickets.sweep()) == 1);
}

TEST_CASE("a ticket never outlives the access token it was issued for", "[credentials]") {
    gateway g;
    const claims holder = g.holder();
    g.time.advance(890s);
    const auto issued = g.fixture.run(g.tickets.issue(ticket_kind::ws, holder));
    CHECK(issued.expires_in == 10s);
    g.time.advance(10s);
    CHECK_FALSE(g.fixture.run(g.tickets.redeem(ticket_kind::ws, issued.ticket)));
}

}  // namespace teamflow::tests
