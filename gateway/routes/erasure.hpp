#pragma once
// What an erasure is asked for and what it tells, for the route and for `teamflow erase`.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>

#include "events/json/types.hpp"
#include "query/erasure.hpp"

namespace teamflow::gateway {

/// Below /api/v1. An address of a person stands in no path: paths are logged.
inline constexpr std::string_view erasures_path = "/admin/erasures";

struct erasure_body {
    /// An id or an e-mail address.
    events::json::text<1, 254> user;
    /// Also where organizations are left without an owner.
    events::json::defaulted<bool, false> force;
    /// Tells what there is, and changes nothing.
    events::json::defaulted<bool, false> dry_run;
};
BOOST_DESCRIBE_STRUCT(erasure_body, (), (user, force, dry_run))

/// The numbers count what this erasure did; an earlier one that was cut short did the rest.
struct erasure_report {
    events::user_id user_id;
    bool dry_run = false;
    /// History said so before.
    bool already_erased = false;
    /// Keys of the person and of invitations to the address.
    std::int64_t keys_destroyed = 0;
    std::int64_t credentials_deleted = 0;
    std::int64_t sign_ins_ended = 0;
    std::int64_t tickets_deleted = 0;
    std::int64_t snapshots_deleted = 0;
    /// Those that end, or ended just now.
    std::vector<query::ending_membership> memberships;
    /// To the address, in all organizations.
    std::int64_t invitations = 0;
    /// What shows the placeholder now.
    std::vector<query::placeholder_count> events;
    std::vector<query::placeholder_count> rows;
    std::vector<std::string> out_of_scope;
};
BOOST_DESCRIBE_STRUCT(
    erasure_report,
    (),
    (user_id,
     dry_run,
     already_erased,
     keys_destroyed,
     credentials_deleted,
     sign_ins_ended,
     tickets_deleted,
     snapshots_deleted,
     memberships,
     invitations,
     events,
     rows,
     out_of_scope)
)

}  // namespace teamflow::gateway
