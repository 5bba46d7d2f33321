#include "projections/rebuild/archived_events.hpp"

#include <memory>
#include <string>

#include <catch2/catch.hpp>

namespace teamflow::tests {

namespace {

/// Commits of so many events each, at offsets from 0 on.
std::vector<events::record_ptr> commits(const std::vector<std::int16_t>& counts) {
    std::vector<events::record_ptr> records;
    for (const auto count : counts) {
        for (std::int16_t i = 0; i < count; ++i) {
            auto record = std::make_shared<events::record>();
            record->at = static_cast<events::offset>(records.size());
            record->commit.index = i;
            record->commit.count = count;
            records.push_back(std::move(record));
        }
    }
    return records;
}

/// `offset:index/count` of each.
std::string told(const std::vector<events::record_ptr>& records) {
    std::string text;
    for (const auto& each : records) {
        text += text.empty() ? "" : " ";
        text += std::to_string(each->at) + ':' + std::to_string(each->commit.index) + '/' +
                std::to_string(each->commit.count);
    }
    return text;
}

}  // namespace

TEST_CASE("a commit becomes what is wanted of it", "[archived_events]") {
    const auto all = commits({1, 3, 2});
    const auto kept = [&](auto wants) {
        auto records = all;
        projections::keep_wanted(records, wants);
        return told(records);
    };
    CHECK(kept([](const auto&) { return true; }) == told(all));
    CHECK(kept([](const auto&) { return false; }).empty());
    CHECK(kept([](const auto& event) { return event.at % 2 == 1; }) == "1:0/2 3:1/2 5:0/1");
    CHECK(kept([](const auto& event) { return event.at != 0; }) == "1:0/3 2:1/3 3:2/3 4:0/2 5:1/2");
    // What others hold stays as it was.
    CHECK(told(all) == "0:0/1 1:0/3 2:1/3 3:2/3 4:0/2 5:1/2");
}

}  // namespace teamflow::tests
