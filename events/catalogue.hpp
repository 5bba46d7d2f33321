#pragma once
// The documents about events that follow from their definitions: nothing in them is written by hand
// twice, and a test compares the checked-in copies.

#include <string>
#include <vector>

#include <boost/json/object.hpp>

namespace teamflow::events {

struct generated_document {
    /// Relative to the folder of generated documents, with `/` between its parts.
    std::string path;
    std::string text;
};

/// The AsyncAPI 3 document of the channel that carries the events: one message for each type, with
/// the headers of the CloudEvents Kafka binding (binary mode) and the payload as it lies in the
/// log.
boost::json::object asyncapi_document();

/// TypeScript types of all events as clients get them: personal text opened, in their envelope.
std::string event_typescript();

/// The event catalogue as a page of Markdown.
std::string event_catalogue();

/// All of the above and a JSON Schema for each event type: `asyncapi.json`, `events.md`,
/// `events.ts`, `schemas/<type>.v<version>.json`, in an order that never changes.
std::vector<generated_document> event_documents();

}  // namespace teamflow::events
