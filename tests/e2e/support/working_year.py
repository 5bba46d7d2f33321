"""A working year of five people made from a seed: timers and tasks, corrections, and what people
try that is refused. Each command is first put to the model, and the answer must be as it says."""

import random
import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Awaitable, Callable, Iterator
from zoneinfo import ZoneInfo

from support.client import Client
from support.played_clock import PlayedClock
from support.swift import Answer, Connection
from support.time_model import Expected, Log, Model, Person, Project, Task
from support.work import STATUSES, instant, make_project

YEAR = 2025
ZONE = ZoneInfo("Europe/Berlin")
CATEGORIES = ["development", "meeting", "review", None]
TASKS_A_DAY = 12
ODD_THINGS_A_DAY = 14
UNKNOWN = "01900000-0000-7000-8000-000000000000"


@dataclass(eq=False)
class Session:
    """From a start to its stop."""

    person: Person
    task: Task | None = None


def working_days() -> Iterator[date]:
    """Monday to Friday, but for the days between the years."""
    day = date(YEAR, 1, 2)
    while day < date(YEAR, 12, 24):
        if day.weekday() < 5:
            yield day
        day += timedelta(days=1)


class WorkingYear:
    def __init__(self, owner: Client, url: str, clock: PlayedClock) -> None:
        self.owner = owner
        self.model = Model()
        self.people = self._hire(owner)
        self.counts: Counter[str] = Counter()
        self._random = random.Random(YEAR)
        self._clock = clock
        self._connection = Connection(url)
        self.now = datetime(YEAR, 1, 1, tzinfo=ZONE)
        for name in ("Web", "App", "Office"):
            self.model.projects.append(Project(make_project(owner, name=name)["id"]))
        partition, offset = owner.position.split("@")
        self._partition, self._offset = partition, int(offset)

    @property
    def position(self) -> str:
        return f"{self._partition}@{self._offset}"

    def _hire(self, owner: Client) -> list[Person]:
        people = [Person("owner", True, owner.user["id"], owner.token)]
        for role in ("admin", "member", "member", "member"):
            other = owner.colleague(role)
            people.append(Person(role, role == "admin", other.user["id"], other.token))
            other.close()
        return people

    async def live(self) -> None:
        """The whole year; at its end no timer runs."""
        begun = instant(self.now)
        for number, day in enumerate(working_days()):
            await self._decide_of_the_day(number)
            for moment, act in self._agenda(day):
                self._set_time(max(self.now, moment))
                await act()
        for log in list(self.model.timers.values()):
            await self.stop(log.person, log.task)
        assert instant(self.now) > begun
        self._connection.close()

    def _set_time(self, now: datetime) -> None:
        self.now = now
        self._clock.set(now)

    def _agenda(self, day: date) -> list[tuple[datetime, Callable[[], Awaitable[None]]]]:
        agenda: list[tuple[datetime, Callable[[], Awaitable[None]]]] = []

        def add(moment: datetime, act: Callable[..., Awaitable[None]], *what: Any) -> None:
            agenda.append((moment, lambda: act(*what)))

        def at_work() -> datetime:
            return self._moment(day, self._random.uniform(7.5, 18))

        for _ in range(TASKS_A_DAY):
            add(self._moment(day, self._random.uniform(7, 17)), self.create_task)
        for person in self.people:
            for begin, end in self._sessions(day):
                session = Session(person)
                add(begin, self.begin, session)
                add(end, self.end, session)
        for _ in range(ODD_THINGS_A_DAY):
            add(at_work(), self._random.choice(self._odd_things()))
        return sorted(agenda, key=lambda entry: entry[0])

    def _moment(self, day: date, hour: float) -> datetime:
        """The local time in UTC, to the millisecond; after 24 it is the next day."""
        midnight = datetime.combine(day, time(), ZONE).astimezone(ZoneInfo("UTC"))
        return midnight + timedelta(milliseconds=round(hour * 3_600_000))

    def _sessions(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """From morning to evening with breaks. Some work late into the night, some forget to stop
        until the next morning or later, some do two things at once."""
        hour = self._random.uniform(7.5, 9.5)
        while hour < 17:
            length = self._random.triangular(0.01, 3.5, 1.6)
            if self._random.random() < 0.01:
                length += self._random.choice([5, 14, 62])
                yield self._moment(day, hour), self._moment(day, hour + length)
                return
            yield self._moment(day, hour), self._moment(day, hour + length)
            together = self._random.random() < 0.04
            hour += length * 0.5 if together else length + self._random.uniform(0, 0.35)

    async def _decide_of_the_day(self, number: int) -> None:
        archived = {60: (2, True), 75: (2, False), 150: (0, True), 153: (0, False)}.get(number)
        if archived is not None:
            project, value = self.model.projects[archived[0]], archived[1]
            event = "project.project_archived" if value else "project.project_restored"
            expected = Expected(200, body={"archived": value}, events=[event])
            path = f"/projects/{project.id}"
            await self.send(self.people[0], expected, "PATCH", path, {"archived": value})
            project.archived = value
        single = {110: True, 170: False, 220: True}.get(number)
        if single is not None:
            body = {"single_running_timer": single}
            expected = Expected(200, events=["organization.organization_settings_changed"])
            path = f"/organizations/{self.owner.organization['id']}"
            await self.send(self.people[0], expected, "PATCH", path, body)
            self.model.single_running_timer = single

    # --- what people do

    async def create_task(self) -> None:
        project = self._random.choice(self.model.projects)
        number = len(self.model.tasks) + 1
        estimate = self._random.randint(1, 80) / 4
        expected = self.model.create_task(project, f"Task {number}", estimate)
        body = {
            "project_id": project.id, "title": f"Task {number}", "estimated_hours": estimate
        }
        await self.send(self._anyone(), expected, "POST", "/tasks", body)

    async def begin(self, session: Session) -> None:
        session.task = self._some_task()
        if session.task is not None:
            await self.start(session.person, session.task)

    async def end(self, session: Session) -> None:
        if session.task is not None:
            await self.stop(session.person, session.task)

    async def start(self, person: Person, task: Task) -> None:
        category = self._random.choice(CATEGORIES)
        billable = self._random.random() < 0.8
        expected = self.model.start(self.now, person, task, category, billable)
        body = {"category": category, "is_billable": billable}
        await self.send(person, expected, "POST", f"/tasks/{task.id}/time/start", body)

    async def stop(self, person: Person, task: Task) -> None:
        expected = self.model.stop(self.now, person, task)
        await self.send(person, expected, "POST", f"/tasks/{task.id}/time/stop")

    def _odd_things(self) -> list[Callable[[], Awaitable[None]]]:
        return [
            self._start_again, self._stop_what_does_not_run, self._start_on_a_deleted_task,
            self._correct, self._correct, self._correct_a_running_one, self._delete_a_log,
            self._log_by_hand, self._edit_a_task, self._edit_a_task, self._delete_or_restore,
            self._discard, self._edit_what_has_changed, self._send_nonsense, self._seek_the_unknown,
        ]

    async def _start_again(self) -> None:
        for log in self._some_of(list(self.model.timers.values())):
            await self.start(log.person, log.task)

    async def _stop_what_does_not_run(self) -> None:
        for task in self._some_of(list(self.model.tasks.values())):
            idle = [who for who in self.people if (task, who) not in self.model.timers]
            for person in self._some_of(idle):
                await self.stop(person, task)

    async def _start_on_a_deleted_task(self) -> None:
        deleted = [task for task in self.model.tasks.values() if task.deleted]
        for task in self._some_of(deleted):
            await self.start(self._anyone(), task)

    async def _correct(self) -> None:
        """Of a finished log, one's own or not: times that are right or wrong, and the rest."""
        for log in self._some_of(self._recent_logs()):
            assert log.end is not None
            shift = timedelta(seconds=self._random.randint(-7200, 7200))
            change = self._random.choice([
                {"end": log.end + shift},
                {"start": log.start + shift, "end": log.end + shift},
                {"start": log.end + timedelta(seconds=1)},
                {"end": self.now + timedelta(minutes=5, milliseconds=1)},
                {"start": log.end - timedelta(days=366, milliseconds=1)},
                {"category": self._random.choice(CATEGORIES)},
                {"billable": not log.billable},
                {},
            ])
            person = log.person if self._random.random() < 0.6 else self._anyone()
            await self._edit_log(person, log, change)

    async def _correct_a_running_one(self) -> None:
        for log in self._some_of(list(self.model.timers.values())):
            change = self._random.choice([
                {"start": log.start - timedelta(seconds=self._random.randint(1, 1800))},
                {"start": self.now + timedelta(milliseconds=1)},
                {"end": self.now},
                {"billable": not log.billable},
            ])
            await self._edit_log(log.person, log, change)

    async def _edit_log(self, actor: Person, log: Log, change: dict[str, Any]) -> None:
        expected = self.model.edit_log(self.now, actor, log, change)
        names = {"start": "start_time", "end": "end_time", "billable": "is_billable"}
        body = {
            names.get(name, name): instant(value) if isinstance(value, datetime) else value
            for name, value in change.items()
        }
        await self.send(actor, expected, "PATCH", f"/time-logs/{log.id}", body)

    async def _delete_a_log(self) -> None:
        for log in self._some_of(self._recent_logs()):
            actor = self._anyone()
            expected = self.model.delete_log(actor, log)
            await self.send(actor, expected, "DELETE", f"/time-logs/{log.id}")
            if expected.status == 204:
                again = self.model.delete_log(actor, log)
                await self.send(actor, again, "DELETE", f"/time-logs/{log.id}")

    async def _log_by_hand(self) -> None:
        for task in self._some_of(list(self.model.tasks.values())[-200:]):
            actor, person = self._anyone(), self._anyone()
            end = self.now - timedelta(minutes=self._random.randint(-20, 3000))
            start = end - timedelta(seconds=self._random.randint(-600, 20_000))
            expected = self.model.add_log(self.now, actor, task, person, start, end)
            body = {
                "start_time": instant(start), "end_time": instant(end), "user_id": person.id
            }
            await self.send(actor, expected, "POST", f"/tasks/{task.id}/time-logs", body)

    async def _edit_a_task(self) -> None:
        for task in self._some_of(list(self.model.tasks.values())[-200:]):
            change = self._random.choice([
                {"status": self._random.choice(STATUSES)},
                {"estimate": self._random.randint(1, 80) / 4},
                {"title": task.title + "!", "status": "done"},
                {},
            ])
            expected = self.model.edit_task(task, change)
            body = {"estimated_hours" if k == "estimate" else k: v for k, v in change.items()}
            await self.send(self._anyone(), expected, "PATCH", f"/tasks/{task.id}", body)

    async def _delete_or_restore(self) -> None:
        deleted = [task for task in self.model.tasks.values() if task.deleted]
        if deleted and self._random.random() < 0.5:
            task = self._random.choice(deleted)
            expected = self.model.restore_task(task)
            await self.send(self._anyone(), expected, "POST", f"/tasks/{task.id}/restore")
        else:
            for task in self._some_of(list(self.model.tasks.values())[-100:]):
                expected = self.model.delete_task(task)
                await self.send(self._anyone(), expected, "DELETE", f"/tasks/{task.id}")

    async def _discard(self) -> None:
        for log in self._some_of(list(self.model.timers.values())):
            expected = self.model.discard(log.person, log.task)
            await self.send(log.person, expected, "POST", f"/tasks/{log.task.id}/time/discard")
            await self.stop(log.person, log.task)

    async def _edit_what_has_changed(self) -> None:
        edited = [task for task in self.model.tasks.values() if task.version > 1]
        for task in self._some_of([task for task in edited if not task.deleted]):
            await self.send(
                self._anyone(), Expected(412, "version_conflict"), "PATCH", f"/tasks/{task.id}",
                {"title": "Lost update"}, {"If-Match": f'"{task.version - 1}"'},
            )

    async def _send_nonsense(self) -> None:
        for task in self._some_of(list(self.model.tasks.values())):
            path, body = self._random.choice([
                (f"/tasks/{task.id}/time/start", {"is_billable": "yes"}),
                (f"/tasks/{task.id}/time/start", {"start_time": instant(self.now)}),
                (f"/tasks/{task.id}/time/stop", {"end_time": instant(self.now)}),
                (f"/tasks/{task.id}/time-logs", {"start_time": "yesterday"}),
                ("/tasks", {"project_id": self.model.projects[0].id, "title": " "}),
                ("/tasks", {"project_id": UNKNOWN, "title": "Nowhere"}),
            ])
            await self.send(self._anyone(), Expected(422, "validation_failed"), "POST", path, body)

    async def _seek_the_unknown(self) -> None:
        method, path, error = self._random.choice([
            ("POST", f"/tasks/{UNKNOWN}/time/start", "not_found"),
            ("POST", f"/tasks/{UNKNOWN}/time/stop", "no_active_timer"),
            ("PATCH", f"/time-logs/{UNKNOWN}", "not_found"),
            ("DELETE", f"/tasks/{UNKNOWN}", "not_found"),
        ])
        await self.send(self._anyone(), Expected(404, error), method, path)

    def _anyone(self) -> Person:
        return self._random.choice(self.people)

    def _some_task(self) -> Task | None:
        recent = list(self.model.tasks.values())[-60:]
        return next(iter(self._some_of([task for task in recent if not task.deleted])), None)

    def _recent_logs(self) -> list[Log]:
        return [log for log in list(self.model.logs.values())[-150:] if log.end is not None]

    def _some_of(self, candidates: list[Any]) -> list[Any]:
        """One of them, none if there is none."""
        return self._random.sample(candidates, min(1, len(candidates)))

    # --- asking and comparing

    async def send(
        self, person: Person, expected: Expected, method: str, path: str, body: Any = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        key = {}
        if self._random.random() < 0.05:
            key = {"Idempotency-Key": str(uuid.UUID(int=self._random.getrandbits(128)))}
        options = {"token": person.token, "headers": {**key, **(headers or {})}}
        answer = await self._connection.send(method, path, body, **options)
        what = (instant(self.now), person.name, method, path, body, answer, expected)
        assert answer.status == expected.status, what
        kind = path.rsplit("/", 1)[-1] if "/time/" in path else method
        self.counts[f"{kind} {answer.status}"] += 1
        if expected.status >= 400:
            assert answer.json()["error"] == expected.error, what
            await self._see_no_effect(person)
            return
        self._compare(answer, expected, what)
        if key and expected.events:
            again = await self._connection.send(method, path, body, **options)
            assert again.headers.get("idempotency-replayed") == "true", (what, again)
            assert (again.status, again.content) == (answer.status, answer.content), (what, again)
            for name in ("event-position", "etag", "location"):
                assert again.headers.get(name) == answer.headers.get(name), (what, again)
            self.counts["replayed"] += 1

    def _compare(self, answer: Answer, expected: Expected, what: Any) -> None:
        # Offsets are dense and nobody else writes here: an event too many or too few shows, also
        # one that a refused command left.
        self._offset += len(expected.events)
        assert answer.headers["event-position"] == self.position, what
        content = answer.json() if answer.content else {}
        assert expected.body.items() <= content.items(), what
        if expected.version is not None:
            assert answer.headers["etag"] == f'"{expected.version}"', what
        self.model.events.update(expected.events)
        expected.then(content)

    async def _see_no_effect(self, person: Person) -> None:
        """After a refusal the running timers of who sent it are as before."""
        headers = {"Min-Position": self.position}
        answer = await self._connection.call(
            "GET", f"/timers?user_id={person.id}&limit=200", token=self.owner.token,
            headers=headers,
        )
        running = {timer["time_log_id"]: timer for timer in answer.json()["timers"]}
        expected = {log.id: log for log in self.model.running_of(person)}
        assert running.keys() == expected.keys(), person
        for log_id, log in expected.items():
            assert running[log_id]["start_time"] == instant(log.start)
            assert running[log_id]["version"] == log.version
