#include "tests/sim/fault_rates.hpp"

#include <array>

#include <fmt/format.h>

namespace teamflow::sim {

namespace {

std::size_t up_to(tests::dice& chance, std::size_t max) {
    return chance.one_in(3) ? 0 : 1 + chance.roll(max);
}

milliseconds interval(tests::dice& chance, std::size_t shortest, std::size_t longest) {
    return milliseconds(chance.one_in(3) ? 0 : shortest + chance.roll(longest - shortest));
}

}  // namespace

fault_rates fault_rates::draw(tests::dice& chance) {
    constexpr std::array manners{
        log_manner::careless, log_manner::careless, log_manner::idempotent, log_manner::checking
    };
    fault_rates rates;
    rates.manner = manners[chance.roll(manners.size())];
    rates.loss = up_to(chance, 30);
    rates.replay = up_to(chance, 50);
    rates.fault = up_to(chance, 10);
    rates.damage = 80 + chance.roll(21);
    rates.no_offset = up_to(chance, 20);
    rates.split = up_to(chance, 60);
    rates.delay_max = milliseconds(1 + chance.roll(chance.one_in(4) ? 200 : 20));
    rates.late_max = milliseconds(50 + chance.roll(4000));
    rates.node_crash = interval(chance, 800, 8000);
    rates.node_freeze = interval(chance, 800, 8000);
    rates.node_cut = interval(chance, 800, 8000);
    rates.log_crash = interval(chance, 800, 8000);
    rates.foreign_write = interval(chance, 200, 4000);
    rates.membership = milliseconds(300 + chance.roll(5000));
    rates.archive_interval = milliseconds(5 + chance.roll(chance.one_in(4) ? 800 : 80));
    rates.archive_stop = interval(chance, 1000, 8000);
    rates.message_timeout = milliseconds(300 + chance.roll(3000));
    rates.node_stop = interval(chance, 800, 8000);
    rates.followers = up_to(chance, 3);
    rates.slowness = up_to(chance, 40);
    rates.follower_break = interval(chance, 500, 5000);
    if (rates.manner == log_manner::checking) {
        // A connection and a transaction: nothing is repeated, torn or reported by halves.
        rates.replay = 0;
        rates.split = 0;
        rates.no_offset = 0;
    }
    return rates;
}

std::string to_string(const fault_rates& rates) {
    constexpr std::array names{"careless", "idempotent", "checking"};
    return fmt::format(
        "{} loss {}% replay {}% fault {}% damage {}% no-offset {}% split {}% delay {} late {} "
        "crash {} freeze {} cut {} log-crash {} foreign {} membership {} archive {} "
        "archive-stop {} message-timeout {} stop {} followers {} slowness {}% break {}",
        names.at(static_cast<std::size_t>(rates.manner)),
        rates.loss,
        rates.replay,
        rates.fault,
        rates.damage,
        rates.no_offset,
        rates.split,
        rates.delay_max.count(),
        rates.late_max.count(),
        rates.node_crash.count(),
        rates.node_freeze.count(),
        rates.node_cut.count(),
        rates.log_crash.count(),
        rates.foreign_write.count(),
        rates.membership.count(),
        rates.archive_interval.count(),
        rates.archive_stop.count(),
        rates.message_timeout.count(),
        rates.node_stop.count(),
        rates.followers,
        rates.slowness,
        rates.follower_break.count()
    );
}

}  // namespace teamflow::sim
