// The log: all events in their order, filtered, page by page, or as they come.

import {current, follow, get, queryOf} from "/admin/ui/api.js";
import {acting, el, fault, field, fill, number, speak, time} from "/admin/ui/dom.js";

const PAGE = 50;
const TAIL = 200;
const FILTERS = ["type", "stream", "from", "to", "actor", "correlation_id", "organization_id"];

function linkTo(parameters) {
    return `#/events${queryOf(parameters)}`;
}

/** Where a stream is shown. */
export function streamLink(event) {
    return `#/streams/${encodeURIComponent(event.stream)}` + queryOf({
        organization_id: current().operator ? event.organization_id : "",
        version: event.stream_version,
    });
}

function detailsOf(event) {
    const rows = [
        ["Event", event.id], ["Organization", event.organization_id],
        ["Request", event.correlation_id], ["Cause", event.causation_id],
        ["Schema version", event.schema_version],
    ].filter(([, value]) => value !== null && value !== undefined);
    return el("div", {class: "inside"},
        el("dl", {class: "facts"}, rows.map(([name, value]) => el("div", {class: "fact"},
            el("dt", {}, name), el("dd", {}, el("code", {}, String(value)))))),
        el("pre", {tabindex: "0", "aria-label": "Data"}, JSON.stringify(event.data, null, 2)),
        el("div", {class: "links"},
            el("a", {href: streamLink(event)}, "The stream at this version"),
            el("a", {href: linkTo({correlation_id: event.correlation_id})},
                "All of this request"),
            el("a", {href: linkTo({actor: event.actor})}, "All of this actor")));
}

/** One event, opened by a click or the Enter key. */
export function lineOf(event) {
    const inside = el("div", {});
    const made = el("details", {class: "event"},
        el("summary", {},
            el("span", {class: "event-type"}, event.type),
            el("span", {class: "event-stream"}, `${event.stream} · ${event.stream_version}`),
            el("span", {class: "event-time"}, time(event.time)),
            el("span", {class: "event-place"}, `${event.partition}@${event.offset}`)),
        inside);
    made.addEventListener("toggle", () => fill(inside, made.open ? detailsOf(event) : null));
    return made;
}

/** A moment of the form, in the time of the browser, as the API wants it; and back. */
function toInstant(local) {
    return local === "" ? "" : new Date(local).toISOString();
}

function toLocal(instant) {
    if (!instant) {
        return "";
    }
    const moment = new Date(instant);
    const shifted = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
    return shifted.toISOString().slice(0, 19);
}

async function formOf(asked, signal) {
    const {event_types: types} = await get("/event-types", {}, signal);
    const input = (id, attributes = {}) => el("input", {
        id, name: id, value: asked.get(id) ?? "", autocomplete: "off", spellcheck: "false",
        ...attributes});
    const when = (id) => el("input", {
        id, name: id, type: "datetime-local", step: 1, value: toLocal(asked.get(id))});
    const fields = [
        field("Type", input("type", {list: "types", placeholder: "task.task_created"})),
        field("Stream", input("stream", {placeholder: "task-0193..."})),
        field("From", when("from")),
        field("To", when("to")),
        field("Actor", input("actor", {placeholder: "id of a user"})),
        field("Request", input("correlation_id", {placeholder: "correlation id"})),
    ];
    if (current().operator) {
        fields.push(field("Organization", input("organization_id", {placeholder: "id"})));
    }
    const form = el("form", {"aria-label": "Filters"},
        el("div", {class: "grid"}, fields),
        el("datalist", {id: "types"}, types.map((each) => el("option", {value: each.type},
            each.summary))),
        el("div", {class: "buttons"},
            el("button", {type: "submit", class: "primary"}, "Show"),
            el("a", {class: "button", href: "#/events"}, "Clear")));
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        const wanted = Object.fromEntries(FILTERS.map(
            (name) => [name, form.elements[name]?.value.trim() ?? ""]));
        wanted.from = toInstant(wanted.from);
        wanted.to = toInstant(wanted.to);
        const next = linkTo(wanted);
        if (next === location.hash || (next === "#/events" && location.hash === "")) {
            window.dispatchEvent(new HashChangeEvent("hashchange"));
        } else {
            location.hash = next;
        }
    });
    // Where there is little room it opens at a touch, or when something is filtered.
    const open = matchMedia("(min-width: 44rem)").matches || FILTERS.some((id) => asked.get(id));
    return el("details", {class: "card filters", open}, el("summary", {}, "Filters"), form);
}

/** Page by page; the API reads forward, so the way back is remembered. */
async function showPages(list, told, asked, signal) {
    const starts = [""];
    const turn = async () => {
        const found = await get("/events",
            {...asked, after: starts.at(-1), limit: PAGE}, signal);
        const first = starts.length === 1;
        const last = found.events.length < PAGE;
        fill(list,
            found.events.length === 0
                ? el("p", {class: "none"}, "No event fits.")
                : el("div", {class: "events"}, found.events.map(lineOf)),
            el("div", {class: "buttons pager"},
                first ? null : acting("Back", () => {
                    starts.pop();
                    return turn();
                }, told),
                el("span", {class: "small"},
                    `Page ${starts.length}, ${found.events.length} events`),
                last ? null : acting("Next", () => {
                    starts.push(found.next_after);
                    return turn();
                }, told)));
        speak(`${found.events.length} events`);
    };
    await turn();
}

/** The newest first, as they come. */
async function showTail(list, asked, signal, tellLine) {
    const count = el("p", {class: "small", role: "status"}, "Waiting for the next event ...");
    const lines = el("div", {class: "events"});
    fill(list, count, lines);
    let seen = 0;
    await follow("/events", asked, signal, (event) => {
        seen += 1;
        lines.prepend(lineOf(event));
        while (lines.childElementCount > TAIL) {
            lines.lastElementChild.remove();
        }
        count.textContent = `${number(seen)} events since you came here`;
    }, (error) => {
        tellLine(error);
        if (error?.status && error.status < 500) {
            fill(list, fault(error));
        }
    });
}

export async function showEvents(root, [mode], parameters, signal, tellLine) {
    const live = mode === "live";
    const asked = Object.fromEntries(FILTERS.map((name) => [name, parameters.get(name) ?? ""]));
    const told = el("div", {});
    const list = el("div", {}, el("p", {class: "none"}, "Reading ..."));
    const query = queryOf(asked);
    fill(root,
        el("div", {class: "row between"}, el("h1", {}, "Log"),
            el("div", {class: "choice", role: "group", "aria-label": "What is shown"},
                el("a", {href: `#/events${query}`, "aria-current": live ? null : "true"},
                    "History"),
                el("a", {href: `#/events/live${query}`, "aria-current": live ? "true" : null},
                    "Live"))),
        await formOf(parameters, signal), told, list);
    try {
        await (live ? showTail(list, asked, signal, tellLine)
            : showPages(list, told, asked, signal));
    } catch (error) {
        if (!signal.aborted) {
            fill(list, fault(error));
        }
    }
}
