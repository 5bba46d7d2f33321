// The processes of the instance, and who owns which partition of the log.

import {get} from "/admin/ui/api.js";
import {badge, el, fault, fill, number, table, time} from "/admin/ui/dom.js";

const INTERVAL = 2000;
const MOODS = {
    caught_up: "good", moving: "busy-mood", stalled: "bad", parked: "warn", ownerless: "bad",
};

function healthOf(health) {
    return health
        ? el("span", {title: health.reason},
            badge(MOODS[health.state] ?? "", health.state.replaceAll("_", " ")))
        : badge("", "not looked at yet");
}

/** `0-3, 7` of a sorted list. */
export function ranges(all) {
    const parts = [];
    for (const each of [...all].sort((left, right) => left - right)) {
        const last = parts.at(-1);
        if (last && each === last[1] + 1) {
            last[1] = each;
        } else {
            parts.push([each, each]);
        }
    }
    return parts.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(", ")
        || "none";
}

function nodeRow(node) {
    return [
        el("div", {class: "stack"}, el("strong", {}, node.address || "no address"),
            el("span", {class: "small"}, `${node.host} · process ${node.process_id}`)),
        node.is_alive ? badge("good", "alive") : badge("bad", "gone"),
        node.roles.join(", "),
        ranges(node.partitions),
        ranges(node.projected_partitions),
        node.version,
        time(node.started_at),
        time(node.seen_at),
    ];
}

function partitionRow(each) {
    return [
        `${each.partition}`,
        healthOf(each.health),
        each.owner || "nobody",
        time(each.owned_since),
        number(each.end),
        number(each.archived),
        number(each.ghosts),
    ];
}

export async function showNodes(root, _rest, _parameters, signal, tellLine) {
    const body = el("div", {class: "pile"}, el("p", {class: "none"}, "Reading ..."));
    fill(root, el("h1", {}, "Processes"), body);
    const look = async () => {
        const [instance, log] = await Promise.all([
            get("/admin/nodes", {}, signal), get("/admin/log", {}, signal)]);
        const ill = instance.health.filter((each) => each.state !== "caught_up");
        fill(body,
            ill.length === 0 ? null : el("section", {class: "card"}, el("h2", {}, "To look at"),
                el("ul", {class: "plain"}, ill.map((each) => el("li", {},
                    healthOf(each), ` ${each.subject}: ${each.reason}`)))),
            el("section", {}, table("Processes", ["Address", "State", "Roles",
                "Owns partitions", "Projects partitions", "Version", "Started", "Seen"],
            instance.nodes.map(nodeRow), "No process was seen within a day.")),
            el("section", {}, el("h2", {}, "Partitions of the log"),
                el("p", {class: "small"}, `${log.backend} log ${log.log_id}, made `,
                    time(log.created_at)),
                table("Partitions", ["Partition", "Health", "Owner", "Owned since", "End",
                    "Archived to", "Ghosts"], log.partitions.map(partitionRow), "No partitions.")));
        tellLine(null);
    };
    await look();
    const again = () => look().catch((error) => {
        if (!signal.aborted) {
            tellLine(error);
            if (error.status && error.status < 500) {
                fill(body, fault(error));
            }
        }
    }).finally(() => {
        if (!signal.aborted) {
            setTimeout(again, INTERVAL);
        }
    });
    setTimeout(again, INTERVAL);
}
