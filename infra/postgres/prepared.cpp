#include "infra/postgres/prepared.hpp"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

namespace teamflow::infra::postgres {

std::shared_ptr<prepared_statement> prepared_statements::find(
    std::string_view sql, std::span<const type_number> types
) {
    const auto found = locate(sql, types);
    if (found == recent_.end()) {
        return nullptr;
    }
    recent_.splice(recent_.begin(), recent_, found);
    return *found;
}

std::shared_ptr<prepared_statement> prepared_statements::add(
    std::string_view sql, std::span<const type_number> types
) {
    auto added = std::make_shared<prepared_statement>();
    added->sql = sql;
    added->types.assign(types.begin(), types.end());
    added->name = fmt::format("t{}", ++named_);
    recent_.push_front(added);
    by_hash_.emplace(hash(sql, types), recent_.begin());
    return added;
}

std::shared_ptr<prepared_statement> prepared_statements::evict() {
    if (recent_.size() <= size_max_) {
        return nullptr;
    }
    auto oldest = recent_.back();
    forget(std::prev(recent_.end()));
    return oldest;
}

bool prepared_statements::drop(const std::shared_ptr<prepared_statement>& statement) {
    const auto found = locate(statement->sql, statement->types);
    if (found == recent_.end() || *found != statement) {
        return false;
    }
    forget(found);
    return true;
}

std::size_t prepared_statements::hash(std::string_view sql, std::span<const type_number> types) {
    std::size_t value = std::hash<std::string_view>{}(sql);
    for (const type_number type : types) {
        value = value * 1'000'003 + type;
    }
    return value;
}

prepared_statements::recency::iterator prepared_statements::locate(
    std::string_view sql, std::span<const type_number> types
) {
    const auto [first, last] = by_hash_.equal_range(hash(sql, types));
    for (auto i = first; i != last; ++i) {
        const prepared_statement& candidate = **i->second;
        if (candidate.sql == sql && std::ranges::equal(candidate.types, types)) {
            return i->second;
        }
    }
    return recent_.end();
}

void prepared_statements::forget(recency::iterator which) {
    const auto [first, last] = by_hash_.equal_range(hash((*which)->sql, (*which)->types));
    const auto entry =
        std::find_if(first, last, [which](const auto& e) { return e.second == which; });
    by_hash_.erase(entry);
    recent_.erase(which);
}

}  // namespace teamflow::infra::postgres
