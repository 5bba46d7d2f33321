#include "app/erase.hpp"

#include <chrono>
#include <iostream>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_future.hpp>

#include "app/database_place.hpp"
#include "app/keys.hpp"
#include "events/json/parse.hpp"
#include "events/json/read.hpp"
#include "events/json/write.hpp"
#include "gateway/api/principal.hpp"
#include "gateway/forward/peer_client.hpp"
#include "gateway/forward/peer_tls.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/routes/erasure.hpp"
#include "infra/postgres/session.hpp"

namespace teamflow::app {

namespace {

using namespace std::chrono_literals;

constexpr auto token_life = 60s;
/// A gateway answers within 28 s, whatever happens.
constexpr auto answer_wait = 40s;

/// An event is appended by the writer of its partition alone, so some gateway has to run.
std::vector<std::string> running_gateways(infra::postgres::session& database) {
    const auto rows = database.query(
        "select address from teamflow.nodes where 'gateway' = any(roles)"
        " and seen_at > now() - interval '5 seconds' order by seen_at desc"
    );
    std::vector<std::string> addresses;
    addresses.reserve(rows.rows());
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        addresses.push_back(rows.get<std::string>(row, 0));
    }
    if (addresses.empty()) {
        throw std::runtime_error(
            "no gateway runs on this database: an erasure is an event, which a gateway decides. "
            "Start one (`teamflow gateway` or `teamflow dev`), then repeat this"
        );
    }
    return addresses;
}

/// Signs in as whoever has the instance's secrets.
std::string command_line_token(const app_settings& settings) {
    const infra::token_signer signer(tokens_of(settings, secrets_beside(settings)));
    const infra::system_clock time;
    infra::system_random random;
    infra::claims content;
    content.user = events::user_id{*events::parse_uuid(gateway::command_line_user)};
    content.is_operator = true;
    content.issued_at = time.now();
    content.expires_at = content.issued_at + token_life;
    random.fill(content.token_id.data);
    return signer.sign(content);
}

infra::task<gateway::peer_answer> ask(
    std::vector<std::string> addresses, std::string certificate, std::string token, std::string body
) {
    const auto executor = co_await boost::asio::this_coro::executor;
    gateway::peer_client client(executor, gateway::make_peer_tls(certificate), {});
    std::string silence;
    for (const auto& address : addresses) {
        gateway::peer_request request{
            .target = "/api/v1" + std::string(gateway::erasures_path), .body = body
        };
        request.fields.emplace_back("Authorization", "Bearer " + token);
        gateway::peer_client::patience how{
            .until = std::chrono::steady_clock::now() + answer_wait, .is_worthwhile = {}
        };
        auto answer = co_await client.post(address, std::move(request), std::move(how));
        if (answer) {
            co_return *std::move(answer);
        }
        silence += fmt::format("\n  {}: {}", address, answer.error().why);
    }
    throw std::runtime_error("no gateway answers; it is safe to repeat this:" + silence);
}

template <class T>
T read_as(const std::string& text) {
    const auto value = events::json::parse(text);
    auto made = value ? events::json::read<T>(*value, events::json::unknown_members::ignore)
                      : std::unexpected(events::json::problems{});
    if (!made) {
        throw std::runtime_error("the gateway answered what this program does not understand");
    }
    return *std::move(made);
}

/// One way to the gateways.
class instance {
public:
    explicit instance(const app_settings& settings)
        : certificate_(settings.tls_cert), token_(command_line_token(settings)) {
        infra::postgres::session database(database_of(settings));
        addresses_ = running_gateways(database);
    }

    /// The report as JSON. Throws std::runtime_error with what the gateway says against it.
    [[nodiscard]] std::string erase(const gateway::erasure_body& body) const {
        boost::asio::io_context io(1);
        auto asked = boost::asio::co_spawn(
            io,
            ask(addresses_, certificate_, token_, events::json::to_json(body)),
            boost::asio::use_future
        );
        io.run();
        auto answer = asked.get();
        if (answer.status != 200) {
            const auto why = read_as<gateway::problem>(answer.body);
            throw std::runtime_error(fmt::format("{} ({})", why.detail, why.error));
        }
        return std::move(answer.body);
    }

private:
    std::string certificate_;
    std::string token_;
    std::vector<std::string> addresses_;
};

void print_memberships(std::ostream& out, const gateway::erasure_report& report) {
    for (const auto& each : report.memberships) {
        out << fmt::format(
            "  member of {} ({}), {} others{}\n",
            each.organization_name,
            to_string(each.organization_id),
            each.others,
            each.is_only_owner ? "; its only owner" : ""
        );
    }
}

void print_counts(
    std::ostream& out, std::string_view of, const std::vector<query::placeholder_count>& counts
) {
    for (const auto& each : counts) {
        out << fmt::format("  {:>8} {} {}\n", each.count, of, each.where);
    }
}

void print_report(std::ostream& out, const gateway::erasure_report& report) {
    out << fmt::format(
        "{} {}{}\n",
        report.dry_run ? "would erase user" : "erased user",
        to_string(report.user_id),
        report.already_erased ? ", who was erased before" : ""
    );
    if (!report.dry_run) {
        out << fmt::format(
            "destroyed or ended now: {} keys, {} credentials, {} sign-ins, {} tickets, {} "
            "snapshots\n",
            report.keys_destroyed,
            report.credentials_deleted,
            report.sign_ins_ended,
            report.tickets_deleted,
            report.snapshots_deleted
        );
    }
    out << fmt::format(
        "{}: {} memberships, {} invitations to the address\n",
        report.dry_run ? "would end" : "ended",
        report.memberships.size(),
        report.invitations
    );
    print_memberships(out, report);
    out << (report.dry_run ? "would show" : "show") << " [erased] in place of text:\n";
    print_counts(out, "events of", report.events);
    print_counts(out, "rows of", report.rows);
    out << "out of scope:\n";
    for (const auto& each : report.out_of_scope) {
        out << "  " << each << '\n';
    }
}

}  // namespace

int run_erase(const app_settings& settings, const erase_arguments& what) {
    if (!what.yes && ::isatty(STDIN_FILENO) == 0) {
        std::cerr << "teamflow: nobody can be asked here: give --yes to erase for good\n";
        return 2;
    }
    const instance running(settings);
    gateway::erasure_body body{.user = {what.user}, .force = {what.force}, .dry_run = {false}};
    if (!what.yes) {
        auto looking = body;
        looking.dry_run.value = true;
        print_report(std::cerr, read_as<gateway::erasure_report>(running.erase(looking)));
        std::cerr << "This cannot be undone. Type `erase` to go on: " << std::flush;
        std::string said;
        std::getline(std::cin, said);
        if (said != "erase") {
            std::cerr << "teamflow: nothing was erased\n";
            return 1;
        }
    }
    const auto text = running.erase(body);
    if (what.as_json) {
        std::cout << text << '\n';
    } else {
        print_report(std::cout, read_as<gateway::erasure_report>(text));
    }
    return 0;
}

}  // namespace teamflow::app
