#pragma once
// What every role of a process stands on: settings, keys, time, threads and the log.

#include <memory>

#include <boost/asio/use_future.hpp>

#include "app/settings.hpp"
#include "infra/clock.hpp"
#include "infra/crypto/random.hpp"
#include "infra/crypto/secrets.hpp"
#include "infra/io_threads.hpp"
#include "infra/log/event_log.hpp"
#include "projections/read_position.hpp"

namespace teamflow::gateway {
struct listen_options;
}

namespace teamflow::infra {
class kafka_log;
}

namespace teamflow::app {

/// Made and destroyed on the main thread. Roles refer to it and are gone before it.
struct foundation {
    /// Starts the thread of the log and opens the log. Throws std::runtime_error and postgres_error
    /// with the dependency at fault.
    foundation(app_settings how, infra::secrets secret);

    /// What is wrong with the log, for /health/ready; empty when nothing is. From any thread.
    [[nodiscard]] std::string log_trouble() const;

    /// Where this process is to be reached by HTTP, by the settings.
    [[nodiscard]] gateway::listen_options listens() const;

    app_settings settings;
    infra::secrets keys;
    infra::system_clock time;
    /// What decisions take for now; set by tests.
    std::unique_ptr<infra::clock> decision_time;
    infra::system_random random;
    infra::io_threads gateway_threads;
    infra::io_threads log_thread;
    infra::io_threads projection_threads;
    std::shared_ptr<infra::event_log> log;
    /// The same log when it is Kafka; else null.
    std::shared_ptr<infra::kafka_log> kafka;
    /// How far read models are, for reads that wait.
    projections::read_position positions;
};

/// Runs a coroutine on another thread's context and waits for it here; not on an I/O thread.
template <class T>
T wait_for(boost::asio::io_context& where, infra::task<T> work) {
    return boost::asio::co_spawn(where, std::move(work), boost::asio::use_future).get();
}

}  // namespace teamflow::app
