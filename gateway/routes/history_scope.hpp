#pragma once
// Whose history a request may read, and how far it can be read by now.

#include <expected>
#include <optional>
#include <vector>

#include "gateway/api/call.hpp"

namespace teamflow::gateway {

/// The organization whose history may be read; nullopt is every one. `asked` is what the request
/// names: operators alone may name another than their own.
std::expected<std::optional<events::organization_id>, problem> scope_of(
    const principal& who, const std::optional<events::organization_id>& asked
);

/// The organization that alone may be read where none can be named; nullopt is every one.
std::optional<events::organization_id> own_scope(const principal& who);

/// The partitions in which the scope's events lie.
std::vector<events::partition_id> partitions_of(
    const std::optional<events::organization_id>& scope, std::int32_t count
);

/// The log's ends as they are now in these partitions, or Min-Position where that lies behind, once
/// the archive has come so far; a problem when it does not in time.
task<std::expected<std::vector<events::position>, problem>> settled_ends(
    call& under_way, std::vector<events::partition_id> partitions
);

/// settled_ends() of all that the caller may read.
task<std::expected<std::vector<events::position>, problem>> settled_history(call& under_way);

}  // namespace teamflow::gateway
