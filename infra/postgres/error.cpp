#include "infra/postgres/error.hpp"

#include <utility>

namespace teamflow::infra {

namespace {

std::string describe(const postgres_error::fields& what) {
    std::string text = what.sqlstate.empty() ? "PostgreSQL" : "PostgreSQL " + what.sqlstate;
    text += ": " + what.message;
    if (!what.detail.empty()) {
        text += " (" + what.detail + ")";
    }
    if (!what.statement.empty()) {
        text += " [statement " + what.statement + "]";
    }
    return text;
}

postgres_error::fields not_sent(std::string reason) {
    postgres_error::fields what;
    what.message = std::move(reason);
    what.connection_lost = true;
    return what;
}

}  // namespace

postgres_error::postgres_error(fields what)
    : std::runtime_error(describe(what)), fields_(std::move(what)) {}

bool postgres_error::is_about_data() const {
    const auto state = sqlstate();
    return !is_connection_lost() && (state.starts_with("22") || state.starts_with("23") ||
                                     state.starts_with("21") || state.starts_with("54"));
}

postgres_unavailable::postgres_unavailable(std::string reason)
    : postgres_error(not_sent(std::move(reason))) {}

}  // namespace teamflow::infra
