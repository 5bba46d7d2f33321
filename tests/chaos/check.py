"""The judge of a run, from its files alone: `check(directory)` is a list of what must not be."""

import sys
from collections import defaultdict
from pathlib import Path
from typing import Any, Iterable, Iterator

from support import judge, raw_log, world
from support.load import Operation, fixed

from chaos import exports, refusals
from chaos.history import NOBODYS, read_lines
from chaos.record import decided, read_command, read_log

#: Any request is answered within so many seconds of a time when its gateway was not held up.
ANSWER_WITHIN = 30.0
#: Faults during which a gateway, or the way to it, says nothing.
SILENT = {"pause", "cut", "cut_up", "cut_down", "delay", "trickle", "late_produce"}
TOKEN_LIFE = 900.0

Line = dict[str, Any]


def check(directory: Path) -> list[str]:
    lines = list(read_lines(directory / "history.jsonl"))
    commands = [read_command(line) for line in lines if line["kind"] == "command"]
    faults = [line["what"] for line in lines if line["kind"] == "violation"]
    faults += [
        f"{line['process']} did not stop in good order: {line['code']} after {line['took']:.0f} s"
        for line in lines if line["kind"] == "stopped" and line["code"] != 0
    ]
    faults += answers(commands) + statuses(commands) + in_time(lines, commands)
    faults += keys(read_lines(directory / "keys.jsonl"))
    faults += log(directory)
    valid = valid_events(directory)
    accounts = list(read_lines(directory / f"events-{NOBODYS}.jsonl"))
    faults += check_accounts(accounts, [each for each in commands if each.organization == NOBODYS])
    faults += shown(directory, NOBODYS, valid[NOBODYS])
    for organization in read_lines(directory / "organizations.jsonl"):
        own = [each for each in commands if each.organization == organization["id"]]
        faults += check_organization(directory, organization, own, world.accounts(accounts))
        faults += exports.check(
            (line for line in lines if line["kind"] == "export"
             and line["organization"] == organization["id"]),
            list(read_lines(directory / f"events-{organization['id']}.jsonl")),
        )
        faults += shown(directory, organization["id"], valid[organization["id"]])
    return faults


def check_accounts(history: list[Line], commands: list[Operation]) -> list[str]:
    """While the load runs nobody registers."""
    changes = [event for event in history if event["type"] == "identity.profile_changed"]
    return judge.effects(commands, changes) + judge.versions(history) + order(commands)


def check_organization(
    directory: Path, of: Line, commands: list[Operation], accounts: world.Rows
) -> list[str]:
    """Acknowledged, refused and unknown commands, streams, timers, read models and feeds."""
    history = list(read_lines(directory / f"events-{of['id']}.jsonl"))
    since = history[of["before"]:]
    faults = judge.effects(commands, since) + judge.versions(history) + judge.timers(history)
    if history[of["before"] - 1]["id"] != of["before_last"]:
        faults.append("history was rewritten")
    faults += order(commands) + refusals.check(commands, history, of["project"])
    faults += [f"an event of {event['organization_id']} is shown to {of['id']}"
               for event in history if event["organization_id"] != of["id"]]
    faults += [f"{event['id']} lasts {event['data']['duration_seconds']} s"
               for event in history if (event["data"].get("duration_seconds") or 0) < 0]
    faults += judge.read_models(of["tables"], world.World(history), accounts)
    for feed in sorted(directory.glob(f"feed-{of['id']}-*.jsonl")):
        faults += [f"{feed.name}: {each}" for each in judge.delivered(
            list(read_lines(feed)), since)]
    return faults


def order(commands: Iterable[Operation]) -> list[str]:
    """Whatever was acknowledged before a command was sent lies before it in the log: the commands
    of an organization, at all gateways, are as if done at one place one after the other."""
    made = [(done, int(done.position.split("@")[1])) for done in commands if done.events_made > 0]
    by_end = sorted(made, key=lambda each: each[0].tries[-1].end)
    faults: list[str] = []
    newest, next_end = -1, 0
    for done, at in sorted(made, key=lambda each: each[0].tries[0].begin):
        while by_end[next_end][0].tries[-1].end < done.tries[0].begin:
            newest = max(newest, by_end[next_end][1])
            next_end += 1
        if at < newest:
            faults.append(f"{done.path} at {done.position}, sent after {newest} was acknowledged")
    return faults


def answers(commands: Iterable[Operation]) -> list[str]:
    """Whoever sends a key again gets what was answered first."""
    faults: list[str] = []
    first: dict[tuple[str, str], Operation] = {}
    for done in commands:
        if not done.happened:
            continue
        before = first.setdefault((done.user, done.key), done)
        told = (done.status, done.position, done.version, fixed(done.answer))
        if told != (before.status, before.position, before.version, fixed(before.answer)):
            faults.append(f"two answers to key {done.key}: {before} and {done}")
    return faults


