#include "tests/support/postgres_fixture.hpp"

#include <fmt/format.h>

#include "infra/postgres/migrations.hpp"
#include "tests/support/temporary_directory.hpp"

namespace teamflow::tests {

namespace {

namespace pg = infra::postgres;

constexpr const char* template_name = "teamflow_template";

pg::private_server_options options_for(const std::filesystem::path& directory) {
    pg::private_server_options options;
    options.directory = directory;
    // Tests crash processes, never the machine: fsync would only make them slow.
    options.settings = {{"fsync", "off"}, {"shared_buffers", "64MB"}};
    options.dies_with_program = true;
    return options;
}

/// One server a process, with the template that all test databases are copied from.
struct test_server {
    test_server() : server(options_for(directory.path())) {
        pg::session admin(server.url("postgres"));
        admin.execute(fmt::format("create database {}", template_name));
        pg::apply_migrations(server.url(template_name));
    }

    std::string next_name() { return fmt::format("test_{}", ++count); }

    temporary_directory directory;
    pg::private_server server;
    int count = 0;
};

test_server& shared_server() {
    static test_server shared;
    return shared;
}

}  // namespace

pg::private_server& postgres_fixture::server() {
    return shared_server().server;
}

postgres_fixture::postgres_fixture() : name_(shared_server().next_name()) {
    pg::session admin(server().url("postgres"));
    admin.execute(fmt::format("create database {} template {}", name_, template_name));
    url_ = server().url(name_);
}

postgres_fixture::~postgres_fixture() {
    session_.reset();
    pg::session admin(server().url("postgres"));
    admin.execute(fmt::format("drop database {} with (force)", name_));
}

pg::session& postgres_fixture::session() {
    if (!session_) {
        session_.emplace(url_);
    }
    return *session_;
}

}  // namespace teamflow::tests
