#include "app/projector_role.hpp"

#include <thread>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "infra/kafka/kafka_log.hpp"
#include "projections/all.hpp"

namespace teamflow::app {

namespace {

using namespace std::chrono_literals;

constexpr auto tables_patience = 30s;
constexpr auto log_patience = 3s;

}  // namespace

projector_role::projector_role(foundation& on)
    : on_(on),
      sharing_(on, [this](const std::vector<events::partition_id>& ours) { assign(ours); }) {}

void projector_role::start() {
    start_archiver();
    projections::projector_options options;
    options.postgres_url = on_.settings.postgres_url;
    options.fenced = [this] { sharing_.fenced(); };
    std::size_t next = 0;
    for (const auto& projection : projections::all()) {
        auto& context = on_.projection_threads.at(next++);
        auto& projector = projectors_.emplace_back(
            context.get_executor(), projection, *on_.log, on_.positions, on_.time, options
        );
        ++running_;
        boost::asio::co_spawn(context, projector.run(), [this](const std::exception_ptr& failure) {
            --running_;
            if (failure) {
                std::rethrow_exception(failure);
            }
        });
    }
    sharing_.start();
    start_rebuilder();
}

void projector_role::start_rebuilder() {
    projections::rebuild_options options;
    options.database = on_.settings.postgres_url;
    options.log_ends = [this] { return log_ends(); };
    rebuilding_.emplace(std::move(options), projections::all());
    caring_.emplace(on_.settings.postgres_url, projections::all());
}

/// Asked by the thread of rebuilds, which must not wait for a log that is about to stop.
std::optional<std::vector<events::position>> projector_role::log_ends() const {
    auto& context = on_.log_thread.at(0);
    auto told = boost::asio::co_spawn(context, on_.log->ends(), boost::asio::use_future);
    if (told.wait_for(log_patience) != std::future_status::ready) {
        return std::nullopt;
    }
    std::vector<events::position> ends;
    try {
        for (const auto end : told.get()) {
            ends.push_back({static_cast<events::partition_id>(ends.size()), end});
        }
    } catch (const infra::log_unavailable& failure) {
        spdlog::warn("the log's end cannot be asked for: {}", failure.what());
        return std::nullopt;
    }
    return ends;
}

void projector_role::assign(const std::vector<events::partition_id>& ours) {
    const std::lock_guard lock(mutex_);
    assigned_ = ours;
    for (auto& projector : projectors_) {
        projector.assign(ours);
    }
}

std::vector<events::partition_id> projector_role::partitions() const {
    const std::lock_guard lock(mutex_);
    return assigned_;
}

/// A log on Kafka needs its archive filled; any number of processes may do it.
void projector_role::start_archiver() {
    if (on_.kafka == nullptr) {
        return;
    }
    auto& context = on_.projection_threads.at(1);
    archiving_ =
        infra::archiver::make(context.get_executor(), on_.kafka, on_.settings.postgres_url, {});
    boost::asio::co_spawn(context, infra::archiver::run(archiving_), boost::asio::detached);
}

void projector_role::await_tables() const {
    const auto deadline = std::chrono::steady_clock::now() + tables_patience;
    for (const auto& projector : projectors_) {
        while (projector.metrics().status == projections::projector_status::starting) {
            if (std::chrono::steady_clock::now() > deadline) {
                throw std::runtime_error(fmt::format(
                    "projection {} does not start; see the log above", projector.what().name
                ));
            }
            std::this_thread::sleep_for(1ms);
        }
    }
}

bool projector_role::stop(std::chrono::milliseconds limit) {
    if (rebuilding_) {
        rebuilding_->ask_to_stop();
        caring_->ask_to_stop();
    }
    if (archiving_) {
        archiving_->stop();
    }
    for (auto& projector : projectors_) {
        projector.stop();
    }
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (running_ > 0 && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(1ms);
    }
    // Behind their last batch, which would fence the successor.
    sharing_.stop();
    if (rebuilding_) {
        rebuilding_->stop(limit);
        caring_->stop(limit);
    }
    return running_ == 0;
}

std::vector<std::string> projector_role::building() const {
    using enum projections::projector_status;
    std::vector<std::string> names;
    for (const auto& projector : projectors_) {
        const auto status = projector.metrics().status.load();
        if (status == live || status == rebuilding) {
            names.emplace_back(projector.what().name);
        }
    }
    return names;
}

metric_sources projector_role::sources() const {
    metric_sources own;
    own.archiving = archiving_.get();
    for (const auto& projector : projectors_) {
        own.projectors.push_back(&projector);
    }
    return own;
}

std::string projector_role::trouble() const {
    using enum projections::projector_status;
    std::string all;
    for (const auto& projector : projectors_) {
        const auto status = projector.metrics().status.load();
        if (status != live && status != standby) {
            all += fmt::format(
                "{}{} is {}",
                all.empty() ? "" : ", ",
                projector.what().name,
                events::json::enum_name(status)
            );
        }
    }
    return all;
}

}  // namespace teamflow::app
