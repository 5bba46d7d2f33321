#pragma once
// A schema for a fold that is no read model, with a life of its own.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>

#include "events/time.hpp"
#include "infra/postgres/session.hpp"

namespace teamflow::projections {

/// Registers and makes the schema; drops it at the end of this unless it is to be kept. What a
/// crash leaves behind is listed as unfinished, and dropped by a rebuilder once `life` is over.
/// Blocking. Throws postgres_error, and std::runtime_error when there is a schema of that name.
class scratch_schema {
public:
    /// `database` must outlive this.
    scratch_schema(
        infra::postgres::session& database,
        std::string name,
        std::string purpose,
        std::chrono::seconds life
    );
    ~scratch_schema();
    scratch_schema(const scratch_schema&) = delete;
    scratch_schema& operator=(const scratch_schema&) = delete;

    [[nodiscard]] const std::string& name() const { return name_; }

    /// It is whole, and stays for so long from now on. Returns until when.
    events::timestamp keep_for(std::chrono::seconds life);

private:
    infra::postgres::session& database_;
    std::string name_;
    std::string purpose_;
    bool is_kept_ = false;
};

/// A schema that is there.
struct scratch_view {
    std::string name;
    /// What it is for; `unfinished: …` until it is whole.
    std::string purpose;
    events::timestamp made_at;
    events::timestamp drop_after;
    /// On disk.
    std::int64_t bytes = 0;
};
BOOST_DESCRIBE_STRUCT(scratch_view, (), (name, purpose, made_at, drop_after, bytes))

// As above, they block and throw postgres_error.

/// All there are, by name.
std::vector<scratch_view> list_scratch_schemas(infra::postgres::session& database);

/// False when there is no scratch schema of that name.
bool drop_scratch_schema(infra::postgres::session& database, const std::string& name);

/// Drops those whose life is over, a few at a time.
void drop_expired_schemas(infra::postgres::session& database);

/// `scratch_<projection>_` and something that nobody else has.
std::string fresh_scratch_name(std::string_view projection);

}  // namespace teamflow::projections
