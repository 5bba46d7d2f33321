"""A run in figures."""

from collections import Counter
from pathlib import Path
from typing import Any

from chaos.history import read_lines
from chaos.record import read_command, read_log
from support import raw_log


def figures(directory: Path) -> dict[str, Any]:
    lines = list(read_lines(directory / "history.jsonl"))
    commands = [read_command(line) for line in lines if line["kind"] == "command"]
    tries = [each for done in commands for each in done.tries]
    records, kinds = read_log(directory / "archive.jsonl")
    counted = Counter(kind for each in kinds.values() for kind in each)
    recoveries = sorted(line["took"] for line in lines if line["kind"] == "recovered")
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
        "queries": sum(line["kind"] == "query" for line in lines),
        "streams": len(streams),
        "events": counted[raw_log.EVENT],
        "claims": counted[raw_log.CLAIM],
        "ghosts": counted[raw_log.GHOST],
        "incomplete": counted[raw_log.INCOMPLETE],
        "feed_connections": sum(sum(each["connections"]) for each in organizations),
        "processes_ended": [
            f"{line['process']}: {line['code']}" for line in lines if line["kind"] == "ended"],
        "recovery_median_s": round(recoveries[len(recoveries) // 2], 2) if recoveries else None,
        "recovery_slowest_s": round(recoveries[-1], 2) if recoveries else None,
    }


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
