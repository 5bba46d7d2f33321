#include "projections/rebuild/bulk_fold.hpp"

#include <utility>

#include "projections/rebuild/step_on_session.hpp"

namespace teamflow::projections {

namespace postgres = infra::postgres;

namespace {

archived_scope scope_of(const projection& what, const bulk_options& how) {
    archived_scope scope{.types = {}, .organization = how.organization, .wants = how.wants};
    for (const auto& each : what.handlers) {
        scope.types.emplace_back(each.type);
    }
    return scope;
}

build_state state_of(bulk_start& from) {
    return {
        .build = from.build,
        .checkpoints = {from.from},
        .parked_keys = std::move(from.parked_keys),
        .parked_commits = 0,
        .schema = std::move(from.schema),
        .set_aside = std::move(from.set_aside),
        .skipped = std::move(from.skipped)
    };
}

step_limits limits_of(const bulk_options& how) {
    return {
        .max_batch_events = how.max_events,
        .rows = {.max_rows = how.max_rows, .key_bytes = how.key_bytes}
    };
}

}  // namespace

bulk_fold::bulk_fold(
    postgres::session& database,
    const projection& what,
    bulk_start from,
    const bulk_options& how,
    noted note
)
    : database_(database),
      partition_(from.from.partition),
      build_(from.build),
      how_(how),
      note_(std::move(note)),
      source_(database, partition_, from.from.at, scope_of(what, how)),
      step_(what, state_of(from), limits_of(how)),
      at_(from.from.at) {
    if (!from.is_empty) {
        step_.rows().distrust();
    }
}

bool bulk_fold::next(const events::checkpoint& goal) {
    auto piece = source_.next(goal, how_.max_events);
    if (!piece) {
        return false;
    }
    for (const auto& each : piece->events) {
        bytes_kept_ += each->data.size();
    }
    step_.add_valid({partition_, piece->until}, piece->events);
    piece->events.clear();
    while (step_.has_work()) {
        write_batch();
    }
    if (bytes_kept_ > how_.max_row_bytes) {
        step_.rows().forget();
        bytes_kept_ = 0;
    }
    return true;
}

void bulk_fold::write_batch() {
    std::optional<std::string> refusal;
    try {
        prepare_batch(database_, step_);
        write();
    } catch (const infra::postgres_error& error) {
        if (!error.is_about_data()) {
            throw;
        }
        refusal = error.what();
    }
    if (refusal) {
        step_.refused(*refusal);
        return;
    }
    if (const auto parking = step_.parking_now(); first_refusal_.empty() && !parking.empty()) {
        first_refusal_ = parking.front().second;
    }
    at_ = step_.next_checkpoints().at(partition_);
    parked_ += static_cast<std::int64_t>(step_.flushed().parked);
}

void bulk_fold::write() {
    const auto until = step_.next_checkpoints().at(partition_);
    postgres::transaction whole(database_);
    note_(database_, until, until.at - at_.at);
    write_rows(database_, step_);
    if (const auto parked = step_.parking(); parked && build_ != 0) {
        database_.query(std::string(parked->what.sql), parked->with);
    }
    whole.commit();
}

}  // namespace teamflow::projections
