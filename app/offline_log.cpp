#include "app/offline_log.hpp"

#include <future>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "infra/failpoint.hpp"
#include "infra/kafka/cloud_events.hpp"
#include "infra/log/record_rows.hpp"

namespace teamflow::app {

namespace {

constexpr std::int32_t records_at_once = 2000;
constexpr std::size_t bytes_at_once = std::size_t{8} << 20U;

}  // namespace

recorded_log read_recorded_log(infra::postgres::session& database) {
    const auto row = database.query("select log_id, backend, partitions from teamflow.log_info");
    if (row.empty()) {
        throw std::runtime_error("this database holds no log: there is nothing to work on");
    }
    return {
        .id = row.get<events::uuid>(0, 0),
        .backend =
            row.get<std::string>(0, 1) == "kafka" ? log_backend::kafka : log_backend::postgres,
        .partitions = row.get<std::int32_t>(0, 2)
    };
}

std::string name_of(log_backend backend) {
    return backend == log_backend::kafka ? "kafka" : "postgres";
}

/// All of them tell their names to PostgreSQL.
void refuse_running_programs(infra::postgres::session& database) {
    const auto others = database.query(
        "select count(*), string_agg(distinct application_name, ', ') from pg_stat_activity"
        " where datname = current_database() and application_name like 'teamflow%'"
        " and pid <> pg_backend_pid()"
    );
    if (others.get<std::int64_t>(0, 0) > 0) {
        throw std::runtime_error(fmt::format(
            "programs work on this database ({}): stop all of them first",
            others.get<std::string>(0, 1)
        ));
    }
}

archive_sender::archive_sender(
    infra::postgres::session& database,
    const infra::kafka::settings& how,
    const recorded_log& log,
    std::string advice
)
    : database_(database),
      limit_(how.message_timeout),
      advice_(std::move(advice)),
      to_(infra::kafka::producer::start(
          how, log.partitions, "/teamflow/" + events::to_string(log.id), {}
      )) {}

archive_sender::~archive_sender() {
    to_->begin_stop(limit_);
    to_->await_stop();
}

void archive_sender::send(
    events::partition_id partition, events::offset after, events::offset end
) {
    static const std::string sql = fmt::format(
        R"(select {} from teamflow.log_records where partition = $1 and "offset" > $2)"
        R"( and "offset" <= $3 order by "offset" limit {})",
        infra::record_columns,
        records_at_once
    );
    events::offset sent = after;
    while (sent < end) {
        const auto rows = database_.query(
            sql, {std::to_string(partition), std::to_string(sent), std::to_string(end)}
        );
        std::vector<std::shared_ptr<events::record>> batch;
        std::size_t bytes = 0;
        for (std::size_t row = 0; row < rows.rows() && bytes < bytes_at_once; ++row) {
            const auto due = sent + 1 + static_cast<events::offset>(row);
            batch.push_back(std::make_shared<events::record>(*infra::read_record(rows, row)));
            if (batch.back()->at != due) {
                throw events::log_gap(partition, due, batch.back()->at);
            }
            bytes += infra::kafka::message_bytes(*batch.back());
        }
        if (batch.empty()) {
            throw events::log_gap(partition, sent + 1, -1);
        }
        sent = batch.back()->at;
        send_batch(partition, std::move(batch));
        infra::failpoint("archive_sender.after_batch");
    }
}

void archive_sender::send_batch(
    events::partition_id partition, std::vector<std::shared_ptr<events::record>> batch
) {
    const auto last = batch.back()->at;
    const auto told = std::make_shared<std::promise<infra::append_outcome>>();
    to_->send(partition, std::move(batch), [told](infra::append_outcome outcome) {
        told->set_value(outcome);
    });
    const auto outcome = told->get_future().get();
    if (outcome.status != infra::append_status::durable) {
        throw std::runtime_error(fmt::format(
            "kafka did not take partition {} up to offset {}. {}", partition, last, advice_
        ));
    }
    // A success that names no offset is read back by whoever called.
    if (outcome.last.value_or(last) != last) {
        throw std::runtime_error(fmt::format(
            "kafka put record {} of partition {} at offset {}: something else writes to the topic. "
            "{}",
            last,
            partition,
            *outcome.last,
            advice_
        ));
    }
}

}  // namespace teamflow::app
