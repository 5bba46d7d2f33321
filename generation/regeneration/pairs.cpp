#include "generation/regeneration/pairs.hpp"

#include <algorithm>
#include <optional>

namespace teamflow::generation {

namespace {

bool is_text(kind what) {
    switch (what) {
        case kind::string:
        case kind::text:
        case kind::email:
        case kind::url:
        case kind::reference:
        case kind::enumeration:
            return true;
        default:
            return false;
    }
}

bool is_number(kind what) {
    return what == kind::integer || what == kind::bigint || what == kind::floating ||
           what == kind::decimal;
}

bool is_day(kind what) {
    return what == kind::date || what == kind::datetime;
}

/// Whether PostgreSQL casts every value of one type, or stops before any is lost.
bool becomes(kind from, kind to) {
    return from == to || (is_text(to) && from != kind::json) ||
           (is_number(from) && is_number(to)) || (is_day(from) && is_day(to));
}

const std::optional<std::string>& id_of(const table& of) {
    return of.entity->id;
}

const std::optional<std::string>& id_of(const table_column& of) {
    return of.field != nullptr ? of.field->id : of.relation->id;
}

const std::string& name_of(const table& of) {
    return of.entity->name;
}

const std::string& name_of(const table_column& of) {
    return of.field != nullptr ? of.field->name : of.relation->name;
}

/// First those with the same id, then those with the same name that have not two of them.
template <class T>
std::vector<std::pair<const T*, const T*>> matched(
    const std::vector<T>& from, const std::vector<T>& to
) {
    std::vector<std::pair<const T*, const T*>> pairs;
    const auto is_free = [&](const T& left, const T& right) {
        return std::ranges::none_of(pairs, [&](const auto& pair) {
            return pair.first == &left || pair.second == &right;
        });
    };
    for (const bool by_id : {true, false}) {
        for (const auto& right : to) {
            for (const auto& left : from) {
                const bool both = id_of(left).has_value() && id_of(right).has_value();
                const bool same = by_id ? both && id_of(left) == id_of(right)
                                        : !both && name_of(left) == name_of(right);
                if (same && is_free(left, right)) {
                    pairs.emplace_back(&left, &right);
                }
            }
        }
    }
    return pairs;
}

template <class Pairs, class T>
bool is_left(const Pairs& pairs, const T& what) {
    return std::ranges::any_of(pairs, [&](const auto& pair) { return pair.first == &what; });
}

template <class Pairs, class T>
bool is_right(const Pairs& pairs, const T& what) {
    return std::ranges::any_of(pairs, [&](const auto& pair) { return pair.second == &what; });
}

using matched_tables = std::vector<std::pair<const table*, const table*>>;

/// Whether the values of a column can be those of the other.
bool is_same_sort(const table_column& from, const table_column& to, const matched_tables& tables) {
    if (from.relation == nullptr && to.relation == nullptr) {
        return becomes(from.field->kind, to.field->kind);
    }
    return from.relation != nullptr && to.relation != nullptr &&
           std::ranges::any_of(tables, [&](const auto& pair) {
               return pair.first->entity->name == from.relation->to &&
                      pair.second->entity->name == to.relation->to;
           });
}

table_pair pair_of(const table& from, const table& to, const matched_tables& tables) {
    table_pair made{&from, &to, matched(from.columns, to.columns), {}, {}};
    std::erase_if(made.columns, [&](const auto& pair) {
        return !is_same_sort(*pair.first, *pair.second, tables);
    });
    for (const auto& each : from.columns) {
        if (!is_left(made.columns, each)) {
            made.dropped.push_back(&each);
        }
    }
    for (const auto& each : to.columns) {
        if (!is_right(made.columns, each)) {
            made.added.push_back(&each);
        }
    }
    return made;
}

}  // namespace

std::string table_pair::renamed(const std::string& column) const {
    for (const auto& [before, after] : columns) {
        if (before->name == column) {
            return after->name;
        }
    }
    return column;
}

std::string paired_tables::renamed(const std::string& table) const {
    for (const auto& pair : both) {
        if (pair.from->name == table) {
            return pair.to->name;
        }
    }
    return table;
}

paired_tables pair_up(const std::vector<table>& from, const std::vector<table>& to) {
    paired_tables made;
    const auto pairs = matched(from, to);
    for (const auto& [before, after] : pairs) {
        made.both.push_back(pair_of(*before, *after, pairs));
    }
    for (auto each = from.rbegin(); each != from.rend(); ++each) {
        if (!is_left(pairs, *each)) {
            made.dropped.push_back(&*each);
        }
    }
    for (const auto& each : to) {
        if (!is_right(pairs, each)) {
            made.added.push_back(&each);
        }
    }
    return made;
}

std::vector<renaming> in_order(std::vector<renaming> wanted) {
    std::vector<renaming> ordered;
    const auto is_taken = [&](const renaming& one) {
        return std::ranges::any_of(wanted, [&](const renaming& other) {
            return &other != &one && other.from == one.to;
        });
    };
    while (!wanted.empty()) {
        const auto next =
            std::ranges::find_if(wanted, [&](const renaming& one) { return !is_taken(one); });
        if (next != wanted.end()) {
            ordered.push_back(*next);
            wanted.erase(next);
            continue;
        }
        renaming& first = wanted.front();
        const std::string aside = "moving_" + std::to_string(ordered.size());
        ordered.push_back({first.of, first.from, aside});
        first.from = aside;
    }
    return ordered;
}

}  // namespace teamflow::generation
