#include "infra/app/open_log.hpp"

#include "infra/log/postgres_log.hpp"

namespace teamflow::infra {

task<std::shared_ptr<event_log>> open_log(
    asio::any_io_executor executor, const app_settings& settings
) {
    postgres_log::settings how;
    how.url = settings.postgres_url;
    co_return co_await postgres_log::open(std::move(executor), std::move(how));
}

}  // namespace teamflow::infra
