#include "tests/support/kafka_gateway.hpp"

#include <thread>
#include <utility>

#include "commands/organization.hpp"
#include "commands/project.hpp"

namespace teamflow::tests {

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 30s;
const events::user_id owner_of_all{events::make_uuid_v7(5, 1, 1)};

std::shared_ptr<infra::kafka_log> open_on(
    infra::io_threads& threads, const infra::kafka_log::settings& how
) {
    auto opening = infra::kafka_log::open(threads.at(0).get_executor(), how);
    return boost::asio::co_spawn(threads.at(0), std::move(opening), boost::asio::use_future).get();
}

}  // namespace

kafka_archiving::kafka_archiving(const infra::kafka_log::settings& how) {
    threads_.start();
    log_ = open_on(threads_, how);
    auto executor = threads_.at(0).get_executor();
    work_ = infra::archiver::make(executor, log_, how.database_url, {});
    boost::asio::co_spawn(executor, infra::archiver::run(work_), boost::asio::detached);
}

kafka_archiving::~kafka_archiving() {
    work_->stop();
    log_->stop();
    threads_.stop();
}

kafka_gateway::kafka_gateway(const infra::kafka_log::settings& how, std::string address)
    : address_(std::move(address)), kafka_(how.kafka) {
    threads_.start();
    log_ = open_on(threads_, how);
    pool_.emplace(threads_.at(0).get_executor(), how.database_url);
    archive_.emplace(*pool_);
    service_ = std::make_unique<commands::command_service>(
        commands::command_service::parts{
            .log = *log_,
            .archives = {&*archive_},
            .clock = clock_,
            .random = random_,
            .threads = threads_,
            .displaced =
                [this] {
                    ++displacements_;
                    if (seat_) {
                        seat_->renew();
                    }
                }
        },
        address_,
        commands::partition_writer::limits{}
    );
    service_->start();
}

kafka_gateway::~kafka_gateway() {
    stop();
    threads_.stop();
}

void kafka_gateway::join(infra::kafka::membership::options as) {
    as.address = address_;
    seat_ = infra::kafka::membership::join(
        kafka_,
        std::move(as),
        [this](const std::vector<events::partition_id>& ours) { service_->assign(ours); }
    );
}

void kafka_gateway::stop() {
    service_->stop(5s);
    if (seat_) {
        seat_->leave();
    }
    log_->stop();
}

commands::command_outcome kafka_gateway::make_organization(events::organization_id organization) {
    commands::create_organization founding{
        .organization_id = organization, .name = {"Ink"}, .owner_id = owner_of_all
    };
    commands::command_request request;
    request.organization = organization;
    request.actor_name = "system:registration";
    request.command =
        std::make_unique<commands::command_of<commands::create_organization>>(std::move(founding));
    return run(service_->execute(std::move(request)));
}

commands::command_outcome kafka_gateway::make_project(events::organization_id organization) {
    commands::create_project making;
    making.name.value = "Paper";
    making.key.emplace().value = "PAP";
    commands::command_request request;
    request.organization = organization;
    request.actor = owner_of_all;
    request.command =
        std::make_unique<commands::command_of<commands::create_project>>(std::move(making));
    return run(service_->execute(std::move(request)));
}

events::organization_id organization_of(
    events::partition_id partition, std::int32_t partitions, std::uint64_t number
) {
    events::organization_id found;
    std::uint64_t tried = 0;
    for (std::uint64_t left = number + 1; left > 0;) {
        found = events::organization_id(events::make_uuid_v7(6, ++tried, 1));
        left -= events::partition_of(found, partitions) == partition ? 1 : 0;
    }
    return found;
}

bool becomes(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!holds() && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(2ms);
    }
    return holds();
}

}  // namespace teamflow::tests
