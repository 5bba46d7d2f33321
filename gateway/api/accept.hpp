#pragma once
// Which of the media types that a route offers a client likes best (RFC 9110, 12.5.1).

#include <optional>
#include <span>
#include <string_view>

namespace teamflow::gateway {

/// The place of the best one in `offers` (types without parameters, the default first); nullopt
/// when none is acceptable (406). Without an Accept field everything is.
std::optional<std::size_t> preferred_media(
    std::optional<std::string_view> accept, std::span<const std::string_view> offers
);

}  // namespace teamflow::gateway
