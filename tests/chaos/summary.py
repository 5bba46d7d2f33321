"""A run in figures."""

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from chaos.history import read_lines
from chaos.record import read_command, read_log
from support import raw_log
from support.load import Operation


def figures(directory: Path) -> dict[str, Any]:
    lines = list(read_lines(directory / "history.jsonl"))
    commands = [read_command(line) for line in lines if line["kind"] == "command"]
    tries = [each for done in commands for each in done.tries]
    records, kinds = read_log(directory / "archive.jsonl")
    counted = Counter(kind for each in kinds.values() for kind in each)
    taken = take_overs(directory, lines, commands)
    recoveries = sorted(line["took"] for line in lines if line["kind"] == "recovered")
    wells = sorted(line["well"] for line in lines if line["kind"] == "recovered")
    organizations = list(read_lines(directory / "organizations.jsonl"))
    streams = {
        event["stream"]
        for each in organizations
        for event in read_lines(directory / f"events-{each['id']}.jsonl")
    }
    return {
        "faults": dict(sorted(Counter(
            line["fault"] for line in lines if line["kind"] == "fault_begin").items())),
        "commands": len(commands),
        "acknowledged": sum(done.happened for done in commands),
        "refused": sum(not done.happened and not done.unknown for done in commands),
        "unknown": sum(done.unknown for done in commands),
        "sent_again": sum(done.attempts > 1 for done in commands),
        "had_happened": sum(done.attempts > 1 and done.replayed for done in commands),
        "answers_503": sum(each.status == 503 for each in tries),
        "no_answer": sum(each.status == 0 for each in tries),
        "slowest_answer_s": round(max((each.end - each.begin for each in tries), default=0), 2),
        "stalled_s": round(sum(
            line["end"] - line["begin"] for line in lines if line["kind"] == "stalled")),
        "queries": sum(line["kind"] == "query" for line in lines),
        "streams": len(streams),
        "events": counted[raw_log.EVENT],
        "claims": counted[raw_log.CLAIM],
        "ghosts": counted[raw_log.GHOST],
        "incomplete": counted[raw_log.INCOMPLETE],
        "feed_connections": sum(sum(each["connections"]) for each in organizations),
        "processes_ended": [
            f"{line['process']}: {line['code']}" for line in lines if line["kind"] == "ended"],
        "take_overs": len(taken),
        "take_over_median_s": round(taken[len(taken) // 2], 2) if taken else None,
        "take_over_slowest_s": round(taken[-1], 2) if taken else None,
        "recovery_median_s": round(recoveries[len(recoveries) // 2], 2) if recoveries else None,
        "recovery_slowest_s": round(recoveries[-1], 2) if recoveries else None,
        "well_median_s": round(wells[len(wells) // 2], 2) if wells else None,
        "well_slowest_s": round(wells[-1], 2) if wells else None,
    }


#: After these the owner does not come back by itself before others miss it.
ENDS = {"kill", "death"}


def take_overs(
    directory: Path, lines: list[dict[str, Any]], commands: list[Operation]
) -> list[float]:
    """Seconds, in order, from a kill -9 of the owner of an organization's partition to the end of
    the first command of the organization that was sent after it and acknowledged. Of faults that
    struck alone."""
    addresses = {line["name"]: line["address"] for line in lines
                 if line["kind"] == "gateway" and "address" in line}
    claims: dict[int, list[tuple[float, str]]] = defaultdict(list)
    for partition, _, address, at in read_lines(directory / "claims.jsonl"):
        claims[partition].append((at, address.removeprefix("http://")))
    found: list[float] = []
    for kill in alone(lines):
        for organization, partition in partitions(directory).items():
            before = [address for at, address in claims[partition] if at < kill["time"]]
            if before and before[-1] == addresses.get(kill["target"]):
                answers = [
                    done.tries[-1].end for done in commands
                    if done.organization == organization and done.happened
                    and done.events_made > 0 and done.tries[-1].begin > kill["time"]
                ]
                found += [min(answers) - kill["time"]] if answers else []
    return sorted(found)


def alone(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The kills of gateways while nothing else was broken."""
    rounds = [line["after"] for line in lines if line["kind"] == "recovered"]
    single = {numbers[0] for numbers in rounds if len(numbers) == 1}
    return [
        line for line in lines
        if line["kind"] == "fault_begin" and line["fault"] in ENDS and line["number"] in single
    ]


def partitions(directory: Path) -> dict[str, int]:
    """Of each organization."""
    found: dict[str, int] = {}
    for each in read_lines(directory / "organizations.jsonl"):
        for event in read_lines(directory / f"events-{each['id']}.jsonl"):
            found[each["id"]] = event["partition"]
            break
    return found


def text(result: dict[str, Any]) -> str:
    """One line for each figure, the violations last."""
    lines = [f"{name}: {told(value)}" for name, value in result.items() if name != "violations"]
    violations = result["violations"]
    lines.append(f"violations: {len(violations)}")
    lines += [f"  {each[:600]}" for each in violations[:20]]
    return "\n".join(lines)


def told(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {count}" for name, count in value.items())
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return f"{value}"
