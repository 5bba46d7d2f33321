#include "tests/sim/node.hpp"

#include <boost/asio/post.hpp>

#include "infra/steady_timer.hpp"

namespace teamflow::sim {

namespace {

using namespace std::chrono_literals;

/// What a stopping server waits for the answers of its last requests.
constexpr duration drain_limit = 20s;

constexpr events::timestamp day_one{std::chrono::milliseconds(1'795'000'000'000)};

}  // namespace

events::timestamp node::local_clock::now() const {
    const auto since = time_.now().time_since_epoch();
    return day_one + skew_ + std::chrono::floor<std::chrono::milliseconds>(since);
}

node::node(surroundings where, std::size_t number)
    : world_(where.around),
      number_(number),
      time_(world_.now()),
      clock_(time_, milliseconds(world_.chance.one_in(3) ? world_.chance.roll(7'200'000) : 0)),
      random_(world_.chance.number()),
      log_(std::make_shared<log_client>(world_, where.log, where.archive, context_.get_executor())),
      archive_(world_, where.archive, context_.get_executor()) {
    const infra::virtual_time::scope under(time_);
    log_->start();
    for (events::partition_id partition = 0; partition < log_->partitions(); ++partition) {
        writers_.push_back(std::make_shared<commands::partition_writer>(
            context_.get_executor(),
            partition,
            commands::partition_writer::parts{
                .log = *log_, .archive = archive_, .clock = clock_, .random = random_
            },
            fmt::format("http://node-{}", number),
            draw_limits()
        ));
        writers_.back()->start();
    }
    for (const auto& store : where.read_models) {
        auto& projector = projectors_.emplace_back(
            std::make_shared<projecting>(world_, *log_, *store, context_.get_executor())
        );
        boost::asio::co_spawn(context_, projecting::run(projector), boost::asio::detached);
    }
    feeds_ = std::make_shared<feeding>(world_, *log_, archive_, clock_, context_.get_executor());
    feeds_->start();
    world_.note("node {} starts", number_);
}

node::~node() {
    end();
}

commands::partition_writer::limits node::draw_limits() {
    auto& chance = world_.chance;
    commands::partition_writer::limits limits;
    limits.owner_wait = milliseconds(500 + chance.roll(5000));
    limits.outcome_wait = milliseconds(1000 + chance.roll(9000));
    limits.unarchived_bytes_max = chance.one_in(4) ? 20'000 : limits.unarchived_bytes_max;
    limits.commands_max = chance.one_in(4) ? 4 : limits.commands_max;
    limits.keys_max = chance.one_in(2) ? 5 : limits.keys_max;
    limits.cache.streams = chance.one_in(2) ? 4 : limits.cache.streams;
    limits.cache.directories = chance.one_in(2) ? 1 : limits.cache.directories;
    limits.cache.events_without_snapshot =
        chance.one_in(2) ? 8 : limits.cache.events_without_snapshot;
    return limits;
}

std::optional<instant> node::next() const {
    return frozen_ ? std::nullopt : time_.next();
}

bool node::poll() {
    bool any = false;
    const infra::virtual_time::scope under(time_);
    context_.restart();
    while (context_.poll() > 0) {
        any = true;
        context_.restart();
    }
    return any;
}

bool node::run() {
    if (frozen_) {
        return false;
    }
    time_.advance(world_.now());
    const bool any = poll();
    for (const auto& failure : {life_->failure, feeds_->failure()}) {
        if (failure) {
            std::rethrow_exception(failure);
        }
    }
    return any;
}

void node::assign(events::partition_id partition) {
    boost::asio::post(context_, [writer = writers_.at(static_cast<std::size_t>(partition))] {
        writer->assign(true);
    });
}

void node::release(events::partition_id partition) {
    boost::asio::post(context_, [writer = writers_.at(static_cast<std::size_t>(partition))] {
        writer->assign(false);
    });
}

infra::task<> node::answer(
    std::shared_ptr<commands::partition_writer> writer,
    commands::command_request request,
    std::shared_ptr<tell> answer,
    std::shared_ptr<life> at
) {
    ++at->under_way;
    try {
        auto outcome = co_await writer->execute(std::move(request));
        if (!at->over) {
            (*answer)(std::move(outcome));
        }
    } catch (...) {
        at->failure = std::current_exception();
    }
    --at->under_way;
}

void node::execute(
    events::partition_id partition, commands::command_request request, tell answer_to
) {
    const auto& writer = writers_.at(static_cast<std::size_t>(partition));
    auto told = std::make_shared<tell>(std::move(answer_to));
    boost::asio::co_spawn(
        context_, answer(writer, std::move(request), std::move(told), life_), boost::asio::detached
    );
}

/// In the order of the program: requests end by themselves, those that wait for a log that does not
/// answer are told so when the writers stop, and only then others are let at the partitions.
void node::stop(milliseconds limit, on_stop told) {
    stopping_ = true;
    world_.note("node {} stops", number_);
    boost::asio::co_spawn(context_, wind_down(limit, std::move(told)), boost::asio::detached);
}

infra::task<> node::wind_down(milliseconds limit, on_stop told) {
    feeds_->drain();
    co_await drained(limit);
    const auto left = std::make_shared<std::size_t>(writers_.size());
    for (const auto& writer : writers_) {
        boost::asio::co_spawn(context_, stop_writer(writer, limit, left), boost::asio::detached);
    }
    infra::steady_timer pause(context_.get_executor());
    while (*left > 0) {
        pause.expires_after(5ms);
        co_await pause.async_wait(boost::asio::use_awaitable);
    }
    if (!life_->over) {
        told.left();
    }
    co_await drained(drain_limit);
    if (life_->over) {
        co_return;
    }
    if (life_->under_way > 0) {
        life_->failure = std::make_exception_ptr(violation(fmt::format(
            "node {} stopped in order and left {} commands without an answer",
            number_,
            life_->under_way
        )));
    }
    feeds_->stop();
    told.ended();
}

/// Until everything that was taken is answered.
infra::task<> node::drained(duration limit) {
    const auto deadline = infra::steady_clock::now() + limit;
    infra::steady_timer pause(context_.get_executor());
    while (life_->under_way > 0 && infra::steady_clock::now() < deadline) {
        pause.expires_after(5ms);
        co_await pause.async_wait(boost::asio::use_awaitable);
    }
}

infra::task<> node::stop_writer(
    std::shared_ptr<commands::partition_writer> writer,
    milliseconds limit,
    std::shared_ptr<std::size_t> left
) {
    co_await writer->stop(limit);
    --*left;
}

void node::freeze() {
    frozen_ = true;
    log_->freeze();
    world_.note("node {} freezes", number_);
}

void node::thaw() {
    frozen_ = false;
    world_.note("node {} wakes", number_);
    time_.advance(world_.now());
    log_->thaw();
}

/// As kill -9 for the rest of the world: the log and the archive hear nothing of it any more. In
/// here the clock runs ahead until every coroutine has given up, so that nothing leaks.
void node::end() {
    life_->over = true;
    log_->cut();
    archive_.cut();
    feeds_->cut();
    feeds_->stop();
    for (const auto& each : projectors_) {
        each->stop();
    }
    const infra::virtual_time::scope under(time_);
    const auto jump = [this] {
        time_.advance(time_.now() + 1h);
        poll();
    };
    constexpr int jumps_max = 200;
    for (int i = 0; i < 3; ++i) {
        jump();
    }
    for (const auto& writer : writers_) {
        boost::asio::co_spawn(context_, writer->stop(0ms), boost::asio::detached);
    }
    for (int i = 0; i < jumps_max && time_.next(); ++i) {
        jump();
    }
    poll();
    writers_.clear();
    projectors_.clear();
    feeds_.reset();
    log_.reset();
}

}  // namespace teamflow::sim
