#pragma once
// What the JSON walks ask about a C++ type: its members, its enumerators, its unqualified name.

#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <boost/describe/enumerators.hpp>
#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>

#include "events/ids.hpp"
#include "events/json/types.hpp"

namespace teamflow::events::json {

template <class T>
concept described_struct = boost::describe::has_describe_members<T>::value;

template <class T>
concept described_enum = boost::describe::has_describe_enumerators<T>::value;

template <class T>
using members_of = boost::describe::
    describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

/// Calls visit(member descriptor) for each member; descriptor.name and .pointer are static.
template <class T, class Visit>
constexpr void for_each_member(Visit&& visit) {
    boost::mp11::mp_for_each<members_of<T>>(visit);
}

template <described_enum E>
constexpr std::string_view enum_name(E value) {
    std::string_view name;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto descriptor) {
        if (descriptor.value == value) {
            name = descriptor.name;
        }
    });
    // A trailing underscore only keeps a keyword (`template_`) out of C++.
    return name.ends_with('_') ? name.substr(0, name.size() - 1) : name;
}

template <described_enum E>
constexpr std::optional<E> enum_value(std::string_view name) {
    std::optional<E> value;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto descriptor) {
        if (enum_name(descriptor.value) == name) {
            value = descriptor.value;
        }
    });
    return value;
}

/// The unqualified name of T, such as `task_created`.
template <class T>
constexpr std::string_view type_name() {
    constexpr std::string_view whole = __PRETTY_FUNCTION__;
    constexpr std::string_view marker = "T = ";
    constexpr std::size_t begin = whole.find(marker) + marker.size();
    constexpr std::string_view qualified = whole.substr(begin, whole.size() - begin - 1);
    constexpr std::size_t colon = qualified.rfind(':');
    return colon == std::string_view::npos ? qualified : qualified.substr(colon + 1);
}

template <class T, template <class...> class Template>
inline constexpr bool is_instance = false;

template <template <class...> class Template, class... Args>
inline constexpr bool is_instance<Template<Args...>, Template> = true;

template <class T>
inline constexpr bool is_id = false;

template <class Tag>
inline constexpr bool is_id<id<Tag>> = true;

template <class T>
inline constexpr bool is_text = false;

template <std::size_t Min, std::size_t Max>
inline constexpr bool is_text<text<Min, Max>> = true;

template <class T>
inline constexpr bool is_within = false;

template <class Number, auto Min, auto Max>
inline constexpr bool is_within<within<Number, Min, Max>> = true;

template <class T>
inline constexpr bool is_list = false;

template <class T, std::size_t Max>
inline constexpr bool is_list<list<T, Max>> = true;

template <class T>
inline constexpr bool is_defaulted = false;

template <class T, T Default>
inline constexpr bool is_defaulted<defaulted<T, Default>> = true;

/// Members of these types may be absent from an object.
template <class T>
inline constexpr bool may_be_absent = is_instance<T, std::optional> || is_instance<T, patch> ||
                                      is_instance<T, replace> || is_defaulted<T>;

}  // namespace teamflow::events::json
