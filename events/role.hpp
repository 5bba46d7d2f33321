#pragma once
// What a member may do in an organization.

#include <boost/describe/enum.hpp>

namespace teamflow::events {

/// In rising order: each role may do all that the ones before it may.
enum class role { viewer, member, admin, owner };
BOOST_DESCRIBE_ENUM(role, viewer, member, admin, owner)

}  // namespace teamflow::events
