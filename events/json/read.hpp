#pragma once
// JSON value to described struct: one walk that names every bad field at once.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <expected>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>

#include "events/json/described.hpp"
#include "events/json/problem.hpp"
#include "events/time.hpp"

namespace teamflow::events::json {

/// Requests refuse members they do not know, so that a typing error does not pass silently; events
/// ignore them, so that an old program reads what a newer one wrote.
enum class unknown_members { refuse, ignore };

/// Carries the path of the value being read and the faults found so far.
class reader {
public:
    explicit reader(unknown_members policy) : policy_(policy) {}

    template <class T>
    void value(const boost::json::value& from, T& into);

    void fault(std::string_view code, std::string message);

    /// Runs `read` with `name` appended to the path.
    template <class Read>
    void within(std::string_view name, Read&& read) {
        const std::size_t length = path_.size();
        if (length != 0) {
            path_ += '.';
        }
        path_ += name;
        read();
        path_.resize(length);
    }

    [[nodiscard]] const problems& faults() const { return problems_; }

    problems take_faults() { return std::move(problems_); }

private:
    /// What is no single value: absence, limits, lists, objects.
    template <class T>
    void wrapped(const boost::json::value& from, T& into);
    template <class T>
    void members(const boost::json::object& from, T& into);
    template <class T>
    void elements(const boost::json::value& from, std::vector<T>& into, std::size_t max);
    template <class Number>
    void integer(const boost::json::value& from, Number& into);
    void number(const boost::json::value& from, double& into);
    bool string(const boost::json::value& from, std::string& into);
    void limited_text(
        const boost::json::value& from, std::string& into, std::size_t min, std::size_t max
    );
    template <class T, class Parse>
    void parsed(
        const boost::json::value& from,
        T& into,
        Parse parse,
        std::string_view code,
        const char* what
    );
    void texts(const boost::json::value& from, std::map<std::string, std::string>& into);
    void unknown(std::string_view name);

    unknown_members policy_;
    std::string path_;
    problems problems_;
};

/// Reads a whole document. The result holds either the value or every fault, never both.
template <class T>
std::expected<T, problems> read(
    const boost::json::value& from, unknown_members policy = unknown_members::refuse
) {
    reader walk(policy);
    T into{};
    walk.value(from, into);
    if (!walk.faults().empty()) {
        return std::unexpected(walk.take_faults());
    }
    return into;
}

template <class T>
void reader::value(const boost::json::value& from, T& into) {
    if constexpr (std::is_same_v<T, bool>) {
        if (const auto* flag = from.if_bool()) {
            into = *flag;
        } else {
            fault("wrong_type", "must be true or false");
        }
    } else if constexpr (std::integral<T>) {
        integer(from, into);
    } else if constexpr (std::is_same_v<T, double>) {
        number(from, into);
    } else if constexpr (std::is_same_v<T, std::string>) {
        string(from, into);
    } else if constexpr (is_id<T>) {
        parsed(
            from,
            into,
            [](std::string_view text) {
                const auto raw = parse_uuid(text);
                return raw ? std::optional(T{*raw}) : std::nullopt;
            },
            "not_a_uuid",
            "must be a UUID"
        );
    } else if constexpr (std::is_same_v<T, uuid>) {
        parsed(from, into, parse_uuid, "not_a_uuid", "must be a UUID");
    } else if constexpr (std::is_same_v<T, timestamp>) {
        parsed(
            from, into, parse_timestamp, "not_a_time", "must be an RFC 3339 time with an offset"
        );
    } else if constexpr (std::is_same_v<T, date>) {
        parsed(from, into, parse_date, "not_a_date", "must be a date YYYY-MM-DD that exists");
    } else if constexpr (described_enum<T>) {
        std::string names;
        boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto descriptor) {
            names += (names.empty() ? "" : ", ") + std::string(enum_name(descriptor.value));
        });
        parsed(from, into, enum_value<T>, "not_allowed", ("must be one of " + names).c_str());
    } else {
        wrapped(from, into);
    }
}

