#pragma once
// What admins did to read models, as commands: decided in the nil organization, after the act.

#include <cstdint>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include "commands/decider.hpp"

namespace teamflow::commands {

/// Says in history what an admin did. The act and this command's members were written down in one
/// transaction (infra/log/admin_acts.hpp); its idempotency key makes it happen once.
struct record_admin_act {
    /// One of the events of events/read_model.hpp: its type, version and payload as JSON text.
    std::string type;
    std::int16_t schema_version = 1;
    std::string data;
};
BOOST_DESCRIBE_STRUCT(record_admin_act, (), (type, schema_version, data))

std::vector<std::string> streams(const record_admin_act&, const directory&, const context&);
/// Refuses what is no act that this program knows: the program that wrote it down knows it.
decision decide(const record_admin_act&, const view&, const context&);
no_content reply(const record_admin_act&, const view&, const context&);

}  // namespace teamflow::commands
