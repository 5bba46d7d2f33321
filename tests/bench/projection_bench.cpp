// How many task creations a second the projectors turn into rows: a backlog, then a live stream.
// Usage: projection_bench [TASKS [LIVE_RATE [LIVE_SECONDS]]]

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "infra/postgres/migrations.hpp"
#include "infra/postgres/private_server.hpp"
#include "infra/postgres/session.hpp"
#include "projections/all.hpp"
#include "projections/projector.hpp"
#include "tests/support/partition_history.hpp"
#include "tests/support/recorded_log.hpp"
#include "tests/support/temporary_directory.hpp"

namespace teamflow::bench {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
using projections::projector;

constexpr std::int32_t partitions = 4;
const std::vector<events::partition_id> every_partition{0, 1, 2, 3};
constexpr std::size_t organizations = 12;
constexpr std::size_t threads = 4;

/// Task creations of several organizations over all partitions.
class workload {
public:
    workload() {
        for (events::partition_id partition = 0; partition < partitions; ++partition) {
            histories_.emplace_back(partition);
        }
        for (std::size_t i = 0; i < organizations; ++i) {
            auto& history = histories_[i % partitions];
            organizations_.push_back(history.make_id<events::organization_id>());
            projects_.push_back(history.make_id<events::project_id>());
        }
    }

    void create_tasks(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i, ++made_) {
            const std::size_t which = made_ % organizations;
            auto& history = histories_[which % partitions];
            history.set_organization(organizations_[which]);
            time_ += std::chrono::milliseconds(made_ % 20 == 0 ? 1 : 0);
            history.set_time(time_);
            events::task_created event;
            event.task_id = history.make_id<events::task_id>();
            event.project_id = projects_[which];
            event.title = "A task of ordinary length number " + std::to_string(made_);
            event.rank = "m" + std::to_string(made_);
            history.commit({event});
        }
    }

    void publish_to(tests::recorded_log& log) {
        for (std::size_t i = 0; i < histories_.size(); ++i) {
            const auto& records = histories_[i].records();
            log.publish(std::span(records).subspan(published_[i]));
            published_[i] = records.size();
        }
    }

private:
    std::vector<tests::partition_history> histories_;
    std::vector<std::size_t> published_ = std::vector<std::size_t>(partitions);
    std::vector<events::organization_id> organizations_;
    std::vector<events::project_id> projects_;
    events::timestamp time_{std::chrono::milliseconds(1'795'000'000'000)};
    std::size_t made_ = 0;
};

/// All projectors over a few threads.
class projectors {
public:
    projectors(const std::string& url, tests::recorded_log& log) {
        for (std::size_t i = 0; i < threads; ++i) {
            contexts_.push_back(std::make_unique<boost::asio::io_context>(1));
            guards_.emplace_back(contexts_.back()->get_executor());
        }
        std::size_t next = 0;
        for (const auto& each : projections::all()) {
            auto& context = *contexts_[next++ % threads];
            projections::projector_options options;
            options.postgres_url = url;
            running_.push_back(std::make_unique<projector>(
                context.get_executor(), each, log, positions_, clock_, std::move(options)
            ));
            running_.back()->assign(every_partition);
            infra::asio::co_spawn(context, running_.back()->run(), infra::asio::detached);
        }
        for (auto& context : contexts_) {
            threads_.emplace_back([&context] { context->run(); });
        }
    }

    projectors(const projectors&) = delete;
    projectors& operator=(const projectors&) = delete;

    ~projectors() {
        for (const auto& each : running_) {
            each->stop();
        }
        guards_.clear();
        for (auto& thread : threads_) {
            thread.join();
        }
    }

    [[nodiscard]] bool has_read(const std::vector<events::position>& all) const {
        for (const auto& each : running_) {
            for (const auto& wanted : all) {
                if (positions_.reached(each->what().name, wanted.partition).value_or(-1) <
                    wanted.at) {
                    return false;
                }
            }
        }
        return true;
    }

    void wait_for(const std::vector<events::position>& all) const {
        while (!has_read(all)) {
            std::this_thread::sleep_for(1ms);
        }
    }

