"""What TeamFlow promises about tasks, timers and time logs (api.md), written a second time and as
plainly as can be: a test asks the model first, then the program, and compares."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Callable, Iterator

from support.work import instant

LONGEST = timedelta(days=366)
CLOCK_DIFFERENCE = timedelta(minutes=5)


@dataclass(eq=False)
class Person:
    name: str
    is_admin: bool
    id: str
    token: str


@dataclass(eq=False)
class Project:
    id: str
    archived: bool = False


@dataclass(eq=False)
class Task:
    id: str
    project: Project
    title: str
    estimate: float
    status: str = "todo"
    deleted: bool = False
    version: int = 1


@dataclass(eq=False)
class Log:
    id: str
    task: Task
    person: Person
    start: datetime
    end: datetime | None
    category: str | None
    billable: bool
    version: int = 1

    @property
    def seconds(self) -> int:
        assert self.end is not None
        return (self.end - self.start) // timedelta(seconds=1)


def nothing(_: dict[str, Any]) -> None:
    pass


@dataclass
class Expected:
    """How the program must answer a command. `events` are the types that it must write, `then`
    makes the change in the model and takes the answer's body, for the ids that it brings."""

    status: int
    error: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    version: int | None = None
    then: Callable[[dict[str, Any]], None] = nothing


