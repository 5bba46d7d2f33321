// The private PostgreSQL: first start, lock, adoption after kill -9, stale files.

#include "infra/postgres/private_server.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "infra/postgres/session.hpp"
#include "tests/support/temporary_directory.hpp"

namespace teamflow::tests {

namespace {

namespace pg = infra::postgres;
namespace fs = std::filesystem;

pg::private_server_options options_in(const fs::path& directory) {
    pg::private_server_options options;
    options.directory = directory;
    options.dies_with_program = true;
    return options;
}

/// A directory with the data of a server that was stopped. Made once and copied, because initdb
/// takes the longest of all.
class used_directory {
public:
    used_directory() {
        static const prototype source;
        const auto from = (source.directory.path() / "postgres").string();
        const auto command = fmt::format("cp -a {} {}", from, path().string());
        if (std::system(command.c_str()) != 0) {
            throw std::runtime_error("cannot copy the data of a server");
        }
    }

    [[nodiscard]] const fs::path& path() const { return directory_.path(); }

private:
    struct prototype {
        prototype() { const pg::private_server made(options_in(directory.path())); }

        temporary_directory directory;
    };

    temporary_directory directory_;
};

std::string setting(const pg::private_server& server, const std::string& name) {
    return pg::session(server.url()).query("show " + name).get<std::string>(0, 0);
}

/// Starts a server in a process of its own and kills that with SIGKILL; gives the server's number.
pid_t start_in_killed_program(const fs::path& directory) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const pid_t program = fork();
    if (program == 0) {
        pg::private_server_options options = options_in(directory);
        options.dies_with_program = false;
        options.settings = {{"max_connections", "50"}};
        const pg::private_server server(std::move(options));
        const pid_t number = server.process();
        const bool told = write(ends[1], &number, sizeof(number)) == sizeof(number);
        raise(told ? SIGKILL : SIGABRT);
    }
    pid_t number = 0;
    REQUIRE(read(ends[0], &number, sizeof(number)) == sizeof(number));
    int status = 0;
    REQUIRE(waitpid(program, &status, 0) == program);
    REQUIRE(WTERMSIG(status) == SIGKILL);
    close(ends[0]);
    close(ends[1]);
    return number;
}

}  // namespace

TEST_CASE("a private server starts, stops and keeps its data", "[private_server]") {
    const temporary_directory directory;
    {
        pg::private_server server(options_in(directory.path()));
        CHECK(server.is_running());
        CHECK_FALSE(server.was_adopted());
        CHECK(setting(server, "fsync") == "on");
        CHECK(setting(server, "listen_addresses").empty());
        CHECK(setting(server, "server_encoding") == "UTF8");
        pg::session(server.url())
            .execute("create table kept (id int); insert into kept values (1)");
        struct stat sockets{};
        REQUIRE(stat(setting(server, "unix_socket_directories").c_str(), &sockets) == 0);
        CHECK((sockets.st_mode & 077U) == 0);
        server.stop();
        CHECK_FALSE(server.is_running());
        server.start();
        CHECK(pg::session(server.url()).query("select * from kept").rows() == 1);
    }
    pg::private_server again(options_in(directory.path()));
    CHECK_FALSE(again.was_adopted());
    CHECK(pg::session(again.url()).query("select * from kept").rows() == 1);
}

TEST_CASE("a second program on the same directory is refused", "[private_server]") {
    const used_directory directory;
    const pg::private_server server(options_in(directory.path()));
    fs::create_directory_symlink(directory.path(), directory.path().string() + "-link");
    for (const std::string& name :
         {directory.path().string(), directory.path().string() + "-link"}) {
        CHECK_THROWS_WITH(
            pg::private_server(options_in(name)),
            Catch::Contains("in use by another teamflow") &&
                Catch::Contains(fmt::format("process {}", getpid()))
        );
    }
    fs::remove(directory.path().string() + "-link");
    CHECK(server.is_running());
}

TEST_CASE("a server survives its killed program and is adopted", "[private_server]") {
    const used_directory directory;
    const pid_t survivor = start_in_killed_program(directory.path());
    pg::private_server server(options_in(directory.path()));
    CHECK(server.was_adopted());
    CHECK(server.process() == survivor);
    CHECK(setting(server, "max_connections") == "50");
    server.stop();
    CHECK_FALSE(pg::is_alive(survivor));
}

TEST_CASE("a survivor is known when its data are reached by a link", "[private_server]") {
    const used_directory directory;
    const used_directory elsewhere;
    fs::remove_all(directory.path() / "postgres");
    fs::create_directory_symlink(elsewhere.path() / "postgres", directory.path() / "postgres");
    const pid_t survivor = start_in_killed_program(directory.path());
    const pg::private_server server(options_in(directory.path()));
    CHECK(server.process() == survivor);
}

