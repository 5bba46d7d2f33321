#include "events/columns.hpp"

#include <algorithm>
#include <concepts>
#include <optional>
#include <type_traits>

#include "events/json/described.hpp"
#include "events/personal.hpp"
#include "events/time.hpp"

namespace teamflow::events {

namespace {

/// The type of a member without what says whether it is there, and within which limits.
template <class T>
struct bare {
    using type = T;
};

template <class T>
using bare_t = bare<T>::type;

template <class T>
    requires json::is_instance<T, std::optional>
struct bare<T> : bare<typename T::value_type> {};

template <class T>
inline constexpr bool is_wrapped =
    json::is_instance<T, json::patch> || json::is_defaulted<T> || json::is_within<T> ||
    json::is_text<T> || json::is_instance<T, json::formatted>;

template <class T>
    requires is_wrapped<T>
struct bare<T> : bare<decltype(T::value)> {};

template <class T>
    requires json::is_instance<T, json::replace>
struct bare<T> : bare<typename decltype(T::value)::value_type> {};

template <class T>
constexpr column_kind kind_of() {
    if constexpr (std::is_same_v<T, bool>) {
        return column_kind::boolean;
    } else if constexpr (std::integral<T>) {
        return sizeof(T) <= 4 ? column_kind::int32 : column_kind::int64;
    } else if constexpr (std::is_same_v<T, double>) {
        return column_kind::number;
    } else if constexpr (std::is_same_v<T, std::string> || json::described_enum<T>) {
        return column_kind::text;
    } else if constexpr (json::is_id<T> || std::is_same_v<T, uuid>) {
        return column_kind::uuid;
    } else if constexpr (std::is_same_v<T, timestamp>) {
        return column_kind::timestamp;
    } else if constexpr (std::is_same_v<T, date>) {
        return column_kind::date;
    } else if constexpr (std::is_same_v<T, personal>) {
        return column_kind::sealed;
    } else {
        return column_kind::json;
    }
}

template <class T>
std::vector<std::string_view> values_of() {
    std::vector<std::string_view> names;
    if constexpr (json::described_enum<T>) {
        boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto descriptor) {
            names.push_back(json::enum_name(descriptor.value));
        });
    }
    return names;
}

template <event_type E>
event_table table_of() {
    event_table made{{E::type, E::schema_version, E::summary}, {}};
    json::for_each_member<E>([&](auto descriptor) {
        using member = std::remove_cvref_t<decltype(std::declval<E&>().*descriptor.pointer)>;
        made.columns.push_back(
            {.name = descriptor.name,
             .kind = kind_of<bare_t<member>>(),
             .values = values_of<bare_t<member>>(),
             .is_change =
                 json::is_instance<member, json::patch> || json::is_instance<member, json::replace>}
        );
    });
    return made;
}

}  // namespace

std::vector<event_table> event_tables() {
    std::vector<event_table> all;
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, all_events>>(
        [&]<class E>(std::type_identity<E>) { all.push_back(table_of<E>()); }
    );
    std::ranges::sort(all, {}, [](const event_table& each) { return each.info.type; });
    return all;
}

}  // namespace teamflow::events
