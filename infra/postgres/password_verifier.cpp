#include "infra/postgres/password_verifier.hpp"

#include <memory>

#include <libpq-fe.h>

#include "infra/postgres/connect.hpp"
#include "infra/postgres/error.hpp"

namespace teamflow::infra::postgres {

std::string password_verifier(
    const std::string& url, const std::string& role, const std::string& password
) {
    const auto connection = connect_blocking(url, {});
    const std::unique_ptr<char, decltype(&PQfreemem)> made(
        PQencryptPasswordConn(connection.get(), password.c_str(), role.c_str(), nullptr), &PQfreemem
    );
    if (made == nullptr) {
        throw postgres_error({.message = last_words(connection.get())});
    }
    return made.get();
}

}  // namespace teamflow::infra::postgres
