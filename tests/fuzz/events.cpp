// Payloads of events: whatever lies in a log, decoding says what is wrong or gives an event that
// comes back unchanged and that every state and the directory can take.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "commands/directory.hpp"
#include "commands/states.hpp"
#include "events/registry.hpp"

namespace {

using namespace teamflow;

void check(const events::event_info& info, std::string_view data) {
    std::optional<events::event> event;
    try {
        event = events::decode(info.type, info.schema_version, data);
    } catch (const events::undecodable_event&) {
        return;
    }
    const auto text = events::encode(event.value());
    const auto again = events::decode(info.type, info.schema_version, text);
    if (events::encode(again.value()) != text) {
        std::abort();
    }
    const auto stream = events::stream_of(*event);
    commands::folded_stream folded;
    commands::directory directory;
    for (int i = 0; i < 2; ++i) {
        commands::apply(folded, stream, *event, events::timestamp{}, events::user_id{});
        commands::apply(directory, *event);
    }
    if (folded.version != 2) {
        std::abort();
    }
    commands::to_snapshot(directory);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// The first byte chooses the event type.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const auto types = events::event_types();
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    check(types[data[0] % types.size()], input.substr(1));
    return 0;
}
