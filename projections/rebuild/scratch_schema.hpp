#pragma once
// A schema for a fold that is no read model, with a life of its own.

#include <chrono>
#include <string>
#include <string_view>

#include "infra/postgres/session.hpp"

namespace teamflow::projections {

/// Registers and makes the schema; drops it at the end of this unless it is to be kept. What a
/// crash leaves behind is dropped by a rebuilder once `life` is over. Blocking. Throws
/// postgres_error, and std::runtime_error when there is a schema of that name.
class scratch_schema {
public:
    /// `database` must outlive this.
    scratch_schema(
        infra::postgres::session& database,
        std::string name,
        std::string_view purpose,
        std::chrono::seconds life
    );
    ~scratch_schema();
    scratch_schema(const scratch_schema&) = delete;
    scratch_schema& operator=(const scratch_schema&) = delete;

    [[nodiscard]] const std::string& name() const { return name_; }

    /// It stays until its life is over.
    void keep() { is_kept_ = true; }

private:
    infra::postgres::session& database_;
    std::string name_;
    bool is_kept_ = false;
};

/// Drops those whose life is over, a few at a time.
void drop_expired_schemas(infra::postgres::session& database);

/// `scratch_<projection>_` and something that nobody else has.
std::string fresh_scratch_name(std::string_view projection);

}  // namespace teamflow::projections
