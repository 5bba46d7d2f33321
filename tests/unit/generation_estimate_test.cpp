#include <vector>

#include <catch2/catch.hpp>

#include "generation/compose.hpp"
#include "generation/estimate.hpp"
#include "generation/model/read_model.hpp"
#include "generation/preview.hpp"

using namespace teamflow::generation;

TEST_CASE("a preview has every file once, under what it is made for", "[generation]") {
    const auto of = read_model(domain_source("simple_task_api"), source_format::yaml).value();
    const pattern_library patterns;
    const auto told = preview_of(of, patterns);
    const auto files = compose(of, patterns);
    CHECK(told.files == files.size());
    REQUIRE(told.groups.size() == 3);
    CHECK(told.groups[0].entity.empty());
    CHECK(told.groups[2].entity == "Task");
    CHECK(told.groups[1].files.size() == told.groups[2].files.size());
    std::size_t bytes = 0;
    for (const auto& file : files) {
        bytes += file.content.size();
    }
    CHECK(told.bytes == bytes);
}

TEST_CASE("an estimate knows how wrong it was", "[generation]") {
    const std::vector<observation> exact{{10, 1}, {20, 2}, {40, 4}};
    const auto between = estimate(30, exact);
    CHECK(between.likely == Approx(3));
    CHECK(between.within_measured);
    CHECK(between.low == Approx(3 / (4.0 / 3)));
    const auto beyond = estimate(80, exact);
    CHECK(beyond.likely == Approx(8));
    CHECK_FALSE(beyond.within_measured);
    CHECK(beyond.high == Approx(8 * 16.0 / 9));
    const std::vector<observation> scattered{{10, 1}, {20, 6}, {40, 4}};
    CHECK(estimate(30, scattered).high / estimate(30, scattered).likely > 1.5);
    for (const auto& each : scattered) {
        const auto told = estimate(each.points, scattered);
        CHECK(told.low <= each.seconds);
        CHECK(told.high >= each.seconds);
    }
    CHECK(estimate(5, std::vector<observation>{{5, 2}}).likely == Approx(2));
}

TEST_CASE("a model is as complex as what is made of it", "[generation]") {
    const auto small = read_model(domain_source("simple_task_api"), source_format::yaml).value();
    const auto large = read_model(domain_source("ecommerce_api"), source_format::yaml).value();
    CHECK(complexity_of(small).entities == 2);
    CHECK(complexity_of(small).longest_chain == 2);
    CHECK(complexity_of(small).size == size_class::small);
    CHECK(complexity_of(large).size == size_class::medium);
    CHECK(estimate(large).generation.likely > estimate(small).generation.likely);
}
