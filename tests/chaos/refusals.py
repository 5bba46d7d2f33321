"""Whether each refusal, and each acceptance that depends on a version, was right: decided on a
state that its stream was in while the command was under way."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from typing import Any, Callable, Iterable

from support.load import Operation

Event = dict[str, Any]


def check(commands: list[Operation], history: list[Event], project: str) -> list[str]:
    """All commands and the whole history of one organization, whose events lie in one partition."""
    past = Past(commands, history)
    known = {done.key: done for done in commands if done.happened and done.events_made > 0}
    faults: list[str] = []
    for done in commands:
        if done.happened:
            faults += accepted(done, past)
        elif not done.unknown and (why := refused(done, past, project, known)):
            faults.append(f"{done.method} {done.path}: {done.status} {why}: {done.tries[-1]}")
    return faults


def accepted(done: Operation, past: "Past") -> list[str]:
    """An edit with If-Match makes the version after that one."""
    if not done.if_match or done.events_made == 0:
        return []
    found = past.first_version.get(done.request_id)
    if found is None or found == int(done.if_match.strip('"')) + 1:
        return []
    return [f"{done.path}: If-Match {done.if_match} led to version {found}"]


def refused(
    done: Operation, past: "Past", project: str, known: dict[str, Operation]
) -> str:
    """What is wrong with the refusal; empty: nothing."""
    parts = done.path.split("/")
    task = parts[2] if len(parts) > 2 and parts[1] == "tasks" else ""
    window = past.window(done.tries[-1].begin, done.tries[-1].end)
    if done.status == 412:
        versions = past.values(f"task-{task}", window)
        told = done.answer.get("current_version")
        told_right = told in versions and f'"{told}"' != done.if_match
        return "" if told_right else f"though its versions were {sorted(versions)}, not {told}"
    if done.status == 409 and parts[-1] == "start":
        runs = past.values(f"{task} {done.user}", window)
        return "" if True in runs else "though no timer ran"
    if done.status == 404 and parts[-1] == "stop":
        runs = past.values(f"{task} {done.user}", window)
        return "" if False in runs else "though a timer ran"
    if done.status == 404 and task:
        return "though the task is there" if 0 not in past.values(f"task-{task}", window) else ""
    if done.status == 422:
        first = known.get(done.key)
        body = done.body if isinstance(done.body, dict) else {}
        wrong_key = first is not None and first.body != done.body
        wrong_body = body.get("project_id") != project or "title" not in body
        return "" if wrong_key or wrong_body else "though nothing was wrong with it"
    return "and nobody knows why"


class Past:
    """What each stream's version was, and which timers ran, after each offset."""

    def __init__(self, commands: list[Operation], history: list[Event]) -> None:
        self.first_version: dict[str, int] = {}
        #: Per subject the offsets at which its value changed, and the values from there on.
        self._offsets: dict[str, list[int]] = defaultdict(list)
        self._values: dict[str, list[Any]] = defaultdict(list)
        sent = {done.request_id: done.tries[0].begin for done in commands if done.tries}
        began: list[tuple[float, int]] = []
        for event in history:
            at, request = event["offset"], event["correlation_id"]
            self.first_version.setdefault(request, event["stream_version"])
            self._note(event["stream"], at, event["stream_version"])
            if event["type"].startswith("time.timer_"):
                data = event["data"]
                subject = f"{data['task_id']} {data['user_id']}"
                self._note(subject, at, event["type"] == "time.timer_started")
            if request in sent:
                began.append((sent[request], at))
        ended = sorted(
            (done.tries[-1].end, int(done.position.split("@")[1]))
            for done in commands if done.happened and done.position
        )
        self._ends, self._newest = _running(ended, max)
        self._begins, oldest = _running(sorted(began, reverse=True), min)
        self._begins, self._oldest = self._begins[::-1], oldest[::-1]

    def window(self, begin: float, end: float) -> tuple[int, int]:
        """The first and the last offset that may have been the newest for a decision between these
        times: what was acknowledged before is seen, what was sent after is not."""
        before = bisect_left(self._ends, begin)
        after = bisect_right(self._begins, end)
        low = self._newest[before - 1] if before else -1
        high = self._oldest[after] - 1 if after < len(self._begins) else 1 << 62
        return low, max(low, high)

    def values(self, subject: str, window: tuple[int, int]) -> set[Any]:
        """What the subject was within a window: a version, or whether it runs; 0 and False before
        its first event."""
        offsets, values = self._offsets.get(subject, []), self._values.get(subject, [])
        first = bisect_right(offsets, window[0])
        last = bisect_right(offsets, window[1])
        return {values[first - 1] if first else 0, *values[first:last]}

    def _note(self, subject: str, at: int, value: Any) -> None:
        self._offsets[subject].append(at)
        self._values[subject].append(value)


def _running(
    pairs: Iterable[tuple[float, int]], better: Callable[[int, int], int]
) -> tuple[list[float], list[int]]:
    """The times, and at each the best of what came so far."""
    times: list[float] = []
    best: list[int] = []
    for time, value in pairs:
        times.append(time)
        best.append(better(best[-1], value) if best else value)
    return times, best
