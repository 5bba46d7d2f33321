#include "tests/sim/simulation.hpp"

#include <algorithm>

#include "projections/all.hpp"
#include "tests/sim/followers.hpp"

namespace teamflow::sim {

namespace {

using namespace std::chrono_literals;

/// How long the healed core may take to answer everything.
constexpr duration healing_limit = 300s;
/// How long nodes may take to be rid of followers who are gone.
constexpr duration leaving_limit = 30s;
constexpr std::size_t steps_max = 20'000'000;

class simulation {
public:
    explicit simulation(const run_options& how);
    void run();
    void fill(run_result& result) const;

private:
    void found_offices();
    void step();
    void poll_nodes();
    void every(milliseconds mean, std::function<void()> fault);
    void start_faults();
    void run_archive();
    node* pick();
    void crash_one();
    void stop_one();
    void leave_membership(std::size_t slot);
    void restart_later(std::size_t slot);
    void end_stopped(std::size_t slot);
    void freeze_one();
    void cut_one();
    void move_membership();
    void heal();
    void assign_truly();
    [[nodiscard]] bool is_at_rest() const;
    [[nodiscard]] std::string unrest() const;
    void start_node(std::size_t slot);
    void draw_read_models();
    void judge_read_models() const;
    void settle(std::size_t& steps);
    void let_followers_leave();
    [[nodiscard]] std::string leftovers() const;

