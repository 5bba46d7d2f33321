#pragma once
// What makes a struct a row of a read model: its table, its key and its indexes, declared once.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "events/json/described.hpp"
#include "events/record.hpp"

namespace teamflow::projections {

/// A row type is a described struct that names its table and its primary key, and may declare
/// indexes, each as what follows `create index on <table>`:
///
///     struct board_row {
///         events::project_id project_id;
///         events::task_status status{};
///         std::int64_t tasks = 0;
///
///         static constexpr std::string_view table = "board";
///         static constexpr auto primary_key = std::tuple(&board_row::project_id,
///         &board_row::status); static constexpr std::array<std::string_view, 1>
///         indexes{"(tasks)"};
///     };
///     BOOST_DESCRIBE_STRUCT(board_row, (), (project_id, status, tasks))
template <class R>
concept row_type = events::json::described_struct<R> && std::default_initializable<R> && requires {
    { R::table } -> std::convertible_to<std::string_view>;
    std::tuple_size<std::remove_cvref_t<decltype(R::primary_key)>>::value;
};

template <class R>
concept has_indexes = requires {
    { *std::begin(R::indexes) } -> std::convertible_to<std::string_view>;
};

/// The key of a row as a tuple of its values.
template <row_type R>
auto key_of(const R& row) {
    return std::apply([&](auto... member) { return std::tuple(row.*member...); }, R::primary_key);
}

template <row_type R>
using key_type = decltype(key_of(std::declval<const R&>()));

/// Sets the key members of a row.
template <row_type R>
void set_key(R& row, const key_type<R>& key) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        ((row.*std::get<I>(R::primary_key) = std::get<I>(key)), ...);
    }(std::make_index_sequence<std::tuple_size_v<key_type<R>>>{});
}

/// The described name of a member.
template <row_type R, class Member>
std::string_view member_name(Member R::* pointer) {
    std::string_view name;
    events::json::for_each_member<R>([&](auto descriptor) {
        if constexpr (std::is_same_v<std::remove_cv_t<decltype(descriptor.pointer)>, Member R::*>) {
            if (descriptor.pointer == pointer) {
                name = descriptor.name;
            }
        }
    });
    return name;
}

struct key_hash {
    template <class... Part>
    std::size_t operator()(const std::tuple<Part...>& key) const noexcept {
        return std::apply(
            [](const auto&... part) {
                std::size_t hash = 0;
                ((hash = hash * std::size_t{0x9E3779B97F4A7C15} + hash_part(part)), ...);
                return hash;
            },
            key
        );
    }

private:
    template <class Part>
    static std::size_t hash_part(const Part& part) noexcept {
        if constexpr (std::is_same_v<Part, events::date>) {
            return std::hash<std::int64_t>{
            }(std::chrono::sys_days(part).time_since_epoch().count());
        } else {
            return std::hash<Part>{}(part);
        }
    }
};

/// A row as it lies in its table: with the position that last wrote it.
template <row_type R>
struct stored_row {
    R row;
    events::position written;
};

}  // namespace teamflow::projections
