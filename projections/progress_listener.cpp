#include "projections/progress_listener.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include <spdlog/spdlog.h>

#include <boost/asio/steady_timer.hpp>

#include "infra/postgres/connection.hpp"
#include "projections/statements.hpp"

namespace teamflow::projections {

namespace postgres = infra::postgres;

namespace {

constexpr std::chrono::milliseconds retry_interval{500};

constexpr postgres::statement read_all_checkpoints{
    "read_all_checkpoints",
    "select c.projection, c.partition, c.\"offset\" from teamflow.projection_checkpoints as c "
    "join teamflow.projections as p on p.name = c.projection and p.build = c.build"
};

}  // namespace

/// What a read under way needs; it may outlast the listener.
struct progress_listener::shared {
    infra::asio::any_io_executor executor;
    std::string url;
    read_position* positions;
};

progress_listener::progress_listener(
    infra::asio::any_io_executor executor, const std::string& url, read_position& positions
)
    : shared_(std::make_shared<shared>(executor, url, &positions)),
      listener_(
          executor,
          url,
          {std::string(progress_channel)},
          {.notified =
               [&positions](std::string_view, std::string_view payload) {
                   if (!positions.notice(payload)) {
                       spdlog::warn("a notice of progress does not read: {}", payload);
                   }
               },
           .listening =
               [weak = std::weak_ptr(shared_)] {
                   if (const auto state = weak.lock()) {
                       state->positions->forget();
                       infra::asio::co_spawn(
                           state->executor, read_checkpoints(weak), infra::asio::detached
                       );
                   }
               }}
      ) {}

/// Tries again until it succeeds or nobody listens any more.
infra::task<> progress_listener::read_checkpoints(std::weak_ptr<shared> listening) {
    while (auto state = listening.lock()) {
        infra::asio::steady_timer pause(state->executor, retry_interval);
        const auto executor = state->executor;
        const auto url = state->url;
        state.reset();
        std::optional<postgres::result> rows;
        try {
            const auto database = co_await postgres::connection::open(executor, url);
            rows = co_await database->query(read_all_checkpoints);
            database->close();
        } catch (const infra::postgres_error& error) {
            spdlog::warn("the checkpoints could not be read: {}", error.what());
        }
        if (rows) {
            take(listening.lock(), *rows);
            co_return;
        }
        co_await pause.async_wait(infra::asio::use_awaitable);
    }
}

void progress_listener::take(const std::shared_ptr<shared>& state, const postgres::result& rows) {
    for (std::size_t i = 0; state != nullptr && i < rows.rows(); ++i) {
        const events::position reached{
            rows.get<events::partition_id>(i, 1), rows.get<events::offset>(i, 2)
        };
        state->positions->advance(rows.get<std::string_view>(i, 0), {&reached, 1});
    }
}

}  // namespace teamflow::projections