def statuses(commands: Iterable[Operation]) -> list[str]:
    """While owners change a command is answered by 2xx, 429 and 5xx, or refused for what it is;
    and a token is good as long as it lives."""
    faults: list[str] = []
    signed_out: dict[str, list[float]] = defaultdict(list)
    for done in commands:
        # While PostgreSQL is away nobody can sign in: until then an old token stays what it is.
        if ended := [each.end for each in done.tries if each.status == 401]:
            signed_out[done.user].append(ended[0])
        for each in done.tries:
            allowed = each.status in (0, 401, 429) or each.status // 100 in (2, 5)
            if not allowed and each.status not in done.expect:
                faults.append(f"{done.method} {done.path}: {each.status} at {each.place}")
            if each.status == 500:
                faults.append(f"{done.method} {done.path}: 500 at {each.place}")
    for user, times in signed_out.items():
        # Both devices of a user, each on its token.
        for early, late in zip(sorted(times), sorted(times)[4:]):
            if late - early < TOKEN_LIFE / 2:
                faults.append(f"user {user} is signed out again and again")
                break
    return faults


def in_time(lines: list[Line], commands: Iterable[Operation]) -> list[str]:
    """No request waits for longer than it may, beyond what silenced the way to its gateway, and
    what kept the harness itself from running."""
    held = held_up(lines)
    stalls = [(line["begin"], line["end"]) for line in lines if line["kind"] == "stalled"]
    waits = [(each.place, each.begin, each.end) for done in commands for each in done.tries]
    waits += [(each["place"], each["begin"], each["end"]) for each in queries(lines)]
    faults = []
    for place, begin, end in waits:
        if end - begin <= ANSWER_WITHIN:
            continue
        allowed = ANSWER_WITHIN + sum(
            max(0.0, min(end, until) - max(begin, since))
            for since, until in (*held.get(place, []), *stalls)
        )
        if end - begin > allowed:
            faults.append(f"{place} took {end - begin:.1f} s where {allowed:.1f} are allowed")
    return faults


def queries(lines: Iterable[Line]) -> Iterator[Line]:
    return (line for line in lines if line["kind"] == "query")


def held_up(lines: Iterable[Line]) -> dict[str, list[tuple[float, float]]]:
    """When the gateway at an address, or the way to it, was silenced."""
    places: dict[str, str] = {}
    open_faults: dict[int, tuple[str, float]] = {}
    held: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for line in lines:
        if line["kind"] == "gateway":
            places[line["name"]] = line["url"]
        elif line["kind"] == "fault_begin" and line["fault"] in SILENT:
            if line["target"] in places:
                open_faults[line["number"]] = (places[line["target"]], line["time"])
        elif line["kind"] == "fault_heal" and line["number"] in open_faults:
            place, since = open_faults.pop(line["number"])
            held[place].append((since, line["time"]))
    return held


def keys(rows: Iterable[list[str]]) -> list[str]:
    """A key took effect at most once."""
    seen: dict[tuple[str, str, str], str] = {}
    faults = []
    for organization, actor, key, commit in rows:
        if seen.setdefault((organization, actor, key), commit) != commit:
            faults.append(f"key {key} of {actor} took effect twice")
    return faults


def log(directory: Path) -> list[str]:
    """Offsets, epochs and ghosts, by an own fold of the raw records."""
    records, kinds = read_log(directory / "archive.jsonl")
    archive = {each: list(zip(records[each], kinds[each])) for each in records}
    topic = directory / "topic.jsonl"
    in_kafka = read_log(topic)[0] if topic.exists() else None
    faults = judge.folded(archive, in_kafka)
    for number, known in (in_kafka or {}).items():
        due = decided(known)
        last = records[number][-1].offset if number in records else -1
        if last < due:
            faults.append(f"the archive of partition {number} stands at {last}, before {due}")
    return faults


def valid_events(directory: Path) -> dict[str, list[tuple[int, int, str]]]:
    """By organization what the log holds by an own fold of its records: partition, offset, id."""
    topic = directory / "topic.jsonl"
    records, _ = read_log(topic if topic.exists() else directory / "archive.jsonl")
    found: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for rows in records.values():
        for row, kind in zip(rows, raw_log.kinds(rows)):
            if kind == raw_log.EVENT:
                found[row.organization].append((row.partition, row.offset, row.event))
    return found


def shown(
    directory: Path, organization: str, valid: list[tuple[int, int, str]]
) -> list[str]:
    """The history by the API is what the log holds, no more and no less."""
    history = [
        (event["partition"], event["offset"], event["id"])
        for event in read_lines(directory / f"events-{organization}.jsonl")
    ]
    wrong = sorted(set(valid) ^ set(history))
    return [f"history and log of {organization} differ at {wrong[:3]}"] if wrong else []


if __name__ == "__main__":
    found = check(Path(sys.argv[1]))
    print("\n".join(found) or "all promises held")
    sys.exit(1 if found else 0)
