#include <filesystem>
#include <functional>
#include <iostream>

#include <fmt/format.h>

#include "app/commands.hpp"
#include "app/database_place.hpp"
#include "app/open_log.hpp"
#include "infra/kafka/topic.hpp"
#include "infra/postgres/session.hpp"

namespace teamflow::app {

namespace {

/// Tells of each dependency in a line, and counts those at fault.
class examination {
public:
    /// `look` returns what there is to say, or throws what is wrong.
    void examine(std::string_view what, const std::function<std::string()>& look) {
        try {
            tell(what, "ok", look());
        } catch (const std::exception& failure) {
            tell(what, "FAIL", failure.what());
            ++failures_;
        }
    }

    /// It works, but not as well as it should.
    static void warn(std::string_view what, std::string_view detail) { tell(what, "warn", detail); }

    [[nodiscard]] int failures() const { return failures_; }

private:
    static void tell(std::string_view what, std::string_view verdict, std::string_view detail) {
        std::cout << fmt::format("{:<4} {:<12} {}\n", verdict, what, detail);
    }

    int failures_ = 0;
};

std::string look_at_data(const app_settings& settings) {
    if (!std::filesystem::exists(settings.data)) {
        return settings.data.string() + " is not there yet; `teamflow dev` makes it";
    }
    const auto probe = settings.data / ".doctor";
    if (!std::filesystem::create_directory(probe)) {
        throw std::runtime_error(settings.data.string() + " cannot be written");
    }
    std::filesystem::remove(probe);
    constexpr std::uintmax_t mebibyte = std::uintmax_t{1} << 20U;
    const auto free = std::filesystem::space(settings.data).available / mebibyte;
    return fmt::format("{} is writable, {} MiB free", settings.data.string(), free);
}

std::string look_at_database(const std::string& url) {
    infra::postgres::session database(url);
    const auto version = database.query("show server_version").get<std::string>(0, 0);
    return "version " + version;
}

std::string look_at_log(const std::string& url) {
    infra::postgres::session database(url);
    const auto info = database.query(
        "select backend || ' log, ' || partitions || ' partitions' from teamflow.log_info"
    );
    if (info.empty()) {
        throw std::runtime_error("no log yet: run `teamflow migrate`");
    }
    return info.get<std::string>(0, 0);
}

std::string look_at_projections(const std::string& url) {
    infra::postgres::session database(url);
    const auto bad = database.query(
        "select string_agg(name || ' is ' || status, ', ' order by name)"
        " from teamflow.projections where status = 'failed' having count(*) > 0"
    );
    if (!bad.empty()) {
        throw std::runtime_error(bad.get<std::string>(0, 0));
    }
    const auto parked = database.query("select count(*) from teamflow.parked_events");
    return fmt::format("{} events parked", parked.get<std::int64_t>(0, 0));
}

/// Gateways see to it when they start, and every ten minutes.
std::string look_at_erasures(const std::string& url) {
    infra::postgres::session database(url);
    const auto counts = database.query(
        "select count(*), count(*) filter (where k.wrapped is not null) from teamflow.log_records r"
        " left join identity_private.person_keys k on k.person = (r.data ->> 'user_id')::uuid"
        " where r.kind = 1 and r.type = 'identity.user_erased'"
    );
    const auto left = counts.get<std::int64_t>(0, 1);
    if (left != 0) {
        throw std::runtime_error(fmt::format(
            "{} persons were erased whose keys are there: start a gateway, which destroys them",
            left
        ));
    }
    return fmt::format("{} persons erased", counts.get<std::int64_t>(0, 0));
}

std::string look_at_kafka(const app_settings& settings) {
    const auto how = kafka_settings(settings);
    const auto topic = infra::kafka::describe_topic(how);
    infra::kafka::check_topic(how, topic, topic.partitions);
    for (const auto& risk : infra::kafka::topic_risks(topic)) {
        examination::warn("kafka", risk);
    }
    return fmt::format(
        "topic {} with {} partitions and {} replicas", how.topic, topic.partitions, topic.replicas
    );
}

}  // namespace

int run_doctor(const app_settings& settings) {
    examination all;
    all.examine("data", [&] { return look_at_data(settings); });
    std::string url;
    all.examine("postgresql", [&] {
        url = database_of(settings);
        return look_at_database(url);
    });
    if (!url.empty()) {
        all.examine("log", [&] { return look_at_log(url); });
        all.examine("projections", [&] { return look_at_projections(url); });
        all.examine("erasures", [&] { return look_at_erasures(url); });
    }
    if (!settings.brokers.empty()) {
        all.examine("kafka", [&] { return look_at_kafka(settings); });
    }
    return all.failures() == 0 ? 0 : 1;
}

}  // namespace teamflow::app