template <class T>
void reader::wrapped(const boost::json::value& from, T& into) {
    if constexpr (is_instance<T, std::optional>) {
        if (from.is_null()) {
            into.reset();
        } else {
            value(from, into.emplace());
        }
    } else if constexpr (is_instance<T, patch>) {
        into.what = from.is_null() ? T::action::clear : T::action::replace;
        if (into.replaces()) {
            value(from, into.value);
        }
    } else if constexpr (is_instance<T, replace>) {
        if (from.is_null()) {
            fault("required", "cannot be null");
        } else {
            value(from, into.value.emplace());
        }
    } else if constexpr (is_defaulted<T>) {
        value(from, into.value);
    } else if constexpr (is_text<T>) {
        []<std::size_t Min, std::size_t Max>(
            reader& self, const boost::json::value& source, text<Min, Max>& target
        ) { self.limited_text(source, target.value, Min, Max); }(*this, from, into);
    } else if constexpr (is_instance<T, formatted>) {
        []<class Format>(
            reader& self, const boost::json::value& source, json::formatted<Format>& target
        ) {
            if (self.string(source, target.value) && !Format::matches(target.value)) {
                self.fault("bad_format", "must be " + std::string(Format::expected));
            }
        }(*this, from, into);
    } else if constexpr (is_within<T>) {
        []<class Number, auto Min, auto Max>(
            reader& self, const boost::json::value& source, json::within<Number, Min, Max>& target
        ) {
            const std::size_t before = self.problems_.size();
            self.value(source, target.value);
            if (self.problems_.size() == before && (target.value < static_cast<Number>(Min) ||
                                                    target.value > static_cast<Number>(Max))) {
                self.fault(
                    "out_of_range",
                    "must lie between " + std::to_string(Min) + " and " + std::to_string(Max)
                );
            }
        }(*this, from, into);
    } else if constexpr (is_list<T>) {
        []<class E, std::size_t Max>(
            reader& self, const boost::json::value& source, list<E, Max>& target
        ) { self.elements(source, target.values, Max); }(*this, from, into);
    } else if constexpr (is_instance<T, std::vector>) {
        elements(from, into, std::numeric_limits<std::size_t>::max());
    } else if constexpr (std::is_same_v<T, std::map<std::string, std::string>>) {
        texts(from, into);
    } else if constexpr (std::is_same_v<T, boost::json::value>) {
        into = from;
    } else {
        static_assert(described_struct<T>, "describe the type or teach the walk about it");
        if (const auto* object = from.if_object()) {
            members(*object, into);
        } else {
            fault("wrong_type", "must be an object");
        }
    }
}

template <class T>
void reader::members(const boost::json::object& from, T& into) {
    std::size_t known = 0;
    for_each_member<T>([&](auto descriptor) {
        using member_type = std::remove_reference_t<decltype(into.*descriptor.pointer)>;
        within(descriptor.name, [&] {
            const auto* member = from.if_contains(descriptor.name);
            if (member != nullptr) {
                ++known;
                value(*member, into.*descriptor.pointer);
            } else if constexpr (!may_be_absent<member_type>) {
                fault("required", "is required");
            }
        });
    });
    if (known == from.size() || policy_ == unknown_members::ignore) {
        return;
    }
    for (const auto& member : from) {
        bool found = false;
        for_each_member<T>([&](auto descriptor) {
            found = found || std::string_view(member.key()) == descriptor.name;
        });
        if (!found) {
            unknown(member.key());
        }
    }
}

template <class T>
void reader::elements(const boost::json::value& from, std::vector<T>& into, std::size_t max) {
    const auto* array = from.if_array();
    if (array == nullptr) {
        fault("wrong_type", "must be an array");
        return;
    }
    if (array->size() > max) {
        fault("too_many", "must have at most " + std::to_string(max) + " elements");
        return;
    }
    into.clear();
    into.reserve(array->size());
    for (std::size_t i = 0; i < array->size(); ++i) {
        T element{};
        within(std::to_string(i), [&] { value((*array)[i], element); });
        into.push_back(std::move(element));
    }
}

template <class Number>
void reader::integer(const boost::json::value& from, Number& into) {
    boost::json::error_code failure;
    const auto number = from.to_number<Number>(failure);
    if (failure || from.is_double()) {
        fault(
            from.is_number() ? "out_of_range" : "wrong_type",
            from.is_double() ? "must be a whole number" : "must be a whole number in range"
        );
    } else {
        into = number;
    }
}

template <class T, class Parse>
void reader::parsed(
    const boost::json::value& from, T& into, Parse parse, std::string_view code, const char* what
) {
    const auto* text = from.if_string();
    if (text == nullptr) {
        fault("wrong_type", what);
        return;
    }
    if (const auto result = parse(std::string_view(*text))) {
        into = *result;
    } else {
        fault(code, what);
    }
}

}  // namespace teamflow::events::json
