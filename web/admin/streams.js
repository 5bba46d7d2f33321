// One stream as it was at any version: a slider over its events.

import {current, get, queryOf} from "/admin/ui/api.js";
import {el, fault, field, fill, speak, time} from "/admin/ui/dom.js";
import {lineOf} from "/admin/ui/events.js";

const PAGE = 1000;
const SHOWN = 2000;

function shownAs(value) {
    const isPlain = (each) => typeof each !== "object" || each === null;
    if (value === null) {
        return "none";
    }
    if (isPlain(value)) {
        return String(value);
    }
    if (Array.isArray(value) && value.every(isPlain)) {
        return value.length === 0 ? "none" : value.join(", ");
    }
    return JSON.stringify(value, null, 2);
}

/** The members of a state; those that the version changed are marked. */
function stateOf(now, before) {
    const names = Object.keys(now);
    if (names.length === 0) {
        return el("p", {class: "none"}, "Nothing is known of this state.");
    }
    return el("dl", {class: "state"}, names.map((name) => {
        const changed = before !== null
            && JSON.stringify(now[name]) !== JSON.stringify(before[name]);
        return el("div", {class: changed ? "changed" : ""},
            el("dt", {}, name.replaceAll("_", " "),
                changed ? el("span", {class: "mark-changed"}, "changed") : null),
            el("dd", {}, shownAs(now[name])));
    }));
}

function formOf(stream, organization) {
    const name = el("input", {
        id: "stream", value: stream ?? "", required: true, placeholder: "task-0193...",
        autocomplete: "off", spellcheck: "false"});
    const owner = current().operator
        ? el("input", {
            id: "organization_id", value: organization, required: true, placeholder: "id",
            autocomplete: "off", spellcheck: "false"})
        : null;
    const form = el("form", {class: "card filters", "aria-label": "Stream"},
        el("div", {class: "grid"}, field("Stream", name,
            "A kind and an id, as the log names it."),
        owner && field("Organization", owner)),
        el("div", {class: "buttons"},
            el("button", {type: "submit", class: "primary"}, "Show")));
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        location.hash = `#/streams/${encodeURIComponent(name.value.trim())}`
            + queryOf({organization_id: owner?.value.trim()});
    });
    return form;
}

/** Its events, oldest first, at most SHOWN. */
async function eventsOf(scope, signal) {
    const all = [];
    let after = "";
    while (all.length < SHOWN) {
        const page = await get("/events", {...scope, after, limit: PAGE}, signal);
        all.push(...page.events);
        after = page.next_after;
        if (page.events.length < PAGE) {
            break;
        }
    }
    return all;
}

/** Reads each version once. */
function reader(stream, scope, signal) {
    const known = new Map();
    return (version) => {
        if (!known.has(version)) {
            const read = get(`/streams/${encodeURIComponent(stream)}`, {...scope, version}, signal);
            read.catch(() => known.delete(version));
            known.set(version, read);
        }
        return known.get(version);
    };
}

export async function showStream(root, [stream], parameters, signal) {
    const organization = parameters.get("organization_id") ?? "";
    const body = el("div", {class: "pile"});
    fill(root, el("h1", {}, "Streams"),
        el("p", {class: "lead"}, "What a resource was after each of its events."),
        formOf(stream, organization), body);
    if (!stream) {
        return;
    }
    const scope = {organization_id: organization};
    try {
        const newest = await get(`/streams/${encodeURIComponent(stream)}`, scope, signal);
        const events = await eventsOf({...scope, stream}, signal);
        const wanted = Number(parameters.get("version")) || newest.version;
        showSlider(body, newest, events, Math.min(Math.max(wanted, 1), newest.version),
            reader(stream, scope, signal), signal);
    } catch (error) {
        if (!signal.aborted) {
            fill(body, fault(error));
        }
    }
}

function showSlider(body, newest, events, start, read, signal) {
    const slider = el("input", {
        id: "version", type: "range", min: 1, max: newest.version, value: start,
        disabled: newest.version === 1});
    const label = el("output", {for: "version", class: "small"});
    const state = el("div", {});
    const lines = events.map((event) => {
        const line = lineOf(event);
        const go = el("button", {type: "button", class: "go",
            "aria-label": `Show version ${event.stream_version}`}, String(event.stream_version));
        go.addEventListener("click", () => {
            slider.value = event.stream_version;
            show();
        });
        return {event, row: el("li", {}, go, line)};
    });
    const show = async () => {
        const version = Number(slider.value);
        for (const {event, row} of lines) {
            row.classList.toggle("now", event.stream_version === version);
            row.classList.toggle("later", event.stream_version > version);
        }
        try {
            const [now, before] = await Promise.all([
                read(version), version > 1 ? read(version - 1) : null]);
            if (Number(slider.value) !== version || signal.aborted) {
                return;
            }
            const type = lines.find((each) => each.event.stream_version === version)?.event.type;
            slider.setAttribute("aria-valuetext",
                `Version ${version} of ${newest.version}${type ? `, ${type}` : ""}`);
            fill(label, `Version ${version} of ${newest.version} · `, time(now.time),
                type ? ` · ${type}` : "");
            fill(state, stateOf(now.state, before?.state ?? null));
        } catch (error) {
            if (!signal.aborted) {
                fill(state, fault(error));
            }
        }
    };
    slider.addEventListener("input", show);
    fill(body,
        el("section", {class: "card"},
            el("div", {class: "row between"}, el("label", {for: "version"}, "Version"), label),
            slider),
        el("div", {class: "two"},
            el("section", {class: "card", "aria-label": "State"}, el("h2", {}, "State"), state),
            el("section", {class: "card", "aria-label": "Events"}, el("h2", {}, "Events"),
                el("ol", {class: "versions"}, lines.map((each) => each.row)))));
    speak(`${newest.stream} has ${newest.version} versions`);
    show();
}
