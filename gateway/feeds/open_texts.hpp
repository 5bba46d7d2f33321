#pragma once
// Opens the personal fields of many texts with one look-up of keys.

#include <memory>
#include <string>
#include <vector>

#include "gateway/feeds/feed_parts.hpp"
#include "infra/asio.hpp"

namespace teamflow::gateway {

using infra::task;

/// Puts opened texts in the places of those JSON texts that hold personal fields; the others stay
/// as they are, shared. Throws as `open` of the parts does.
task<> open_texts(const feed_parts& with, std::vector<std::shared_ptr<const std::string>*> texts);

}  // namespace teamflow::gateway
