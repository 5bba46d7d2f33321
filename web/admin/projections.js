// The read models: how they stand, live, and what an admin does with one.

import {follow, get, post} from "/admin/ui/api.js";
import {
    acting, ask, badge, bar, duration, el, fault, field, fill, number, speak, table, time,
} from "/admin/ui/dom.js";

const MOODS = {
    live: "good", rebuilding: "busy-mood", catching_up: "busy-mood", comparing: "busy-mood",
    swapping: "busy-mood", paused: "warn", stalled: "bad", failed: "bad",
};
const STAGES = {
    waiting: "Waiting for a projector", folding: "Folding the log", indexing: "Making indexes",
    catching_up: "Catching up", comparing: "Comparing with the live build",
    swapping: "Swapping in", done: "Done", aborted: "Aborted", in_place: "Made anew in its place",
};

export function words(name) {
    return name.replaceAll("_", " ");
}

function mood(status) {
    return badge(MOODS[status] ?? "", words(status));
}

function path(name) {
    return `/admin/projections/${encodeURIComponent(name)}`;
}

function rowOf(each) {
    const rebuild = each.rebuild;
    return [
        el("a", {href: `#/projections/${each.name}`}, each.name),
        el("div", {class: "stack"}, mood(each.status), rebuild && el("div", {class: "bar-line"},
            bar(rebuild.percent, `Rebuild of ${each.name}`),
            el("span", {class: "small"}, `${rebuild.percent.toFixed(1)} %`))),
        number(each.lag_events),
        duration(each.lag_seconds),
        each.parked === 0 ? "0"
            : el("a", {href: `#/parked/${each.name}`}, number(each.parked)),
        String(each.version),
    ];
}

export async function showProjections(root, [name], _parameters, signal, tellLine) {
    if (name) {
        await showOne(root, name, signal, tellLine);
        return;
    }
    const list = el("div", {}, el("p", {class: "none"}, "Reading ..."));
    fill(root, el("h1", {}, "Read models"),
        el("p", {class: "lead"}, "Each is a fold of the log. Lag counts events that it has not ",
            "read yet."),
        list);
    await follow("/admin/projections", {}, signal, (found) => {
        const focused = document.activeElement?.getAttribute("href");
        fill(list, table("Read models",
            ["Read model", "Status", "Lag", "Behind for", "Parked", "Version"],
            found.projections.map(rowOf), "There is no read model."));
        // The rows are made anew; who was in one of them still is.
        if (focused) {
            list.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
        }
    }, (error) => {
        tellLine(error);
        if (error?.status) {
            fill(list, fault(error));
        }
    });
}

function fact(name, ...value) {
    return el("div", {class: "fact"}, el("dt", {}, name), el("dd", {}, value));
}

/** Each partition with its percent. */
function partitionsOf(rebuild) {
    const all = Object.entries(rebuild.partitions);
    return all.length === 0 ? null : el("ol", {class: "partitions", "aria-label": "By partition"},
        all.map(([partition, percent]) => el("li", {},
            el("span", {}, `${partition}`),
            bar(percent, `Partition ${partition}`, "thin"),
            el("span", {class: "small"}, `${Math.floor(percent)} %`))));
}

function outcome(made) {
    if (made === null || made === undefined) {
        return null;
    }
    return made.equal
        ? el("p", {class: "well"}, "The build before was equal to the fold of the log.")
        : [el("p", {class: "ill"}, "The build before differed."), differenceOf(made)];
}

function differenceOf(made) {
    const first = made.first_difference;
    const text = (value) => JSON.stringify(value);
    return el("section", {class: "card", "aria-label": "Difference"},
        first && el("dl", {class: "facts"},
            fact("First difference", el("code", {},
                `${first.table} ${text(first.key)} ${first.column}`)),
            fact("Event", el("code", {}, text(first.position))),
            fact("Live", el("code", {}, text(first.live))),
            fact("Fresh", el("code", {}, text(first.fresh)))),
        table("Tables", ["Table", "Live rows", "Fresh rows", "Differ"],
            made.tables.map((each) => [each.table, number(each.live_rows),
                number(each.fresh_rows), number(each.differing)]), "No tables."));
}

function moodOf(rebuild, status) {
    if (rebuild.error) {
        return "bad";
    }
    if (rebuild.ended_at) {
        return rebuild.stage === "done" ? "good" : "warn";
    }
    return status === "paused" ? "warn" : "busy-mood";
}

function progressOf(rebuild, status) {
    const going = !rebuild.ended_at;
    return [
        el("div", {class: "row between"},
            el("h2", {}, rebuild.is_undo ? "Return to the build before" : "Rebuild"),
            badge(moodOf(rebuild, status),
                status === "paused" ? "Paused" : STAGES[rebuild.stage] ?? words(rebuild.stage))),
        bar(rebuild.percent, "Progress", "wide"),
        el("dl", {class: "facts"},
            fact("Done", `${rebuild.percent.toFixed(1)} %`),
            fact("Events per second", number(Math.round(rebuild.events_per_second))),
            fact(going ? "Time left" : "Ended",
                going ? duration(rebuild.eta_seconds) : time(rebuild.ended_at)),
            fact("Asked for by", rebuild.requested_by ?? "the program"),
            rebuild.requested_at && fact("Asked for at", time(rebuild.requested_at))),
        rebuild.throttled && going ? el("p", {class: "note"},
            "It gives way: live read models are behind.") : null,
        rebuild.error ? el("div", {class: "fault", role: "alert"}, el("p", {}, rebuild.error))
            : null,
        outcome(rebuild.comparison),
        partitionsOf(rebuild),
    ];
}