@dataclass
class Model:
    projects: list[Project] = field(default_factory=list)
    tasks: dict[str, Task] = field(default_factory=dict)
    logs: dict[str, Log] = field(default_factory=dict)
    #: Those of `logs` that run, by task and person.
    timers: dict[tuple[Task, Person], Log] = field(default_factory=dict)
    single_running_timer: bool = False
    events: Counter[str] = field(default_factory=Counter)

    def finished(self) -> Iterator[Log]:
        return (log for log in self.logs.values() if log.end is not None)

    def running_of(self, person: Person) -> list[Log]:
        return [log for (_, user), log in self.timers.items() if user is person]

    # --- tasks

    def create_task(self, project: Project, title: str, estimate: float) -> Expected:
        if project.archived:
            return Expected(409, "task_closed")

        def then(body: dict[str, Any]) -> None:
            self.tasks[body["id"]] = Task(body["id"], project, title, estimate)

        body = {"title": title, "project_id": project.id, "estimated_hours": estimate}
        return Expected(201, body=body, events=["task.task_created"], version=1, then=then)

    def edit_task(self, task: Task, change: dict[str, Any]) -> Expected:
        if task.deleted:
            return Expected(404, "not_found")
        events = []
        title, estimate = change.get("title", task.title), change.get("estimate", task.estimate)
        if (title, estimate) != (task.title, task.estimate):
            events.append("task.task_edited")
        status = change.get("status", task.status)
        if status != task.status:
            done, was_done = status == "done", task.status == "done"
            reopens = was_done and status != "cancelled"
            kind = "completed" if done else "reopened" if reopens else "moved"
            events.append(f"task.task_{kind}")

        def then(_: dict[str, Any]) -> None:
            task.title, task.estimate, task.status = title, estimate, status
            task.version += len(events)

        version = task.version + len(events)
        return Expected(200, body={"status": status}, events=events, version=version, then=then)

    def delete_task(self, task: Task) -> Expected:
        if task.deleted:
            return Expected(404, "not_found")
        running = [log for (on, _), log in self.timers.items() if on is task]

        def then(_: dict[str, Any]) -> None:
            for log in running:
                self._forget(log)
            task.deleted = True
            task.version += 1

        events = ["time.timer_discarded"] * len(running) + ["task.task_deleted"]
        return Expected(204, events=events, version=task.version + 1, then=then)

    def restore_task(self, task: Task) -> Expected:
        assert task.deleted
        if task.project.archived:
            return Expected(409, "task_closed")

        def then(_: dict[str, Any]) -> None:
            task.deleted = False
            task.version += 1

        return Expected(200, events=["task.task_restored"], version=task.version + 1, then=then)

    # --- timers

    def start(
        self, now: datetime, person: Person, task: Task, category: str | None, billable: bool
    ) -> Expected:
        if task.deleted or task.project.archived:
            return Expected(409, "task_closed")
        if (task, person) in self.timers:
            return Expected(409, "timer_already_running")
        others = self.running_of(person) if self.single_running_timer else []

        def then(body: dict[str, Any]) -> None:
            for other in others:
                self._end(other, now)
            log = Log(body["time_log_id"], task, person, now, None, category, billable)
            self.logs[log.id] = self.timers[task, person] = log

        body = {
            "task_id": task.id,
            "task_title": task.title,
            "user_id": person.id,
            "start_time": instant(now),
            "category": category,
            "is_billable": billable,
        }
        events = ["time.timer_stopped"] * len(others) + ["time.timer_started"]
        return Expected(201, body=body, events=events, version=1, then=then)

    def stop(self, now: datetime, person: Person, task: Task) -> Expected:
        log = self.timers.get((task, person))
        if log is None:
            return Expected(404, "no_active_timer")
        seconds = (now - log.start) // timedelta(seconds=1)
        body = {
            "time_log_id": log.id,
            "start_time": instant(log.start),
            "end_time": instant(now),
            "duration_seconds": seconds,
            "duration_hours": hours(seconds),
            "is_billable": log.billable,
        }
        version = log.version + 1
        end = lambda _: self._end(log, now)  # noqa: E731
        return Expected(200, body=body, events=["time.timer_stopped"], version=version, then=end)

    def discard(self, person: Person, task: Task) -> Expected:
        log = self.timers.get((task, person))
        if log is None:
            return Expected(404, "no_active_timer")
        forget = lambda _: self._forget(log)  # noqa: E731
        return Expected(204, events=["time.timer_discarded"], then=forget)

    # --- time logs

    def add_log(
        self, now: datetime, actor: Person, task: Task, person: Person, start: datetime,
        end: datetime,
    ) -> Expected:
        if task.deleted or task.project.archived:
            return Expected(409, "task_closed")
        if actor is not person and not actor.is_admin:
            return Expected(403, "forbidden")
        if not span_is_right(now, start, end):
            return Expected(422, "validation_failed")

        def then(body: dict[str, Any]) -> None:
            self.logs[body["id"]] = Log(body["id"], task, person, start, end, None, True)

        seconds = (end - start) // timedelta(seconds=1)
        body = {"user_id": person.id, "duration_seconds": seconds}
        return Expected(201, body=body, events=["time.log_added"], version=1, then=then)

    def edit_log(
        self, now: datetime, actor: Person, log: Log, change: dict[str, Any]
    ) -> Expected:
        if log.id not in self.logs:
            return Expected(404, "not_found")
        if actor is not log.person and not actor.is_admin:
            return Expected(403, "forbidden")
        if log.end is None and "end" in change:
            return Expected(409, "timer_running")
        old = {
            "start": log.start, "end": log.end, "category": log.category, "billable": log.billable
        }
        new = {**old, **change}
        if (new["start"], new["end"]) != (log.start, log.end):
            if new["end"] is None:
                if new["start"] > now or now - new["start"] > LONGEST:
                    return Expected(422, "validation_failed")
            elif not span_is_right(now, new["start"], new["end"]):
                return Expected(422, "validation_failed")
        events = ["time.log_edited"] if new != old else []

        def then(_: dict[str, Any]) -> None:
            log.start, log.end = new["start"], new["end"]
            log.category, log.billable = new["category"], new["billable"]
            log.version += len(events)

        body = {
            "start_time": instant(new["start"]),
            "end_time": instant(new["end"]) if new["end"] else None,
            "category": new["category"],
            "is_billable": new["billable"],
        }
        version = log.version + len(events)
        return Expected(200, body=body, events=events, version=version, then=then)

    def delete_log(self, actor: Person, log: Log) -> Expected:
        if log.id not in self.logs:
            return Expected(404, "not_found")
        if actor is not log.person and not actor.is_admin:
            return Expected(403, "forbidden")
        event = "time.timer_discarded" if log.end is None else "time.log_deleted"
        return Expected(204, events=[event], then=lambda _: self._forget(log))

    def _end(self, log: Log, now: datetime) -> None:
        log.end = now
        log.version += 1
        del self.timers[log.task, log.person]

    def _forget(self, log: Log) -> None:
        del self.logs[log.id]
        if log.end is None:
            del self.timers[log.task, log.person]


def span_is_right(now: datetime, start: datetime, end: datetime) -> bool:
    return start < end <= start + LONGEST and end <= now + CLOCK_DIFFERENCE


def hours(seconds: int) -> float:
    """Rounded half away from zero to 2 decimals: 36 seconds are 0.01 h."""
    return (seconds + 18) // 36 / 100