TEST_CASE("a survivor whose socket is gone is started anew", "[private_server]") {
    const used_directory directory;
    const pid_t survivor = start_in_killed_program(directory.path());
    std::ifstream file(directory.path() / "postgres" / "postmaster.pid");
    std::string line;
    for (int i = 0; i < 5; ++i) {
        std::getline(file, line);
    }
    REQUIRE(fs::remove_all(line) > 0);
    const pg::private_server server(options_in(directory.path()));
    CHECK_FALSE(server.was_adopted());
    CHECK(server.process() != survivor);
    CHECK(setting(server, "max_connections") == "100");
}

TEST_CASE("a crashed server and a stale postmaster.pid do not stop a start", "[private_server]") {
    const used_directory directory;
    fs::path socket_directory;
    {
        pg::private_server server(options_in(directory.path()));
        socket_directory = setting(server, "unix_socket_directories");
        pg::session(server.url())
            .execute("create table kept (id int); insert into kept values (1)");
        kill(server.process(), SIGKILL);
    }
    const fs::path pid_file = directory.path() / "postgres" / "postmaster.pid";
    REQUIRE(fs::exists(pid_file));
    const auto rename_process = [](const fs::path& file, pid_t process) {
        std::ifstream old(file);
        std::string number;
        std::getline(old, number);
        const std::string rest{std::istreambuf_iterator<char>(old), {}};
        std::ofstream(file) << process << "\n" << rest;
    };
    SECTION("of a process that is gone") {}

    SECTION("whose number another process has by now") {
        rename_process(pid_file, getppid());
    }

    SECTION("of a process that only waits to be reaped") {
        const pid_t child = fork();
        if (child == 0) {
            _exit(0);
        }
        rename_process(pid_file, child);
        rename_process(socket_directory / ".s.PGSQL.5432.lock", child);
        {
            const pg::private_server server(options_in(directory.path()));
            CHECK(server.is_running());
        }
        REQUIRE(waitpid(child, nullptr, 0) == child);
    }

    SECTION("that is cut short") {
        std::ofstream(pid_file) << "12";
    }

    const pg::private_server server(options_in(directory.path()));
    CHECK(pg::session(server.url()).query("select * from kept").rows() == 1);
}

TEST_CASE("a first start that was cut short is started over", "[private_server]") {
    const temporary_directory directory;
    fs::create_directory(directory.path() / "postgres.new");
    std::ofstream(directory.path() / "postgres.new" / "PG_VERSION") << "15\n";
    const pg::private_server server(options_in(directory.path()));
    CHECK(server.is_running());
    CHECK_FALSE(fs::exists(directory.path() / "postgres.new"));
}

TEST_CASE("a server that cannot start says why", "[private_server]") {
    const temporary_directory directory;
    auto options = options_in(directory.path());
    SECTION("with the end of its log") {
        const used_directory used;
        options.directory = used.path();
        options.settings = {{"shared_buffers", "nonsense"}};
        CHECK_THROWS_WITH(pg::private_server(options), Catch::Contains("shared_buffers"));
    }

    SECTION("when its data are of a version that is not installed") {
        fs::create_directory(directory.path() / "postgres");
        std::ofstream(directory.path() / "postgres" / "PG_VERSION") << "9\n";
        CHECK_THROWS_WITH(pg::private_server(options), Catch::Contains("PostgreSQL 9"));
    }
}

TEST_CASE("data move to the state directory where the server cannot reach", "[private_server]") {
    if (geteuid() != 0) {
        WARN("only root hands over to another user");
        return;
    }
    const temporary_directory directory;
    REQUIRE(chmod(directory.path().c_str(), 0700) == 0);
    fs::path data;
    {
        const pg::private_server server(options_in(directory.path()));
        data = server.data_directory();
        CHECK(data.string().starts_with("/var/lib/teamflow/"));
        CHECK(setting(server, "data_directory") == data.string());
    }
    fs::remove_all(data.parent_path());
}

TEST_CASE("an ordinary user has a private server too", "[private_server]") {
    if (geteuid() != 0) {
        WARN("every other case of this file shows it for an ordinary user");
        return;
    }
    const temporary_directory directory;
    REQUIRE(chmod(directory.path().c_str(), 0777) == 0);
    const pid_t program = fork();
    if (program == 0) {
        bool works = setgid(65534) == 0 && setuid(65534) == 0;
        if (works) {
            const pg::private_server server(options_in(directory.path() / "mine"));
            works = setting(server, "fsync") == "on";
        }
        _exit(works ? 0 : 1);
    }
    int status = 1;
    REQUIRE(waitpid(program, &status, 0) == program);
    CHECK(status == 0);
}

}  // namespace teamflow::tests
