#include "infra/postgres/made_result.hpp"

#include <libpq-fe.h>

namespace teamflow::infra::postgres {

result make_result(
    std::span<const type_number> types,
    std::span<const std::vector<std::optional<std::string>>> rows
) {
    PGresult* const made = PQmakeEmptyPGresult(nullptr, PGRES_TUPLES_OK);
    result owner(made);
    std::string name = "column";
    std::vector<PGresAttDesc> columns;
    columns.reserve(types.size());
    for (const auto type : types) {
        columns.push_back({name.data(), 0, 0, 1, type, -1, -1});
    }
    PQsetResultAttrs(made, static_cast<int>(columns.size()), columns.data());
    for (std::size_t row = 0; row < rows.size(); ++row) {
        for (std::size_t column = 0; column < types.size(); ++column) {
            // libpq copies the bytes; its signature merely does not say const.
            auto value = rows[row].at(column);
            PQsetvalue(
                made,
                static_cast<int>(row),
                static_cast<int>(column),
                value ? value->data() : nullptr,
                value ? static_cast<int>(value->size()) : -1
            );
        }
    }
    return owner;
}

}  // namespace teamflow::infra::postgres
