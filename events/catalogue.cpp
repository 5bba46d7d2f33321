#include "events/catalogue.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <type_traits>

#include <boost/json/array.hpp>

#include "events/json/pretty.hpp"
#include "events/json/schema.hpp"
#include "events/json/typescript.hpp"
#include "events/registry.hpp"

namespace teamflow::events {

namespace {

namespace bj = boost::json;

/// What the documents say about one event type.
struct entry {
    event_info info;
    std::string struct_name;
    std::string stream;
};

/// The pattern of an event's stream: the name that an event with nil ids has.
template <event_type E>
std::string stream_pattern() {
    std::string name = E{}.stream();
    const std::string nil = to_string(uuid{});
    if (name.ends_with(nil)) {
        name.resize(name.size() - nil.size());
        return name + "<id>";
    }
    return name + (kind_of(name) == stream_kind::read_model ? "<name>" : "<hmac>");
}

template <class Visit>
void for_each_event(Visit&& visit) {
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, all_events>>(visit);
}

/// All event types in the order of their names.
std::vector<entry> entries() {
    std::vector<entry> all;
    for_each_event([&]<class E>(std::type_identity<E>) {
        all.push_back(
            {{E::type, E::schema_version, E::summary},
             std::string(json::type_name<E>()),
             stream_pattern<E>()}
        );
    });
    std::ranges::sort(all, {}, [](const entry& each) { return each.info.type; });
    return all;
}

/// Defines the payload of every event, and so all that payloads are made of.
json::schema_writer payloads(const std::string& reference_prefix, json::personal_form personal) {
    json::schema_writer writer(reference_prefix, personal);
    for_each_event([&]<class E>(std::type_identity<E>) {
        auto schema = writer.answer_in_place<E>();
        schema["description"] = E::summary;
        writer.define(std::string(json::type_name<E>()), std::move(schema));
    });
    return writer;
}

struct header {
    std::string_view name;
    std::string_view description;
    bool required = true;
};

/// CloudEvents attributes and extensions as Kafka headers; names allow only a-z and 0-9.
constexpr std::array headers{
    header{"ce_specversion", "Always 1.0."},
    header{"ce_id", "The event's id, a UUIDv7."},
    header{"ce_source", "The instance that wrote it."},
    header{"ce_type", "The event type."},
    header{"ce_subject", "The stream that it belongs to."},
    header{"ce_time", "When it happened, RFC 3339 in UTC."},
    header{"content-type", "Always application/json."},
    header{"ce_schemaversion", "Version of the payload's schema."},
    header{"ce_streamversion", "Number of the event in its stream, from 1."},
    header{"ce_organization", "The organization; the nil UUID for user accounts."},
    header{"ce_actor", "The user's id, system:<process manager>, or cli:<user>@<host>."},
    header{"ce_correlationid", "What the request that began it all was called."},
    header{"ce_causationid", "The event that caused this one.", false},
    header{"ce_traceparent", "W3C trace context.", false},
    header{"ce_epoch", "Internal: the reign of the writer; readers fold by it."},
    header{"ce_sequence", "Internal: number of the record in its epoch."},
    header{"ce_commit", "Internal: the commit that it belongs to."},
    header{"ce_commitindex", "Internal: place in the commit, from 0."},
    header{"ce_commitcount", "Internal: how many records the commit has."},
    header{"ce_idempotencykey", "Internal: scope and key of a repeatable command.", false},
    header{"ce_fingerprint", "Internal: keyed hash of the request that bore the key.", false},
    header{"ce_answer", "Internal: what a repetition is answered, personal text sealed.", false},
};

bj::object header_schema() {
    bj::object properties;
    bj::array required;
    for (const auto& each : headers) {
        properties[each.name] = {{"type", "string"}, {"description", each.description}};
        if (each.required) {
            required.emplace_back(each.name);
        }
    }
    return {
        {"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}
    };
}

bj::object reference(std::string_view to) {
    return {{"$ref", to}};
}

bj::object message(const entry& each) {
    const bj::object constants{
        {"properties",
         {{"ce_type", {{"const", each.info.type}}},
          {"ce_schemaversion", {{"const", std::to_string(each.info.schema_version)}}}}}
    };
    return {
        {"name", each.info.type},
        {"title", each.info.type},
        {"summary", each.info.summary},
        {"description", "Stream " + each.stream + "."},
        {"contentType", "application/json"},
        {"headers", {{"allOf", {reference("#/components/schemas/cloud_event_headers"), constants}}}
        },
        {"payload", reference("#/components/schemas/" + each.struct_name)},
        {"bindings",
         {{"kafka", {{"key", {{"type", "string"}, {"description", "The organization's id."}}}}}}}
    };
}

constexpr std::string_view channel_description =
    "Every event of every organization, in one order for each organization. Readers of the raw "
    "topic also see claims of writers (ce_type log.writer_claimed) and records that do not count "
    "(ghosts): only records of the current epoch with the expected sequence number, in complete "
    "commits, are events.";

}  // namespace

bj::object asyncapi_document() {
    bj::object references;
    bj::object messages;
    for (const auto& each : entries()) {
        references[each.info.type] =
            reference("#/components/messages/" + std::string(each.info.type));
        messages[each.info.type] = message(each);
    }
    bj::object schemas{{"cloud_event_headers", header_schema()}};
    const auto writer = payloads("#/components/schemas/", json::personal_form::sealed);
    for (const auto& [name, schema] : writer.definitions()) {
        schemas[name] = schema;
    }
    return {
        {"asyncapi", "3.0.0"},
        {"info",
         {{"title", "TeamFlow events"},
          {"version", TEAMFLOW_VERSION},
          {"license", {{"name", "Apache-2.0"}}}}},
        {"defaultContentType", "application/json"},
        {"channels",
         {{"events",
           {{"address", "teamflow.events"},
            {"description", channel_description},
            {"messages", std::move(references)}}}}},
        {"operations",
         {{"append", {{"action", "send"}, {"channel", reference("#/channels/events")}}}}},
        {"components", {{"messages", std::move(messages)}, {"schemas", std::move(schemas)}}}
    };
}

std::string event_typescript() {
    std::string text =
        "// The events of TeamFlow as clients get them. Generated by `teamflow docs`: do not "
        "edit.\n\n";
    const auto writer = payloads("#/", json::personal_form::text);
    for (const auto& [name, schema] : writer.definitions()) {
        text += json::to_typescript(name, schema) + "\n";
    }
    text +=
        "/** One event with all that history knows about it. */\n"
        "export interface Envelope<Type extends string, Data> {\n"
        "  id: string;\n"
        "  type: Type;\n"
        "  schema_version: number;\n"
        "  stream: string;\n"
        "  stream_version: number;\n"
        "  organization_id: string;\n"
        "  actor: string;\n"
        "  time: string;\n"
        "  correlation_id: string;\n"
        "  causation_id: string | null;\n"
        "  partition: number;\n"
        "  offset: number;\n"
        "  data: Data;\n"
        "}\n\n"
        "export type TeamflowEvent =";
    for (const auto& each : entries()) {
        text += "\n  | Envelope<\"" + std::string(each.info.type) + "\", " +
                json::to_type_name(each.struct_name) + ">";
    }
    return text + ";\n";
}

std::string event_catalogue() {
    std::string text =
        "# Event catalogue\n\n"
        "Generated by `teamflow docs` from the structs in `events/`: do not edit. Types are those "
        "of TypeScript; `personal` fields hold text sealed under the key of the person named. "
        "Members with a question mark are absent when they did not change.\n";
    const auto writer = payloads("#/", json::personal_form::sealed);
    std::string family;
    for (const auto& each : entries()) {
        const std::string its_family(each.info.type.substr(0, each.info.type.find('.')));
        if (its_family != family) {
            family = its_family;
            text += "\n## " + family + "\n";
        }
        text += "\n### " + std::string(each.info.type) + "\n\n" + std::string(each.info.summary) +
                " Stream `" + each.stream + "`, version " +
                std::to_string(each.info.schema_version) + ".\n\n```ts\n";
        auto schema = writer.definitions().at(each.struct_name);
        schema.erase("description");
        text += json::to_typescript(each.struct_name, schema) + "```\n";
    }
    text += "\n## Parts\n\n```ts\n";
    const auto all = entries();
    for (const auto& [name, schema] : writer.definitions()) {
        if (std::ranges::find(all, name, &entry::struct_name) == all.end()) {
            text += json::to_typescript(name, schema);
        }
    }
    return text + "```\n";
}

std::vector<generated_document> event_documents() {
    std::vector<generated_document> all{
        {"asyncapi.json", json::pretty(asyncapi_document())},
        {"events.md", event_catalogue()},
        {"events.ts", event_typescript()}
    };
    std::map<std::string, std::string> schemas;
    for_each_event([&]<class E>(std::type_identity<E>) {
        const std::string version = std::to_string(E::schema_version);
        bj::object schema{
            {"$id", "urn:teamflow:event:" + std::string(E::type) + ":" + version},
            {"title", E::type},
            {"description", E::summary}
        };
        const bj::object body = json::schema<E>();
        for (const auto& member : body) {
            schema[member.key()] = member.value();
        }
        schemas["schemas/" + std::string(E::type) + ".v" + version + ".json"] =
            json::pretty(schema);
    });
    for (auto& [path, text] : schemas) {
        all.push_back({path, std::move(text)});
    }
    return all;
}

}  // namespace teamflow::events
