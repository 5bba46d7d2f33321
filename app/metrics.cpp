#include "app/metrics.hpp"

#include <array>
#include <filesystem>
#include <fstream>

#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app/metric_family.hpp"

namespace teamflow::app {

namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

/// Method and status in one number, for the table of latencies.
constexpr std::uint32_t kind_of(gateway::method verb, unsigned status) {
    return (static_cast<std::uint32_t>(verb) << 16U) | status;
}

double resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    double pages = 0;
    statm >> pages >> pages;
    return pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double cpu_seconds() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * microsecond;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

double open_files() {
    std::error_code unreadable;
    const std::filesystem::directory_iterator files("/proc/self/fd", unreadable);
    return static_cast<double>(std::distance(begin(files), end(files)));
}

MetricFamily one(std::string name, std::string help, MetricType type, double value) {
    metric_family made(std::move(name), std::move(help), type);
    made.add(value);
    return made.take();
}

double epoch_seconds() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration<double>(since).count();
}

}  // namespace

metrics::metrics() : started_(epoch_seconds()) {}

metrics::~metrics() = default;

void metrics::read_from(metric_sources sources) {
    sources_ = std::move(sources);
}

void metrics::request_finished(const gateway::finished_request& what) {
    requests_.observe(
        what.route.empty() ? "none" : what.route, kind_of(what.verb, what.status), what.elapsed
    );
    bytes_in_.fetch_add(what.bytes_in, std::memory_order_relaxed);
    bytes_out_.fetch_add(what.bytes_out, std::memory_order_relaxed);
}

void metrics::request_refused(unsigned status) {
    refused_.observe("refused", status, {});
}

void metrics::add_requests(std::vector<MetricFamily>& out) const {
    metric_family requests(
        "teamflow_http_request_seconds",
        "From the first byte of a request to the last of its answer",
        MetricType::Histogram
    );
    requests_.for_each([&](const infra::latency_table::entry& each) {
        const auto verb = static_cast<gateway::method>(each.kind >> 16U);
        requests.add(
            each.latencies,
            microsecond,
            {{"route", each.name},
             {"method", std::string(to_string(verb))},
             {"status", std::to_string(each.kind & 0xffffU)}}
        );
    });
    metric_family refused(
        "teamflow_http_refused_total",
        "Requests refused before they had a method and a path",
        MetricType::Counter
    );
    refused_.for_each([&](const infra::latency_table::entry& each) {
        histogram_sum<infra::latency_histogram> counted;
        counted.add(each.latencies);
        refused.add(
            static_cast<double>(counted.reading(1).sample_count),
            {{"status", std::to_string(each.kind)}}
        );
    });
    metric_family bytes("teamflow_http_bytes_total", "Bytes on the wire", MetricType::Counter);
    bytes.add(static_cast<double>(bytes_in_.load()), {{"direction", "in"}});
    bytes.add(static_cast<double>(bytes_out_.load()), {{"direction", "out"}});
    for (auto* made : {&requests, &refused, &bytes}) {
        out.push_back(made->take());
    }
}

std::vector<MetricFamily> metrics::collect() const {
    std::vector<MetricFamily> families;
    add_requests(families);
    add_components(sources_, families);
    constexpr auto gauge = MetricType::Gauge;
    constexpr auto counter = MetricType::Counter;
    const auto connections = static_cast<double>(connections_.load());
    const auto websockets = static_cast<double>(websockets_.load());
    families.push_back(one("teamflow_http_connections", "Open connections", gauge, connections));
    families.push_back(one("teamflow_websockets", "Open WebSockets", gauge, websockets));
    families.push_back(
        one("process_resident_memory_bytes", "Resident memory", gauge, resident_bytes())
    );
    families.push_back(
        one("process_cpu_seconds_total", "Time on processors", counter, cpu_seconds())
    );
    families.push_back(one("process_open_fds", "Open file descriptors", gauge, open_files()));
    families.push_back(
        one("process_start_time_seconds", "Start, since 1970 in UTC", gauge, started_)
    );
    metric_family build("teamflow_build_info", "1, labelled with the version", gauge);
    build.add(1, {{"version", TEAMFLOW_VERSION}});
    families.push_back(build.take());
    return families;
}

std::string metrics::text() const {
    return prometheus::TextSerializer().Serialize(collect());
}

}  // namespace teamflow::app
