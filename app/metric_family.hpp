#pragma once
// One family of metrics in the making, filled with a value for each thing that has one.

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>

#include "infra/histogram.hpp"

namespace teamflow::app {

using metric_labels = std::vector<prometheus::ClientMetric::Label>;

/// Sums of histograms of one kind, as Prometheus wants them.
template <class Histogram>
class histogram_sum {
public:
    void add(const Histogram& from) {
        for (std::size_t i = 0; i < Histogram::buckets; ++i) {
            counts_[i] += from.count(i);
        }
        sum_ += from.sum();
    }

    /// `unit` is what one of the histogram's units is in those of the metric.
    [[nodiscard]] prometheus::ClientMetric::Histogram reading(double unit) const {
        prometheus::ClientMetric::Histogram made;
        for (std::size_t i = 0; i < Histogram::buckets; ++i) {
            made.sample_count += counts_[i];
            const bool is_last = i + 1 == Histogram::buckets;
            const double bound = std::ldexp(unit, Histogram::first_power + static_cast<int>(i));
            made.bucket.push_back(
                {.cumulative_count = made.sample_count,
                 .upper_bound = is_last ? std::numeric_limits<double>::infinity() : bound}
            );
        }
        made.sample_sum = static_cast<double>(sum_) * unit;
        return made;
    }

private:
    std::array<std::uint64_t, Histogram::buckets> counts_{};
    std::uint64_t sum_ = 0;
};

class metric_family {
public:
    metric_family(std::string name, std::string help, prometheus::MetricType type) {
        made_.name = std::move(name);
        made_.help = std::move(help);
        made_.type = type;
    }

    void add(double value, metric_labels with = {}) {
        prometheus::ClientMetric metric;
        metric.label = std::move(with);
        const bool is_counter = made_.type == prometheus::MetricType::Counter;
        (is_counter ? metric.counter.value : metric.gauge.value) = value;
        made_.metric.push_back(std::move(metric));
    }

    template <class Histogram>
    void add(const histogram_sum<Histogram>& values, double unit, metric_labels with = {}) {
        prometheus::ClientMetric metric;
        metric.label = std::move(with);
        metric.histogram = values.reading(unit);
        made_.metric.push_back(std::move(metric));
    }

    template <int First, int Last>
    void add(
        const infra::power_histogram<First, Last>& values, double unit, metric_labels with = {}
    ) {
        histogram_sum<infra::power_histogram<First, Last>> sum;
        sum.add(values);
        add(sum, unit, std::move(with));
    }

    prometheus::MetricFamily take() { return std::move(made_); }

private:
    prometheus::MetricFamily made_;
};

/// What a microsecond is in seconds.
inline constexpr double microsecond = 1e-6;

}  // namespace teamflow::app
