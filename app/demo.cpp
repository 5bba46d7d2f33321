#include "app/demo.hpp"

#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/describe/class.hpp>
#include <boost/json/object.hpp>

#include "events/json/parse.hpp"
#include "events/json/read.hpp"
#include "events/json/write.hpp"
#include "infra/crypto/base64.hpp"
#include "infra/crypto/random.hpp"

namespace teamflow::app {

namespace {

namespace beast = boost::beast;
namespace http = beast::http;

struct demo_account {
    std::string email;
    std::string password;
    std::string task_id;
};
BOOST_DESCRIBE_STRUCT(demo_account, (), (email, password, task_id))

/// Just enough of a client to use the API as anybody would.
class api_client {
public:
    api_client(std::uint16_t port, const termination& ending) : ending_(ending), stream_(io_) {
        stream_.connect({boost::asio::ip::address_v4::loopback(), port});
    }

    /// Takes effect once for each `key`, however often it is sent: what is answered 503 is sent
    /// again, until the process is to end; then there is nothing.
    std::optional<boost::json::object> post(
        const std::string& path, const std::string& key, const std::string& body
    ) {
        http::request<http::string_body> request(http::verb::post, "/api/v1" + path, 11);
        request.set(http::field::host, "localhost");
        request.set(http::field::content_type, "application/json");
        request.set("Idempotency-Key", key);
        if (!token_.empty()) {
            request.set(http::field::authorization, "Bearer " + token_);
        }
        request.body() = body;
        request.prepare_payload();
        auto answer = exchange(request);
        while (answer.result() == http::status::service_unavailable) {
            spdlog::warn("the demo account waits: POST {}: {}", path, answer.body());
            if (ending_.wait_for(pause)) {
                return std::nullopt;
            }
            answer = exchange(request);
        }
        const auto value = events::json::parse(answer.body());
        if (answer.result_int() >= 300 || !value) {
            throw std::runtime_error(
                fmt::format("the demo account was not made: POST {}: {}", path, answer.body())
            );
        }
        return value->as_object();
    }

    void sign_in(std::string token) { token_ = std::move(token); }

private:
    static constexpr std::chrono::seconds pause{1};

    http::response<http::string_body> exchange(const http::request<http::string_body>& request) {
        http::write(stream_, request);
        http::response<http::string_body> answer;
        http::read(stream_, buffer_, answer);
        return answer;
    }

    const termination& ending_;
    boost::asio::io_context io_;
    beast::tcp_stream stream_;
    beast::flat_buffer buffer_;
    std::string token_;
};

std::string text_of(const boost::json::object& object, std::string_view member) {
    return std::string(object.at(member).as_string());
}

demo_account new_account() {
    infra::system_random random;
    return {
        .email = "demo@example.com",
        .password = infra::base64url_encode(random.bytes(12)),
        .task_id = {}
    };
}

/// Completes what a start that was cut short may have begun: the password, which nobody else knows,
/// is also what makes the requests the same ones. False when the process is to end before.
bool make_work(demo_account& account, std::uint16_t port, const termination& ending) {
    api_client client(port, ending);
    const auto& once = account.password;
    const auto registered = client.post(
        "/auth/register",
        once,
        fmt::format(
            R"({{"organization_name":"Demo","email":"{}","name":"Demo","password":"{}"}})",
            account.email,
            account.password
        )
    );
    if (!registered) {
        return false;
    }
    client.sign_in(text_of(*registered, "access_token"));
    const auto project = client.post("/projects", once + "-project", R"({"name":"First project"})");
    if (!project) {
        return false;
    }
    const auto task = client.post(
        "/tasks",
        once + "-task",
        fmt::format(
            R"({{"project_id":"{}","title":"Try TeamFlow","estimated_hours":1}})",
            text_of(*project, "id")
        )
    );
    if (!task) {
        return false;
    }
    account.task_id = text_of(*task, "id");
    return true;
}

/// Replaces the file as a whole; nobody else may read it.
void write_account(const std::filesystem::path& file, const demo_account& account) {
    const auto fresh = file.string() + ".new";
    std::ofstream out(fresh);
    std::filesystem::permissions(
        fresh, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write
    );
    out << events::json::to_json(account) << '\n';
    out.close();
    if (!out) {
        throw std::runtime_error(fresh + " cannot be written");
    }
    std::filesystem::rename(fresh, file);
}

std::optional<demo_account> read_account(const std::filesystem::path& file) {
    const std::ifstream in(file);
    std::ostringstream text;
    text << in.rdbuf();
    const auto value = events::json::parse(text.str());
    const auto read = value ? events::json::read<demo_account>(*value)
                            : std::unexpected(events::json::problems{});
    return in && read ? std::optional(*read) : std::nullopt;
}

}  // namespace

std::optional<std::string> demo_tour(
    const std::string& url,
    std::uint16_t port,
    const std::filesystem::path& directory,
    const termination& ending
) {
    const auto file = directory / "demo.json";
    auto account = read_account(file);
    if (!account) {
        account = new_account();
        write_account(file, *account);
    }
    if (account->task_id.empty()) {
        if (!make_work(*account, port, ending)) {
            return std::nullopt;
        }
        write_account(file, *account);
    }
    const std::string task = url + "/api/v1/tasks/" + account->task_id;
    const std::string bearer = R"(-H "Authorization: Bearer $TOKEN")";
    const std::string login = fmt::format(
        R"(TOKEN=$(curl -s {}/api/v1/auth/login -H 'Content-Type: application/json' )"
        R"(-d '{{"email":"{}","password":"{}"}}' )"
        R"sed(| sed 's/.*"access_token":"\([^"]*\)".*/\1/'))sed",
        url,
        account->email,
        account->password
    );
    const std::string timer = fmt::format(
        "curl -s -X POST {0}/time/start {1}; sleep 2; curl -s -X POST {0}/time/stop {1}",
        task,
        bearer
    );
    const std::string totals = fmt::format("curl -s {}/time-logs {}", task, bearer);
    return fmt::format(
        "TeamFlow serves at {0}   (API: {0}/docs, health: {0}/health/ready)\n"
        "Demo login: {1} / {2}\n\n"
        "Start a timer, stop it, read the totals:\n  {3}\n  {4}\n  {5}\n",
        url,
        account->email,
        account->password,
        login,
        timer,
        totals
    );
}

}  // namespace teamflow::app