    void report() const {
        for (const auto& each : running_) {
            const auto& metrics = each->metrics();
            const auto batches = std::max<std::int64_t>(metrics.batches, 1);
            fmt::print(
                "  {:14} {:8} rows in {:6} batches of {:5} events, {:6} us each\n",
                each->what().name,
                metrics.rows.load(),
                metrics.batches.load(),
                metrics.events / batches,
                static_cast<std::int64_t>(metrics.batch_latency.sum()) / batches
            );
        }
    }

private:
    infra::system_clock clock_;
    projections::read_position positions_;
    std::vector<std::unique_ptr<boost::asio::io_context>> contexts_;
    std::vector<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> guards_;
    std::vector<std::unique_ptr<projector>> running_;
    std::vector<std::thread> threads_;
};

double seconds_since(clock::time_point begin) {
    return std::chrono::duration<double>(clock::now() - begin).count();
}

double measure_backlog(const std::string& url, std::size_t tasks) {
    workload work;
    tests::recorded_log log(partitions);
    work.create_tasks(tasks);
    work.publish_to(log);
    const auto begin = clock::now();
    projectors all(url, log);
    all.wait_for(log.end_positions());
    const double took = seconds_since(begin);
    const double rate = static_cast<double>(tasks) / took;
    fmt::print("backlog: {:.0f} task creations/s\n", rate);
    all.report();
    return rate;
}

/// How long after they were in the log events were in the rows of every read model.
struct staleness {
    double p50_ms = 0;
    double p99_ms = 0;
};

staleness measure_live(const std::string& url, std::size_t rate, std::size_t seconds) {
    struct published {
        std::vector<events::position> end;
        clock::time_point at;
    };

    workload work;
    tests::recorded_log log(partitions);
    work.publish_to(log);
    projectors all(url, log);
    all.wait_for(log.end_positions());
    const std::size_t ticks = seconds * 200;
    std::deque<published> unread;
    std::vector<double> taken_ms;
    auto next = clock::now();
    for (std::size_t i = 0; i < ticks || !unread.empty(); ++i) {
        if (i < ticks) {
            work.create_tasks(rate / 200);
            work.publish_to(log);
            unread.push_back({log.end_positions(), clock::now()});
        }
        next += 5ms;
        while (clock::now() < next) {
            for (; !unread.empty() && all.has_read(unread.front().end); unread.pop_front()) {
                taken_ms.push_back(seconds_since(unread.front().at) * 1000);
            }
            std::this_thread::sleep_for(250us);
        }
    }
    all.report();
    std::ranges::sort(taken_ms);
    return {taken_ms[taken_ms.size() / 2], taken_ms[taken_ms.size() * 99 / 100]};
}

int run(const std::vector<std::string>& arguments) {
    const auto number = [&](std::size_t which, std::size_t otherwise) {
        return which < arguments.size() ? std::stoul(arguments[which]) : otherwise;
    };
    const tests::temporary_directory directory;
    infra::postgres::private_server_options options;
    options.directory = directory.path();
    options.dies_with_program = true;
    infra::postgres::private_server server(std::move(options));
    infra::postgres::session admin(server.url("postgres"));
    for (const std::string name : {"backlog", "live"}) {
        admin.execute("create database " + name);
        infra::postgres::apply_migrations(server.url(name));
    }
    const double backlog = measure_backlog(server.url("backlog"), number(0, 200'000));
    const std::size_t rate = number(1, 5'000);
    const std::size_t seconds = number(2, 15);
    const auto behind = measure_live(server.url("live"), rate, seconds);
    fmt::print(
        R"({{"backlog_per_second":{:.1f},"live_rate":{},"live_seconds":{},"live_p50_ms":{:.2f},)"
        R"("live_p99_ms":{:.2f}}})"
        "\n",
        backlog,
        rate,
        seconds,
        behind.p50_ms,
        behind.p99_ms
    );
    return EXIT_SUCCESS;
}

}  // namespace

}  // namespace teamflow::bench

int main(int count, char** arguments) {
    return teamflow::bench::run({arguments + 1, arguments + count});
}
