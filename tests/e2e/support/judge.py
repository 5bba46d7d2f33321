"""What must hold after crashes, said independently of the program: each function compares two
accounts of the same thing and returns the differences, none when all is well."""

from collections import Counter, defaultdict
from typing import Any, Callable, Iterable

from support.load import Operation
from support.raw_log import Record, kinds

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
        if done.unknown:
            if found and len(found) != done.events:
                faults.append(f"torn: {done.method} {done.path} of request {done.request_id}")
        elif len(found) != done.events_made:
            kind = "acknowledged" if done.happened else f"refused with {done.status}"
            faults.append(
                f"{kind}: {done.method} {done.path} of request {done.request_id} has "
                f"{len(found)} events instead of {done.events_made}"
            )
        elif found:
            at = f"{found[-1]['partition']}@{found[-1]['offset']}"
            own = [each for each in found if each["stream"].startswith(done.stream)]
            version = own[-1]["stream_version"] if own else None
            if (at, version) != (done.position, done.version):
                faults.append(
                    f"request {done.request_id} was told {done.position} version {done.version}, "
                    f"its last event is {at} version {version}"
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


def timers(events: Iterable[Event]) -> list[str]:
    """At no moment does a user have two running timers on one task."""
    faults: list[str] = []
    running: dict[tuple[str, str], str] = {}
    for event in events:
        data = event["data"]
        owner = (data.get("task_id", ""), data.get("user_id", ""))
        if event["type"] == "time.timer_started":
            if owner in running:
                faults.append(f"{owner} starts {data['time_log_id']} beside {running[owner]}")
            running[owner] = data["time_log_id"]
        elif event["type"] in ("time.timer_stopped", "time.timer_discarded"):
            if running.pop(owner, None) != data["time_log_id"]:
                faults.append(f"{owner} ends {data['time_log_id']}, which does not run")
    return faults


class World:
    """The state that a history amounts to: an own fold, in another language than the program's."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.tasks: dict[str, dict[str, Any]] = {}
        self.logs: dict[str, dict[str, Any]] = {}
        self.timers: dict[str, dict[str, Any]] = {}
        self.usage: Counter[str] = Counter()
        takes: dict[str, Callable[[Event], None]] = {
            "task.task_created": self._create, "task.task_edited": self._edit,
            "task.task_assigned": self._assign, "task.task_moved": self._move,
            "task.task_completed": self._move, "task.task_reopened": self._move,
            "time.timer_started": self._start, "time.timer_stopped": self._stop,
            "time.log_added": self._add, "time.log_edited": self._change,
            "time.log_deleted": self._delete, "template.template_applied": self._apply,
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

    def _apply(self, event: Event) -> None:
        self.usage[event["data"]["template_id"]] += 1


def read_models(tables: dict[str, Any], world: World) -> list[str]:
    """What the API shows (support/tables.py) against what the history amounts to."""
    finished = {key: log for key, log in tables["logs"].items() if log["end_time"]}
    running = {
        key: {name: timer[name] for name in ["task_id", "user_id", "start_time"]}
        for key, timer in world.timers.items()
    }
    # A running timer counts up to now.
    still = {timer["task_id"] for timer in running.values()}
    totals = {task: sum for task, sum in tables["totals"].items() if task not in still}
    due = {task: sum for task, sum in world.totals().items() if task not in still}
    faults = same("task", tables["tasks"], world.tasks)
    faults += same("time log", finished, world.logs)
    faults += same("timer", tables["timers"], running)
    faults += same("board", tables["board"], world.board())
    faults += same("total", totals, due)
    faults += same("template", tables["usage"], dict(world.usage))
    return faults


def dense(records: dict[int, list[int]]) -> list[str]:
    """The offsets of each partition are 0, 1, 2, ..."""
    return [
        f"partition {partition} has holes or doubles among its offsets"
        for partition, offsets in records.items()
        if offsets != list(range(len(offsets)))
    ]


def folded(
    archive: dict[int, list[tuple[Record, int]]], in_kafka: dict[int, list[Record]] | None = None
) -> list[str]:
    """Below the API: dense offsets, and each record counted as an own fold counts it; on Kafka by
    what Kafka holds."""
    faults = dense({each: [row.offset for row, _ in archive[each]] for each in archive})
    records = {each: [row for row, _ in archive[each]] for each in archive}
    if in_kafka is not None:
        faults += dense({each: [row.offset for row in in_kafka[each]] for each in in_kafka})
        for each, archived in records.items():
            records[each] = in_kafka.get(each, [])[: len(archived)]
    for each, rows in archive.items():
        verdicts = [kind for _, kind in rows]
        if kinds(records[each])[: len(verdicts)] != verdicts:
            faults.append(f"partition {each} is not folded as its records say")
    return faults
