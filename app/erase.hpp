#pragma once
// `teamflow erase USER`: asks a running gateway to erase a person.

#include <string>

#include "app/settings.hpp"

namespace teamflow::app {

struct erase_arguments {
    /// An id or an e-mail address.
    std::string user;
    /// Without a question.
    bool yes = false;
    /// Also where organizations are left without an owner.
    bool force = false;
    bool as_json = false;
};

/// Tells what there is, asks, and erases. Returns the exit code: 1 when no gateway runs or it
/// refuses, 2 when nobody could be asked. Throws std::runtime_error, postgres_error.
int run_erase(const app_settings& settings, const erase_arguments& what);

}  // namespace teamflow::app
