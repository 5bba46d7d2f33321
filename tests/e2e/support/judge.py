"""What must hold after crashes, said independently of the program: each function compares two
accounts of the same thing and returns the differences, none when all is well."""

from collections import Counter, defaultdict
from typing import Any, Callable, Iterable

from support.load import Operation

Event = dict[str, Any]


def effects(operations: Iterable[Operation], events: list[Event]) -> list[str]:
    """Every acknowledged command is in the history exactly once and where its answer said, and
    nothing else is. `events`: those of one organization since the load began, in order."""
    faults: list[str] = []
    made: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        made[event["correlation_id"]].append(event)
    for done in operations:
        found = made.pop(done.request_id, [])
        if len(found) != done.events_made:
            kind = "acknowledged" if done.happened else f"refused with {done.status}"
            faults.append(
                f"{kind}: {done.method} {done.path} of request {done.request_id} has "
                f"{len(found)} events instead of {done.events_made}"
            )
        elif found:
            last = found[-1]
            at = f"{last['partition']}@{last['offset']}"
            if (at, last["stream_version"]) != (done.position, done.version):
                faults.append(
                    f"request {done.request_id} was told {done.position} version {done.version}, "
                    f"its last event is {at} version {last['stream_version']}"
                )
    faults += [f"nobody asked for {each}" for each in made.values()]
    return faults


def versions(events: Iterable[Event]) -> list[str]:
    """Each stream has the versions 1, 2, 3, ... in order of offsets, and no event comes twice."""
    faults: list[str] = []
    current: Counter[str] = Counter()
    last: dict[int, int] = {}
    ids: set[str] = set()
    for event in events:
        stream, partition = event["stream"], event["partition"]
        current[stream] += 1
        if event["stream_version"] != current[stream]:
            faults.append(
                f"{stream}: version {event['stream_version']} where {current[stream]} was due"
            )
            current[stream] = event["stream_version"]
        if event["offset"] <= last.get(partition, -1):
            faults.append(f"offset {event['offset']} behind {last[partition]}")
        last[partition] = event["offset"]
        if event["id"] in ids:
            faults.append(f"event {event['id']} comes twice")
        ids.add(event["id"])
    return faults


def delivered(messages: list[dict[str, Any]], events: list[Event]) -> list[str]:
    """A feed that was resumed at every crash brought every event once and in order."""
    seen = [(each["position"], each["type"]) for each in messages]
    due = [(f"{each['partition']}@{each['offset']}", each["type"]) for each in events]
    if seen == due:
        return []
    lost, extra = Counter(due) - Counter(seen), Counter(seen) - Counter(due)
    return [f"the feed lost {list(lost)[:5]}, doubled or invented {list(extra)[:5]}, or mixed up"]


def same(what: str, left: dict[Any, Any], right: dict[Any, Any]) -> list[str]:
    """Two tables by key."""
    wrong = [key for key in left.keys() | right.keys() if left.get(key) != right.get(key)]
    return [f"{what}: {key}: {left.get(key)} != {right.get(key)}" for key in wrong[:5]]


class World:
    """The state that a history amounts to: an own fold, in another language than the program's."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.tasks: dict[str, dict[str, Any]] = {}
        self.logs: dict[str, dict[str, Any]] = {}
        self.timers: dict[str, dict[str, Any]] = {}
        takes: dict[str, Callable[[Event], None]] = {
            "task.task_created": self._create, "task.task_edited": self._edit,
            "task.task_assigned": self._assign, "task.task_moved": self._move,
            "task.task_completed": self._move, "task.task_reopened": self._move,
            "time.timer_started": self._start, "time.timer_stopped": self._stop,
            "time.log_added": self._add, "time.log_edited": self._change,
            "time.log_deleted": self._delete,
        }
        for event in events:
            if take := takes.get(event["type"]):
                take(event)
            if (task := self.tasks.get(event["data"].get("task_id"))) is not None:
                if event["stream"].startswith("task-"):
                    task["version"] = event["stream_version"]

    def totals(self) -> dict[str, int]:
        """Seconds logged, by task that has any."""
        sums: Counter[str] = Counter()
        for log in self.logs.values():
            sums[log["task_id"]] += log["duration_seconds"]
        return dict(sums)

    def board(self) -> dict[str, int]:
        return dict(Counter(task["status"] for task in self.tasks.values()))

    def _create(self, event: Event) -> None:
        names = ["title", "priority", "status", "tags", "assignee_id"]
        data = event["data"]
        self.tasks[data["task_id"]] = {name: data.get(name) for name in names}

    def _edit(self, event: Event) -> None:
        task = self.tasks[event["data"]["task_id"]]
        task.update({name: value for name, value in event["data"].items() if name in task})

    def _assign(self, event: Event) -> None:
        self.tasks[event["data"]["task_id"]]["assignee_id"] = event["data"]["assignee_id"]

    def _move(self, event: Event) -> None:
        self.tasks[event["data"]["task_id"]]["status"] = event["data"]["to"]

    def _start(self, event: Event) -> None:
        self.timers[event["data"]["time_log_id"]] = event["data"]

    def _stop(self, event: Event) -> None:
        del self.timers[event["data"]["time_log_id"]]
        self._add(event)

    def _add(self, event: Event) -> None:
        names = ["task_id", "user_id", "start_time", "end_time", "duration_seconds", "is_billable"]
        data = event["data"]
        self.logs[data["time_log_id"]] = {name: data[name] for name in names}

    def _change(self, event: Event) -> None:
        self._add(event)

    def _delete(self, event: Event) -> None:
        del self.logs[event["data"]["time_log_id"]]


def dense(records: dict[int, list[int]]) -> list[str]:
    """The offsets of each partition are 0, 1, 2, ..."""
    return [
        f"partition {partition} has holes or doubles among its offsets"
        for partition, offsets in records.items()
        if offsets != list(range(len(offsets)))
    ]