    run_options how_;
    world world_;
    broker log_;
    archive_store archive_;
    std::vector<std::unique_ptr<read_store>> read_models_;
    history history_;
    std::vector<office> offices_;
    std::vector<std::unique_ptr<node>> nodes_;
    std::vector<std::uint64_t> lives_;
    std::vector<std::size_t> owners_;
    clients clients_;
    followers followers_;
    judge judge_;
    instant archive_stopped_until_{};
    std::size_t crashes_ = 0;
    std::size_t freezes_ = 0;
    std::size_t stops_ = 0;
};

std::int32_t draw_partitions(world& around) {
    return around.chance.one_in(3) ? 2 : 1;
}

simulation::simulation(const run_options& how)
    : how_(how),
      world_(how.seed, how.print),
      log_(world_, draw_partitions(world_)),
      archive_(world_, log_),
      clients_(world_, history_, offices_, [this] { return pick(); }),
      followers_(world_, log_, offices_, [this] { return pick(); }),
      judge_(history_) {
    found_offices();
    archive_.advance(world_.chance.roll(2) * 1000);
    draw_read_models();
    nodes_.resize(2 + world_.chance.roll(2));
    lives_.resize(nodes_.size());
    for (std::size_t slot = 0; slot < nodes_.size(); ++slot) {
        start_node(slot);
    }
    for (events::partition_id partition = 0; partition < log_.partitions(); ++partition) {
        nodes_.front()->assign(partition);
    }
}

/// One organization or two in each partition.
void simulation::found_offices() {
    const std::size_t neighbours = world_.chance.one_in(3) ? 2 : 1;
    for (events::partition_id partition = 0; partition < log_.partitions(); ++partition) {
        tests::partition_history founding(partition);
        for (std::size_t number = 0; number < neighbours; ++number) {
            offices_.emplace_back(founding, partition, log_.partitions(), number);
        }
        log_.found(partition, founding.records());
    }
}

/// Two of the product's projections; a run with all of them would see little more.
void simulation::draw_read_models() {
    const auto all = projections::all();
    const auto first = world_.chance.roll(all.size());
    const auto second = (first + 1 + world_.chance.roll(all.size() - 1)) % all.size();
    for (const auto which : {first, second}) {
        read_models_.push_back(std::make_unique<read_store>(all[which], log_.partitions()));
    }
}

void simulation::judge_read_models() const {
    for (const auto& store : read_models_) {
        read_store whole(store->what(), log_.partitions());
        for (events::partition_id partition = 0; partition < log_.partitions(); ++partition) {
            projecting::fold(whole, log_.visible(partition));
        }
        const auto difference = store->difference(whole);
        if (!difference.empty()) {
            throw violation("the read model is not the fold: " + difference);
        }
    }
}

void simulation::start_node(std::size_t slot) {
    ++lives_[slot];
    nodes_[slot] =
        std::make_unique<node>(node::surroundings{world_, log_, archive_, read_models_}, slot);
}

node* simulation::pick() {
    const auto& picked = nodes_[world_.chance.roll(nodes_.size())];
    return picked && !picked->is_stopping() ? picked.get() : nullptr;
}

void simulation::every(milliseconds mean, std::function<void()> fault) {
    if (mean <= 0ms) {
        return;
    }
    world_.after(world_.random_interval(mean), [this, mean, fault = std::move(fault)] {
        if (!world_.is_calm()) {
            fault();
            every(mean, fault);
        }
    });
}

void simulation::start_faults() {
    const auto& rates = world_.rates;
    every(rates.node_crash, [this] { crash_one(); });
    every(rates.node_stop, [this] { stop_one(); });
    every(rates.follower_break, [this] { followers_.break_one(); });
    every(rates.node_freeze, [this] { freeze_one(); });
    every(rates.node_cut, [this] { cut_one(); });
    every(rates.membership, [this] { move_membership(); });
    const auto any_partition = [this] {
        return static_cast<events::partition_id>(
            world_.chance.roll(static_cast<std::size_t>(log_.partitions()))
        );
    };
    every(rates.log_crash, [this, any_partition] { log_.crash(any_partition()); });
    every(rates.foreign_write, [this, any_partition] { log_.write_foreign(any_partition()); });
    every(rates.archive_stop, [this] {
        archive_stopped_until_ = world_.now() + world_.random_duration(5s);
    });
}

void simulation::run_archive() {
    if (world_.is_calm() || world_.now() >= archive_stopped_until_) {
        archive_.advance(1 + world_.chance.roll(200));
    }
    world_.after(world_.random_interval(world_.rates.archive_interval), [this] { run_archive(); });
}

void simulation::crash_one() {
    const auto slot = world_.chance.roll(nodes_.size());
    if (!nodes_[slot]) {
        return;
    }
    ++crashes_;
    world_.note("node {} crashes", slot);
    nodes_[slot].reset();
    restart_later(slot);
}

void simulation::restart_later(std::size_t slot) {
    world_.after(20ms + world_.random_duration(3s), [this, slot] {
        if (!nodes_[slot]) {
            start_node(slot);
        }
    });
}

void simulation::stop_one() {
    const auto slot = world_.chance.roll(nodes_.size());
    if (!nodes_[slot] || nodes_[slot]->is_stopping()) {
        return;
    }
    ++stops_;
    const auto life = lives_[slot];
    const auto later = [this, slot, life](void (simulation::*what)(std::size_t)) {
        world_.after(0us, [this, slot, life, what] {
            if (nodes_[slot] && lives_[slot] == life) {
                (this->*what)(slot);
            }
        });
    };
    nodes_[slot]->stop(
        milliseconds(10 + world_.chance.roll(1500)),
        {.left = [later] { later(&simulation::leave_membership); },
         .ended = [later] { later(&simulation::end_stopped); }}
    );
}

/// The group tells another member at once, mostly.
void simulation::leave_membership(std::size_t slot) {
    world_.note("node {} leaves", slot);
    for (events::partition_id partition = 0; partition < log_.partitions(); ++partition) {
        const auto to = world_.chance.roll(nodes_.size());
        if (to != slot && nodes_[to]) {
            nodes_[to]->assign(partition);
        }
    }
}

void simulation::end_stopped(std::size_t slot) {
    world_.note("node {} has stopped", slot);
    nodes_[slot].reset();
    restart_later(slot);
}

void simulation::freeze_one() {
    const auto slot = world_.chance.roll(nodes_.size());
    if (!nodes_[slot] || nodes_[slot]->is_frozen()) {
        return;
    }
    ++freezes_;
    nodes_[slot]->freeze();
    world_.after(world_.random_duration(6s), [this, slot, life = lives_[slot]] {
        if (nodes_[slot] && lives_[slot] == life && nodes_[slot]->is_frozen()) {
            nodes_[slot]->thaw();
        }
    });
}

void simulation::cut_one() {
    const auto slot = world_.chance.roll(nodes_.size());
    if (!nodes_[slot]) {
        return;
    }
    world_.note("node {} is cut off", slot);
    nodes_[slot]->set_reachable(false);
    world_.after(world_.random_duration(4s), [this, slot, life = lives_[slot]] {
        if (nodes_[slot] && lives_[slot] == life) {
            nodes_[slot]->set_reachable(true);
        }
    });
}

/// The group moves a partition; now and then it tells two owners, or none.
void simulation::move_membership() {
    const auto partition = static_cast<events::partition_id>(
        world_.chance.roll(static_cast<std::size_t>(log_.partitions()))
    );
    const auto to = world_.chance.roll(nodes_.size());
    const bool lies = world_.chance.one_in(3);
    for (std::size_t slot = 0; slot < nodes_.size(); ++slot) {
        if (nodes_[slot] && slot == to && !world_.chance.one_in(8)) {
            nodes_[slot]->assign(partition);
        } else if (nodes_[slot] && !lies) {
            nodes_[slot]->release(partition);
        }
    }
}

/// No more faults; a part of the nodes may stay down for good.
void simulation::heal() {
    world_.note("healed");
    world_.calm_down();
    const auto core = world_.chance.roll(nodes_.size());
    for (std::size_t slot = 0; slot < nodes_.size(); ++slot) {
        if (!nodes_[slot] && (slot == core || world_.chance.one_in(2))) {
            start_node(slot);
        }
        if (nodes_[slot]) {
            nodes_[slot]->set_reachable(true);
            if (nodes_[slot]->is_frozen()) {
                nodes_[slot]->thaw();
            }
        }
    }
    owners_.assign(static_cast<std::size_t>(log_.partitions()), core);
    assign_truly();
}

void simulation::assign_truly() {
    for (events::partition_id partition = 0; partition < log_.partitions(); ++partition) {
        for (std::size_t slot = 0; slot < nodes_.size(); ++slot) {
            if (nodes_[slot] && slot == owners_[static_cast<std::size_t>(partition)]) {
                nodes_[slot]->assign(partition);
            } else if (nodes_[slot]) {
                nodes_[slot]->release(partition);
            }
        }
    }
    world_.after(1s, [this] { assign_truly(); });
}

bool simulation::is_at_rest() const {
    return unrest().empty();
}

std::string simulation::unrest() const {
    if (clients_.open() > 0) {
        return "commands without an answer:" + clients_.open_list();
    }
    for (events::partition_id partition = 0; partition < log_.partitions(); ++partition) {
        const auto end = log_.durable_end(partition);
        if (!log_.is_settled() || archive_.checkpoint(partition).at != end) {
            return fmt::format("the archive of partition {} is behind", partition);
        }
        for (const auto& store : read_models_) {
            const auto state = store->state();
            if (state.checkpoints.at(static_cast<std::size_t>(partition)).at.at != end) {
                return fmt::format("{} is behind in partition {}", store->what().name, partition);
            }
        }
        for (const auto& each : nodes_) {
            if (each && each->is_stopping()) {
                return fmt::format("node {} is stopping", each->number());
            }
            if (each && each->counters(partition).followed != end) {
                return fmt::format("node {} is behind in partition {}", each->number(), partition);
            }
        }
    }
    return followers_.behind([this](events::organization_id of) { return archive_.events_of(of); });
}

void simulation::poll_nodes() {
    bool any = true;
    while (any) {
        any = false;
        for (const auto& each : nodes_) {
            any = (each && each->run()) || any;
        }
    }
}

void simulation::step() {
    std::optional<instant> next = world_.next();
    for (const auto& each : nodes_) {
        if (const auto at = each ? each->next() : std::nullopt; at && (!next || *at < *next)) {
            next = at;
        }
    }
    if (!next) {
        throw violation("nothing is left to happen");
    }
    world_.run_until(*next);
    poll_nodes();
}

void simulation::run() {
    start_faults();
    run_archive();
    clients_.start(how_.commands);
    followers_.start(world_.rates.followers);
    // Faults go on for some time after the last command was begun.
    const auto enough = world_.now() + how_.commands * 60ms + world_.random_duration(3s);
    std::size_t steps = 0;
    while (world_.now() < enough && ++steps < steps_max) {
        step();
    }
    heal();
    settle(steps);
    // Before anything more happens: a command that its client gave up may still arrive.
    for (events::partition_id partition = 0; partition < log_.partitions(); ++partition) {
        judge_.fold(partition, log_.visible(partition));
    }
    judge_.judge_answers();
    judge_read_models();
    followers_.judge_heard(judge_);
    let_followers_leave();
}

void simulation::settle(std::size_t& steps) {
    const auto limit = world_.now() + healing_limit;
    while (world_.now() < limit && ++steps < steps_max) {
        // Asked now and then only: it looks at everything.
        const auto until = world_.now() + 100ms;
        while (world_.now() < until) {
            step();
        }
        if (is_at_rest()) {
            break;
        }
    }
    if (!is_at_rest()) {
        throw violation("after the faults: " + unrest());
    }
}

/// Whoever is gone leaves nothing in memory.
void simulation::let_followers_leave() {
    followers_.leave();
    const auto limit = world_.now() + leaving_limit;
    while (!leftovers().empty() && world_.now() < limit) {
        step();
    }
    if (!leftovers().empty()) {
        throw violation("nobody follows any more, and there is left: " + leftovers());
    }
}

std::string simulation::leftovers() const {
    for (const auto& each : nodes_) {
        if (const auto left = each ? each->feeds().leftovers() : std::string(); !left.empty()) {
            return fmt::format("at node {}: {}", each->number(), left);
        }
    }
    return {};
}

void simulation::fill(run_result& result) const {
    result.hash = world_.hash();
    result.faults = to_string(world_.rates);
    result.attempts = history_.attempts().size();
    result.commits = judge_.commits();
    result.ghosts = judge_.ghosts();
    for (const auto& store : read_models_) {
        result.rows += store->rows();
    }
    result.crashes = crashes_;
    result.freezes = freezes_;
    result.stops = stops_;
    result.heard = followers_.heard();
    result.resumptions = followers_.resumptions();
    result.simulated = std::chrono::duration_cast<std::chrono::milliseconds>(
        world_.now().time_since_epoch() - 24h
    );
}

}  // namespace

run_result run_simulation(const run_options& how) {
    run_result result;
    simulation run(how);
    try {
        run.run();
    } catch (const std::exception& found) {
        result.found = found.what();
    }
    run.fill(result);
    return result;
}

}  // namespace teamflow::sim