async function askRebuild(name) {
    const keep = el("input", {
        id: "keep", type: "number", min: 0, max: 8760, value: 24, required: true,
        inputmode: "numeric"});
    const agreed = await ask(`Rebuild ${name}?`,
        "The new build is made beside the live one, compared with it, and takes its place in one "
        + "transaction. Nobody notices it.",
        "Rebuild", [field("Hours that the build before is kept for an undo", keep)]);
    if (agreed) {
        await post(`${path(name)}/rebuild`, {keep_hours: Number(keep.value)});
    }
}

async function askAnd(title, text, go, act) {
    if (await ask(title, text, go, [], "danger")) {
        await act();
    }
}

async function estimate(name, told) {
    const made = await post(`${path(name)}/rebuild`, {dry_run: true});
    const megabytes = (made.bytes / 1e6).toFixed(1);
    const text = `A rebuild of ${name} would read ${number(made.events)} events, take about `
        + `${duration(made.seconds)} at ${number(made.events_per_second)} events per second, and `
        + `need ${megabytes} MB beside the live tables.`;
    fill(told, el("p", {class: "note", role: "status"}, text));
}

async function verify(name, told) {
    fill(told, el("p", {class: "note", role: "status"},
        "Folding the log anew and comparing. This reads all of history."));
    const made = await post(`${path(name)}/verify`);
    const text = made.equal ? `${name} is equal to a fresh fold of the log.`
        : `${name} differs from a fresh fold of the log.`;
    fill(told, el("div", {class: made.equal ? "note" : "fault", role: "status"},
        el("p", {}, text),
        made.parked > 0 ? el("p", {}, `Events that are parked: ${made.parked}.`) : null),
    made.equal ? null : differenceOf(made));
    speak(text);
}

/** The buttons, each there when it can be used now. */
function buttonsOf(name, told) {
    const steer = (wish) => async () => {
        await post(`${path(name)}/${wish}`);
        fill(told);
    };
    const made = {
        rebuild: acting("Rebuild", () => askRebuild(name), told, {class: "primary"}),
        pause: acting("Pause", steer("pause"), told),
        resume: acting("Resume", steer("resume"), told, {class: "primary"}),
        abort: acting("Abort", () => askAnd(`Abort the rebuild of ${name}?`,
            "What was made is dropped. The live read model stays as it is.", "Abort it",
            steer("abort")), told, {class: "danger"}),
        dry: acting("Dry run", () => estimate(name, told), told),
        verify: acting("Verify", () => verify(name, told), told),
        undo: acting("Undo", () => askAnd(`Return ${name} to the build before?`,
            "The build before catches up with the log, is compared, and takes the place of the "
            + "live one.", "Return to it",
            () => post(`${path(name)}/rebuild`, {undo: true})), told),
    };
    const set = (newest) => {
        const going = newest.rebuild && !newest.rebuild.ended_at
            && newest.rebuild.stage !== "in_place";
        const halted = newest.status === "paused" || newest.status === "failed";
        made.rebuild.hidden = Boolean(going);
        made.dry.hidden = Boolean(going);
        made.pause.hidden = !going || halted;
        made.resume.hidden = !going || !halted;
        made.abort.hidden = !going;
        made.undo.hidden = Boolean(going) || !newest.undo_until;
    };
    return {row: el("div", {class: "buttons"}, Object.values(made)), set};
}

async function showOne(root, name, signal, tellLine) {
    const told = el("div", {class: "pile"});
    const facts = el("div", {});
    const card = el("section", {class: "card", "aria-label": "Newest rebuild"});
    const buttons = buttonsOf(name, told);
    const first = await get(path(name), {}, signal);
    fill(root,
        el("p", {class: "way"}, el("a", {href: "#/projections"}, "Read models")),
        el("div", {class: "row"}, el("h1", {}, name)), facts, buttons.row, told, card);
    let stage = "";
    const take = async (newest) => {
        buttons.set(newest);
        const rebuild = newest.rebuild;
        fill(card, rebuild ? progressOf(rebuild, newest.status)
            : el("p", {class: "none"}, "It has not been rebuilt yet."));
        if (rebuild && rebuild.stage !== stage) {
            stage = rebuild.stage;
            speak(`Rebuild of ${name}: ${STAGES[stage] ?? stage}`);
        }
        tellFacts(facts, newest, await get(path(name), {}, signal));
    };
    const look = () => get(path(name), {}, signal).then(
        (found) => tellFacts(facts, {}, found)).catch(() => {});
    tellFacts(facts, {}, first);
    const timer = setInterval(look, 2000);
    signal.addEventListener("abort", () => clearInterval(timer));
    await follow(`${path(name)}/rebuild`, {}, signal, (newest) => {
        take(newest).catch(() => {});
    }, tellLine);
}

function tellFacts(into, newest, found) {
    if (newest.undo_until !== undefined) {
        into.undoUntil = newest.undo_until;
    }
    fill(into, el("dl", {class: "facts"},
        fact("Status", mood(found.status)),
        fact("Lag", `${number(found.lag_events)} events`),
        fact("Behind for", duration(found.lag_seconds)),
        fact("Parked", found.parked === 0 ? "0"
            : el("a", {href: `#/parked/${found.name}`}, number(found.parked))),
        fact("Version", String(found.version)),
        into.undoUntil ? fact("Undo until", time(into.undoUntil)) : null));
}
