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

const std::optional<std::string> no_id;

const std::optional<std::string>& id_of(const table& of) {
    return of.link != nullptr ? of.link->id : of.entity != nullptr ? of.entity->id : no_id;
}

const std::optional<std::string>& id_of(const table_column& of) {
    return of.field != nullptr ? of.field->id : of.relation != nullptr ? of.relation->id : no_id;
}

const std::string& name_of(const table& of) {
    return of.link != nullptr ? of.link->name : of.entity != nullptr ? of.entity->name : of.name;
}

const std::string& name_of(const table_column& of) {
    return of.known_as;
}

template <class T, class Wanted>
std::vector<const T*> those(const std::vector<T>& all, Wanted wanted) {
    std::vector<const T*> found;
    for (const auto& each : all) {
        if (wanted(each)) {
            found.push_back(&each);
        }
    }
    return found;
}

template <class T>
using matches = std::vector<std::pair<const T*, const T*>>;

/// First those with the same id, then those with the same name that have not two of them.
template <class T>
matches<T> matched(const std::vector<const T*>& from, const std::vector<const T*>& to) {
    matches<T> pairs;
    const auto is_free = [&](const T& left, const T& right) {
        return std::ranges::none_of(pairs, [&](const auto& pair) {
            return pair.first == &left || pair.second == &right;
        });
    };
    for (const bool by_id : {true, false}) {
        for (const auto* const right : to) {
            for (const auto* const left : from) {
                const bool both = id_of(*left).has_value() && id_of(*right).has_value();
                const bool same = by_id ? both && id_of(*left) == id_of(*right)
                                        : !both && name_of(*left) == name_of(*right);
                if (same && is_free(*left, *right)) {
                    pairs.emplace_back(left, right);
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

/// Whether these entities are the same.
bool are_matched(const matches<table>& entities, const std::string& from, const std::string& to) {
    return std::ranges::any_of(entities, [&](const auto& pair) {
        return pair.first->entity != nullptr && pair.first->entity->name == from &&
               pair.second->entity->name == to;
    });
}

bool is_of_entity(const table& of) {
    return of.entity != nullptr && of.link == nullptr;
}

bool is_of_application(const table& of) {
    return of.entity == nullptr;
}

std::vector<const table*> links_of(const std::vector<table>& all, const table& entity) {
    return those(all, [&](const table& each) {
        return each.link != nullptr && each.entity == entity.entity;
    });
}

/// Links are the same if what they link is, too.
matches<table> matched_tables(const std::vector<table>& from, const std::vector<table>& to) {
    const auto entities = matched(those(from, is_of_entity), those(to, is_of_entity));
    auto pairs = entities;
    for (const auto& [before, after] : entities) {
        for (const auto& pair : matched(links_of(from, *before), links_of(to, *after))) {
            if (are_matched(entities, pair.first->link->to, pair.second->link->to)) {
                pairs.push_back(pair);
            }
        }
    }
    for (const auto& pair : matched(those(from, is_of_application), those(to, is_of_application))) {
        pairs.push_back(pair);
    }
    return pairs;
}

/// Whether the values of a column can be those of the other.
bool is_same_sort(const table_column& from, const table_column& to, const matches<table>& tables) {
    if (from.field != nullptr && to.field != nullptr) {
        return becomes(from.field->kind, to.field->kind);
    }
    if (from.relation != nullptr && to.relation != nullptr) {
        return are_matched(tables, from.relation->to, to.relation->to);
    }
    return from.field == to.field && from.relation == to.relation;
}

table_pair pair_of(const table& from, const table& to, const matches<table>& tables) {
    const auto any = [](const table_column&) { return true; };
    table_pair made{&from, &to, matched(those(from.columns, any), those(to.columns, any)), {}, {}};
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
    const auto pairs = matched_tables(from, to);
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
