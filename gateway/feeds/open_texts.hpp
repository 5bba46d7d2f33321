#pragma once
// Opens the personal fields of many texts with one look-up of keys.

#include <memory>
#include <string>
#include <vector>

#include "gateway/services.hpp"
#include "infra/asio.hpp"

namespace teamflow::gateway {

using infra::task;

/// Puts opened texts in the places of those JSON texts that hold personal fields; the others stay
/// as they are, shared. Throws as open_personal does.
task<> open_texts(services& with, std::vector<std::shared_ptr<const std::string>*> texts);

}  // namespace teamflow::gateway
