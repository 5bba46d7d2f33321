#include "infra/crypto/secrets.hpp"

#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

#include "tests/support/manual_clock.hpp"
#include "tests/support/temporary_directory.hpp"

namespace teamflow::infra {

namespace {

using tests::temporary_directory;
namespace fs = std::filesystem;

const std::string good = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

bool same(const secrets& left, const secrets& right) {
    return left.master_key.bytes() == right.master_key.bytes() &&
           left.email_key.bytes() == right.email_key.bytes() &&
           left.jwt_secret.bytes() == right.jwt_secret.bytes() &&
           left.internal_secret.bytes() == right.internal_secret.bytes();
}

}  // namespace

TEST_CASE("secrets are made once, kept for the owner only and found again") {
    const temporary_directory home;
    system_random random;
    const secrets made = load_or_create_secrets(home.path(), random);
    const fs::path file = home.path() / "secrets.json";
    CHECK(
        (fs::status(file).permissions() & fs::perms::mask) ==
        (fs::perms::owner_read | fs::perms::owner_write)
    );
    CHECK(same(load_or_create_secrets(home.path(), random), made));
    CHECK(made.master_key.bytes() != made.email_key.bytes());
    CHECK(made.jwt_secret.bytes() != made.internal_secret.bytes());

    const temporary_directory elsewhere;
    CHECK_FALSE(same(load_or_create_secrets(elsewhere.path(), random), made));
}

TEST_CASE("a file of secrets that is not as it should be stops the start and is left alone") {
    const temporary_directory home;
    system_random random;
    load_or_create_secrets(home.path(), random);
    const fs::path file = home.path() / "secrets.json";
    const auto message = [&] {
        try {
            load_or_create_secrets(home.path(), random);
            return std::string("no error");
        } catch (const std::runtime_error& error) {
            return std::string(error.what());
        }
    };
    SECTION("others may read it") {
        fs::permissions(file, fs::perms::group_read, fs::perm_options::add);
        CHECK_THAT(message(), Catch::Contains("chmod 600"));
    }
    SECTION("it is empty") {
        std::ofstream(file, std::ios::trunc).close();
        CHECK_THAT(message(), Catch::Contains("secrets.json"));
        CHECK(fs::file_size(file) == 0);
    }
    SECTION("it is cut off") {
        fs::resize_file(file, fs::file_size(file) - 10);
        CHECK_THAT(message(), Catch::Contains("secrets.json"));
    }
    SECTION("a secret is too short") {
        std::ofstream(file, std::ios::trunc)
            << R"({"master_key":"short","email_key":")" << good << R"(","jwt_secret":")" << good
            << R"(","internal_secret":")" << good << "\"}";
        CHECK_THAT(message(), Catch::Contains("master_key") && !Catch::Contains("short\""));
    }
    SECTION("it leads elsewhere") {
        fs::rename(file, home.path() / "elsewhere.json");
        fs::create_symlink(home.path() / "elsewhere.json", file);
        CHECK_THAT(message(), Catch::Contains("secrets.json"));
    }
}

TEST_CASE("configured secrets are read in both alphabets, and every bad one is named") {
    const secret_texts texts{
        .master_key = good,
        .email_key = good + "=",
        .jwt_secret = "//////////////////////////////////////////8=",
        .internal_secret = "__________________________________________8",
    };
    const auto read = read_secrets(texts);
    REQUIRE(read.has_value());
    CHECK(read->master_key.bytes() == read->email_key.bytes());
    CHECK(read->jwt_secret.bytes() == read->internal_secret.bytes());

    const auto refused = read_secrets(
        {.master_key = good,
         .email_key = "hunter2",
         .jwt_secret = "",
         .internal_secret = good + good}
    );
    REQUIRE_FALSE(refused.has_value());
    REQUIRE(refused.error().size() == 3);
    CHECK(refused.error()[0].field == "email_key");
    CHECK(refused.error()[0].message.find("hunter2") == std::string::npos);
    CHECK(refused.error()[1].field == "jwt_secret");
    CHECK(refused.error()[2].field == "internal_secret");
}

TEST_CASE("keys derived from one key differ from it and from one another") {
    tests::seeded_random random(9);
    const secret_key key = secret_key::make(random);
    CHECK(key.derive(1).bytes() != key.bytes());
    CHECK(key.derive(1).bytes() != key.derive(2).bytes());
    CHECK(key.derive(1).bytes() == key.derive(1).bytes());
}

}  // namespace teamflow::infra
