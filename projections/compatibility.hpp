#pragma once
// What this program would make of a log that others wrote: schemas, upcasters, folds and handlers,
// tried over every event before the program is rolled out.

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <boost/describe/class.hpp>

#include "commands/directory.hpp"
#include "commands/states.hpp"
#include "events/record.hpp"
#include "events/upcast.hpp"
#include "projections/all.hpp"

namespace teamflow::projections {

/// One kind of trouble with one version of one event type.
struct compatibility_finding {
    /// What broke: `decode`, `version`, `stream`, `directory`, or `projection <name>`.
    std::string part;
    std::string type;
    std::int16_t schema_version = 0;
    std::int64_t count = 0;
    /// The first of them.
    std::string position;
    std::string stream;
    events::organization_id organization_id;
    std::string error;
};
BOOST_DESCRIBE_STRUCT(
    compatibility_finding,
    (),
    (part, type, schema_version, count, position, stream, organization_id, error)
)

struct counted_type {
    std::string type;
    std::int16_t schema_version = 0;
    std::int64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(counted_type, (), (type, schema_version, count))

struct compatibility_report {
    std::int64_t organizations = 0;
    std::int64_t events = 0;
    /// Of these, the ones of an older version that upcasters bring forward.
    std::vector<counted_type> brought_forward;
    /// Readers keep, skip and count these: no trouble.
    std::vector<counted_type> unknown_types;
    std::vector<compatibility_finding> findings;
};
BOOST_DESCRIBE_STRUCT(
    compatibility_report, (), (organizations, events, brought_forward, unknown_types, findings)
)

/// The commits that admins have given up, by projection: what they would break is settled.
using skipped_commits = std::map<std::string, std::set<events::commit_id>>;

/// Takes the events of a log, one organization after the other, each in the order of offsets. Holds
/// the streams, the directory and the read models of one organization at a time, so memory is that
/// of the largest; findings are bounded by types, versions and parts. Not thread-safe.
class compatibility_check {
public:
    /// `projections` and `upcasters` must outlive this.
    explicit compatibility_check(
        std::span<const projection> projections = all(),
        std::span<const events::upcaster> upcasters = events::upcasters(),
        skipped_commits skipped = {}
    );

    /// Forgets the organization before.
    void begin_organization();

    /// A valid event of the organization.
    void take(const events::record& record);

    [[nodiscard]] compatibility_report report() const;

private:
    struct model {
        const projection* what = nullptr;
        unit_of_work rows;
        /// Behind an event that it could not handle: these would wait with it.
        std::unordered_set<std::string> parked = {};
    };

    using type_version = std::pair<std::string, std::int16_t>;

    bool check_version(const events::record& record);
    void fold(const events::record& record, const events::event& event);
    void project(model& into, const events::record& record, const events::event& event);
    void note(std::string part, const events::record& record, std::string error);

    std::span<const projection> projections_;
    std::span<const events::upcaster> upcasters_;
    skipped_commits skipped_;
    std::vector<model> models_;
    std::unordered_map<std::string, commands::folded_stream> streams_;
    commands::directory directory_;
    std::int64_t organizations_ = 0;
    std::int64_t events_ = 0;
    std::map<type_version, std::int64_t> brought_forward_;
    std::map<type_version, std::int64_t> unknown_;
    std::map<std::tuple<std::string, std::string, std::int16_t>, compatibility_finding> findings_;
};

}  // namespace teamflow::projections
