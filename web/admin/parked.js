// Commits that a read model could not take: try them again, or give them up.

import {get, post} from "/admin/ui/api.js";
import {acting, ask, el, field, fill, number, speak, time} from "/admin/ui/dom.js";

function path(name) {
    return `/admin/projections/${encodeURIComponent(name)}/parked`;
}

function fact(name, ...value) {
    return el("div", {class: "fact"}, el("dt", {}, name), el("dd", {}, value));
}

function tell(done) {
    const rest = done.waiting > 0 ? `${done.waiting} still wait.` : "None waits any more.";
    const why = done.error ? ` ${done.error}` : "";
    return `${done.applied} of its commits were taken. ${rest}${why}`;
}

async function askReason() {
    const reason = el("textarea", {id: "reason", required: true, maxlength: 500, rows: 3});
    const agreed = await ask("Give this commit up?",
        "This read model goes on without it, now and in every build to come. What waits behind "
        + "it is tried.", "Give it up", [field("Why, for the record", reason)], "danger");
    return agreed ? reason.value : null;
}

function cardOf(name, commit, told, renew) {
    const act = async (kind, body) => {
        const done = await post(`${path(name)}/${commit.id}/${kind}`, body);
        fill(told, el("p", {class: done.error ? "fault" : "note", role: "status"}, tell(done)));
        speak(tell(done));
        await renew();
    };
    return el("article", {class: "card parked", "aria-label": `${commit.type} of ${commit.key}`},
        el("div", {class: "row between"},
            el("h3", {}, commit.type),
            el("div", {class: "buttons"},
                acting("Retry", () => act("retry"), told, {class: "primary"}),
                acting("Skip", async () => {
                    const reason = await askReason();
                    if (reason !== null) {
                        await act("skip", {reason});
                    }
                }, told, {class: "danger"}))),
        el("p", {class: "why"}, commit.error),
        el("dl", {class: "facts"},
            fact("Read model", el("a", {href: `#/projections/${name}`}, name)),
            fact("Waits under", el("code", {}, commit.key)),
            fact("Place", el("code", {}, `${commit.partition}@${commit.offset}`)),
            fact("Attempts", number(commit.attempt)),
            fact("Parked", time(commit.parked_at)),
            fact("Waiting", number(commit.waiting)),
            fact("Commit", el("code", {}, commit.id))));
}

export async function showParked(root, [wanted], _parameters, signal) {
    const told = el("div", {});
    const list = el("div", {class: "cards"});
    const renew = async () => {
        const {projections} = await get("/admin/projections", {}, signal);
        const names = projections.filter((each) => each.parked > 0)
            .map((each) => each.name).filter((name) => !wanted || name === wanted);
        const found = await Promise.all(names.map(async (name) =>
            (await get(path(name), {}, signal)).parked.map((each) => [name, each])));
        const all = found.flat();
        fill(list, all.length === 0
            ? el("p", {class: "none"}, "Nothing is parked. Every event was taken.")
            : all.map(([name, commit]) => cardOf(name, commit, told, renew)));
    };
    fill(root,
        el("h1", {}, wanted ? `Parked in ${wanted}` : "Parked"),
        el("p", {class: "lead"}, "What a read model could not take waits here with its commit. ",
            "Later events of its stream wait behind it, everything else goes on."),
        wanted ? el("p", {}, el("a", {href: "#/parked"}, "Show those of all read models")) : null,
        el("div", {class: "buttons"}, acting("Look again", renew, told)), told, list);
    await renew();
}
