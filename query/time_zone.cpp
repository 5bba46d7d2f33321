#include "query/time_zone.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include <date/tz.h>

namespace teamflow::query {

namespace {

std::vector<std::string> read_names() {
    std::vector<std::string> names{"UTC"};
    for (const auto& zone : date::get_tzdb().zones) {
        names.push_back(zone.name());
    }
    std::ranges::sort(names);
    return names;
}

}  // namespace

bool is_time_zone(std::string_view name) {
    static const std::vector<std::string> names = read_names();
    return std::ranges::binary_search(names, name, std::less<>{});
}

}  // namespace teamflow::query
