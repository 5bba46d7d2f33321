#pragma once
// Strong identifier types: a task id cannot be passed where a user id is meant.

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <boost/uuid/uuid.hpp>

namespace teamflow::events {

using boost::uuids::uuid;

/// The canonical 36-character lower-case form (RFC 9562).
std::string to_string(const uuid& value);

/// Appends the canonical form to `out` without allocating a string of its own.
void append_to(std::string& out, const uuid& value);

/// Accepts exactly the canonical 36-character form, in either case; anything else is nullopt.
std::optional<uuid> parse_uuid(std::string_view text);

/// A UUIDv7 (RFC 9562, 5.7): `unix_ms` in the first 48 bits, the rest from `random_high` and
/// `random_low`. Pure, so that deciders stay deterministic.
uuid make_uuid_v7(std::int64_t unix_ms, std::uint64_t random_high, std::uint64_t random_low);

/// The time that a UUIDv7 carries, in milliseconds since 1970.
std::int64_t unix_ms_of(const uuid& value);

/// An identifier of one kind of thing. Tag types carry no data and are never defined.
template <class Tag>
struct id {
    uuid value{};

    constexpr id() = default;

    constexpr explicit id(uuid raw) : value(raw) {}

    [[nodiscard]] bool is_nil() const { return value.is_nil(); }

    friend bool operator==(const id&, const id&) = default;

    friend auto operator<=>(const id& left, const id& right) {
        return left.value < right.value   ? std::strong_ordering::less
               : right.value < left.value ? std::strong_ordering::greater
                                          : std::strong_ordering::equal;
    }
};

template <class Tag>
std::string to_string(const id<Tag>& value) {
    return to_string(value.value);
}

using organization_id = id<struct organization_tag>;
using user_id = id<struct user_tag>;
using invitation_id = id<struct invitation_tag>;
using project_id = id<struct project_tag>;
using task_id = id<struct task_tag>;
using checklist_item_id = id<struct checklist_item_tag>;
using time_log_id = id<struct time_log_tag>;
using template_id = id<struct template_tag>;
using event_id = id<struct event_tag>;
using commit_id = id<struct commit_tag>;
using writer_id = id<struct writer_tag>;

/// The organization of user accounts and e-mail reservations; no tenant has it.
inline constexpr organization_id nil_organization{};

}  // namespace teamflow::events

template <class Tag>
struct std::hash<teamflow::events::id<Tag>> {
    std::size_t operator()(const teamflow::events::id<Tag>& value) const noexcept {
        return boost::uuids::hash_value(value.value);
    }
};
