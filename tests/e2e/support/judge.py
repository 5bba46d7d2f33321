"""What must hold after crashes, said independently of the program: each function compares two
accounts of the same thing and returns the differences, none when all is well."""

from collections import Counter, defaultdict
from typing import Any, Iterable

from support.load import Operation
from support.raw_log import Record, kinds
from support.world import Event, Rows, World, hours

#: A column of a board shows so many tasks.
BOARD_TASKS = 200


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


#: What of a task goes on with time while a timer runs on it.
BY_THE_CLOCK = ("total_logged_time", "actual_hours", "is_over_estimate")


def read_models(tables: dict[str, Any], world: World, accounts: Rows | None = None) -> list[str]:
    """What the API shows (support/tables.py) against what the history amounts to: all rows with all
    columns. Without the accounts nobody knows of names and addresses of members."""
    running = world.running()
    counting = {log["task_id"] for log in running.values()}
    faults = same("task", settled(tables["tasks"], counting), settled(with_time(world), counting))
    faults += same("time log", tables["logs"], {key: timed(log) for key, log in world.logs.items()})
    faults += same("timer", without(tables["timers"], ["elapsed_seconds"]), {
        key: timer(log, world) for key, log in running.items()})
    faults += same("board", tables["board"], {
        status: {"count": len(ids), "tasks": ids[:BOARD_TASKS]}
        for status, ids in world.board(tables["project"]).items()
    })
    faults += same("total", *({task: seconds for task, seconds in sums.items()
                               if task not in counting}
                              for sums in (tables["totals"], world.totals())))
    faults += same("template", tables["templates"], world.templates)
    faults += same("project", tables["projects"], world.projects)
    faults += same("organization", tables["organizations"], world.organizations)
    faults += same("invitation", tables["invitations"], world.invitations)
    faults += members(tables["members"], world, accounts)
    for activity in tables["activities"]:
        faults += same_activity(activity, world)
    return faults


def with_time(world: World) -> Rows:
    """The tasks with what was logged on them."""
    totals = world.totals()
    rows: Rows = {}
    for key, task in world.tasks.items():
        seconds, estimate = totals.get(key, 0), task["estimated_hours"]
        rows[key] = {
            **task, "total_logged_time": seconds, "actual_hours": hours(seconds),
            "is_over_estimate": estimate is not None and seconds > estimate * 3600,
        }
    return rows


def settled(rows: Rows, counting: set[str]) -> Rows:
    """Tasks without what goes on with the time while a timer runs on them."""
    moving = without({key: rows[key] for key in rows.keys() & counting}, BY_THE_CLOCK)
    return {**rows, **moving}


def timed(log: dict[str, Any]) -> dict[str, Any]:
    seconds = log["duration_seconds"]
    return {**log, "duration_hours": None if seconds is None else hours(seconds)}


def timer(log: dict[str, Any], world: World) -> dict[str, Any]:
    names = ("project_id", "task_id", "user_id", "start_time", "description", "category",
             "is_billable", "flagged", "version")
    title = world.tasks.get(log["task_id"], {}).get("title")
    return {**{name: log[name] for name in names}, "task_title": title}


def members(shown: Rows, world: World, accounts: Rows | None) -> list[str]:
    if accounts is None:
        return same("member", without(shown, ("email", "name")), world.members)
    return same("member", shown, {
        key: {**member, **accounts.get(key, {})} for key, member in world.members.items()})


def same_activity(shown: dict[str, Any], world: World) -> list[str]:
    [name] = shown.keys() - {"events"}
    due = world.about(name, shown[name])
    if shown["events"] == due:
        return []
    wrong = [pair for pair in zip(shown["events"], due) if pair[0] != pair[1]][:1]
    return [f"activity of {name} {shown[name]}: {len(shown['events'])} events instead of "
            f"{len(due)}, first difference {wrong}"]


def without(rows: Rows, names: Iterable[str]) -> Rows:
    return {key: {name: value for name, value in row.items() if name not in names}
            for key, row in rows.items()}


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
