"""Load whose every effect can be accounted for. Each worker is one user, alone at its own tasks
but for a few that all share. It sends a command until it has an answer that stands, through
crashes, always with the same Idempotency-Key and request id: that id comes back as correlation_id
of the events, so every event has its command and every command its events."""

import random
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, Callable

import httpx

from support.client import Client
from support.work import instant

PRIORITIES = ["low", "medium", "high", "urgent"]
# Filled in from the read model at the time of the answer, a repeated one too.
RELATIVE = {"actual_hours", "total_logged_time", "is_over_estimate", "memberships"}
STATUSES = ["todo", "in_progress", "in_review", "done", "cancelled"]
CATEGORIES = [None, "development", "review"]
MONDAY = datetime(2026, 11, 2, tzinfo=timezone.utc)


def fixed(answer: Any) -> Any:
    """What must be the same in every answer to one key."""
    if not isinstance(answer, dict):
        return answer
    return {name: fixed(value) for name, value in answer.items() if name not in RELATIVE}


@dataclass
class Try:
    """One time that a command was sent: to where, from when to when (on time.time()), and the
    status of the answer, 0 if none came."""

    place: str
    begin: float
    end: float
    status: int


@dataclass
class Operation:
    """One command and all its answers."""

    organization: str
    method: str
    path: str
    body: Any
    if_match: str = ""
    expect: tuple[int, ...] = ()
    # Events that it makes when it succeeds; None: the rise of the stream's version says.
    events: int | None = 1
    version_before: int = 0
    # The version in the answer is of the stream that begins so; empty: of the last event's.
    stream: str = ""
    user: str = ""
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    tries: list[Try] = field(default_factory=list)
    status: int = 0
    position: str = ""
    version: int = 0
    answer: Any = None
    replayed: bool = False

    @property
    def attempts(self) -> int:
        return len(self.tries)

    @property
    def unknown(self) -> bool:
        """No answer that stands: it may have happened or not."""
        return self.status == 0

    @property
    def happened(self) -> bool:
        return 200 <= self.status < 300

    @property
    def events_made(self) -> int:
        if not self.happened:
            return 0
        return self.version - self.version_before if self.events is None else self.events


class Worker:
    """One user. `operations` holds every command that was ever sent, `faults` what no server may
    do. Of one thread at a time."""

    patience = 120.0

    def __init__(self, client: Client, email: str, project: str, hot: list[str], seed: int) -> None:
        self.client = client
        self.organization: str = client.organization["id"]
        self.operations: list[Operation] = []
        self.faults: list[str] = []
        self.tasks: dict[str, dict[str, Any]] = {}
        self.running: set[str] = set()
        self.logs: dict[str, dict[str, Any]] = {}
        self._email = email
        self._project = project
        self._hot = hot
        self._hot_versions = {task: 1 for task in hot}
        self._random = random.Random(seed)
        self._count = 0

    def run(self, stop: threading.Event) -> None:
        """Works until told to stop; then finishes what is under way."""
        makers, weights = zip(*self.kinds())
        try:
            while not stop.is_set():
                self._random.choices(makers, weights)[0]()
        except Exception as failure:
            self.faults.append(f"worker of {self._email}: {type(failure).__name__}: {failure}")
            raise

    def kinds(self) -> list[tuple[Callable[[], None], int]]:
        """What it does, each with its weight."""
        return [
            (self._create, 26), (self._edit, 22), (self._edit_much, 8), (self._edit_hot, 10),
            (self._start, 10), (self._stop, 10), (self._log, 10), (self._change_log, 6),
            (self._be_refused, 10), (self._repeat, 6), (self._delete, 3),
        ]

    # --- the kinds of work

    def _token(self) -> str:
        self._count += 1
        return f"{self._email.split('@')[0]} {self._count}"

    def _any(self, among: Any) -> Any:
        if not among:
            return None
        # A dictionary may be large, and has an order of its own.
        return self._random.choice(list(among) if isinstance(among, dict) else sorted(among))

    def _key(self) -> str:
        return uuid.uuid4().hex

    def _some_fields(self) -> dict[str, Any]:
        """Some of those that a task may have beside its title, set or cleared."""
        day = (MONDAY + timedelta(days=self._random.randrange(100))).date().isoformat()
        values = {
            "description": [None, self._token()],
            "due_date": [None, day],
            "estimated_hours": [None, 0.25, 1, 7.5],
            "checklist": [[], [{"text": self._token()}], [{"text": "b"}, {"text": "a"}]],
            "tags": [[], ["urgent"], ["b", "a"]],
            "parent_task_id": [None, *self._hot],
        }
        chosen = self._random.sample(sorted(values), self._random.randrange(4))
        return {name: self._random.choice(values[name]) for name in chosen}

    def _create(self) -> None:
        body = {"project_id": self._project, "title": self._token(),
                "priority": self._random.choice(PRIORITIES), **self._some_fields()}
        done = self._do("POST", "/tasks", body, expect=(201,))
        self.tasks[done.answer["id"]] = done.answer

    def _edit(self) -> None:
        if task := self._any(self.tasks):
            self._edit_task(task, {"title": self._token(), **self._some_fields()}, events=1)

    def _edit_much(self) -> None:
        """Several kinds of change, each an event of its own, in one commit."""
        if task := self._any(self.tasks):
            others = [each for each in STATUSES if each != self.tasks[task]["status"]]
            self._edit_task(task, {
                "title": self._token(), "tags": [self._token()],
                "priority": self._random.choice(PRIORITIES), "status": self._random.choice(others),
                "assignee_id": self._random.choice([None, self.client.user["id"]]),
            }, events=None)

    def _edit_task(self, task: str, body: dict[str, Any], events: int | None) -> None:
        version = self.tasks[task]["version"]
        done = self._do(
            "PATCH", f"/tasks/{task}", body, if_match=f'"{version}"', expect=(200,),
            events=events, version_before=version,
        )
        self.tasks[task] = done.answer

    def _edit_hot(self) -> None:
        """Everybody's task: whoever comes second with a version is refused."""
        task = self._random.choice(self._hot)
        known = self._hot_versions[task]
        done = self._do(
            "PATCH", f"/tasks/{task}", {"title": self._token()}, if_match=f'"{known}"',
            expect=(200, 412),
        )
        if done.happened:
            self._hot_versions[task] = done.version
            if done.version != known + 1:
                self.faults.append(f"{done.path}: If-Match {known} led to {done.version}")
        else:
            self._hot_versions[task] = done.answer["current_version"]

    def _start(self) -> None:
        task = self._any(self.tasks)
        if task is not None and task not in self.running:
            body = {"is_billable": self._random.random() < 0.5, "description": self._token(),
                    "category": self._random.choice(CATEGORIES)}
            self._do("POST", f"/tasks/{task}/time/start", body, expect=(201,))
            self.running.add(task)

    def _stop(self) -> None:
        if task := self._any(self.running):
            done = self._do("POST", f"/tasks/{task}/time/stop", None, expect=(200,))
            self.running.discard(task)
            self.logs[done.answer["time_log_id"]] = {**done.answer, "task_id": task}

    def _log(self) -> None:
        if task := self._any(self.tasks):
            done = self._do("POST", f"/tasks/{task}/time-logs", self._some_hours(), expect=(201,))
            self.logs[done.answer["id"]] = {**done.answer, "task_id": task}

    def _some_hours(self) -> dict[str, Any]:
        start = MONDAY + timedelta(minutes=self._random.randrange(10_000))
        end = start + timedelta(seconds=self._random.randrange(1, 40_000))
        return {"start_time": instant(start), "end_time": instant(end),
                "is_billable": self._random.random() < 0.5, "description": self._token(),
                "category": self._random.choice(CATEGORIES)}

    def _delete(self) -> None:
        """With the timer that runs on it, in one commit; sometimes it comes back."""
        if (task := self._any(self.tasks)) is None:
            return
        timers = int(task in self.running)
        self._do("DELETE", f"/tasks/{task}", None, expect=(204,), events=1 + timers, stream="task-")
        self.running.discard(task)
        known = self.tasks.pop(task)
        self.logs = {key: log for key, log in self.logs.items() if log["task_id"] != task}
        if self._random.random() < 0.5:
            done = self._do("POST", f"/tasks/{task}/restore", None, expect=(200,))
            self.tasks[known["id"]] = done.answer

    def _change_log(self) -> None:
        log = self._any(self.logs)
        if log and self._random.random() < 0.3:
            self._do("DELETE", f"/time-logs/{log}", None, expect=(204,))
            del self.logs[log]
        elif log:
            done = self._do("PATCH", f"/time-logs/{log}", self._some_hours(), expect=(200,))
            self.logs[log] = {**self.logs[log], **done.answer}

    def _be_refused(self) -> None:
        """What must not have any effect."""
        task = self._any(self.tasks)
        started = self._any(self.running)
        absent = str(uuid.UUID(int=self._random.getrandbits(128), version=4))
        cases: list[tuple[str, str, Any, str, int]] = [
            ("POST", "/tasks", {"project_id": absent, "title": self._token()}, "", 422),
            ("POST", "/tasks", {"project_id": self._project}, "", 422),
            ("PATCH", f"/tasks/{absent}", {"title": self._token()}, "", 404),
            ("POST", f"/tasks/{absent}/time/start", {}, "", 404),
        ]
        if task:
            cases.append(("PATCH", f"/tasks/{task}", {"title": self._token()}, '"999999"', 412))
        if started:
            cases.append(("POST", f"/tasks/{started}/time/start", {}, "", 409))
        if task and task not in self.running:
            cases.append(("POST", f"/tasks/{task}/time/stop", None, "", 404))
        method, path, body, if_match, status = self._random.choice(cases)
        self._do(method, path, body, if_match=if_match, expect=(status,))

    def _repeat(self) -> None:
        """A command of any time before, sent again: the same answer, no effect. With another body
        its key is refused."""
        before = self._any_done()
        if before is None:
            return
        again = Operation(
            before.organization, before.method, before.path, before.body, before.if_match,
            expect=(before.status,), events=0, user=before.user, key=before.key,
        )
        if isinstance(before.body, dict) and self._random.random() < 0.3:
            again.body = {**before.body, "description": self._token()}
            again.expect = (422,)
            self._perform(again)
            return
        self._perform(again)
        same = (again.status, again.position, again.version) == (
            before.status, before.position, before.version)
        if not again.replayed or not same or fixed(again.answer) != fixed(before.answer):
            self.faults.append(f"another answer to the same key:\n{before}\n{again}")

    def _any_done(self) -> Operation | None:
        """One that succeeded; none if the first that come up did not."""
        for _ in range(20):
            if self.operations and (found := self._random.choice(self.operations)).happened:
                return found
        return None

    # --- sending

    def _do(self, method: str, path: str, body: Any, **options: Any) -> Operation:
        user = self.client.user["id"]
        return self._perform(
            Operation(
                self.organization, method, path, body, user=user, key=self._key(), **options)
        )

    def _perform(self, what: Operation) -> Operation:
        """Sends it until it has an answer that stands."""
        self.operations.append(what)
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline:
            answer = self._try(what)
            if answer is not None and answer.status_code == 401:
                self._sign_in()
            elif answer is not None and answer.status_code != 503:
                self._take(what, answer)
                return what
            else:
                time.sleep(0.02 if answer is None else 0.05)
                self.client.move_on()
        raise TimeoutError(f"no answer that stands in {self.patience} s: {what}")

    def _try(self, what: Operation) -> httpx.Response | None:
        """Sends it once."""
        begin, place, answer = time.time(), self.client.url, None
        try:
            answer = self.client.send(
                what.method, what.path, what.body, key=what.key, if_match=what.if_match,
                headers={"X-Request-ID": what.request_id},
            )
        except httpx.TransportError:
            pass
        status = 0 if answer is None else answer.status_code
        what.tries.append(Try(place, begin, time.time(), status))
        if answer is not None and status == 503 and "Retry-After" not in answer.headers:
            self.faults.append(f"503 without Retry-After: {answer.text}")
        return answer

    def _sign_in(self) -> None:
        try:
            self.client.login(self._email)
        except (httpx.TransportError, AssertionError):
            time.sleep(0.05)

    def _take(self, what: Operation, answer: httpx.Response) -> None:
        what.status = answer.status_code
        what.position = answer.headers.get("Event-Position", "")
        what.version = int(answer.headers.get("ETag", '"0"').strip('"'))
        what.answer = answer.json() if answer.content else None
        what.replayed = answer.headers.get("Idempotency-Replayed") == "true"
        if what.status not in what.expect:
            raise AssertionError(f"expected {what.expect}: {what}")


class Load:
    """Workers, each on a thread of its own while the load runs."""

    def __init__(self, workers: list[Worker]) -> None:
        self.workers = workers
        self._stop = threading.Event()
        self.threads: list[threading.Thread] = []

    def start(self) -> None:
        self._stop.clear()
        self.threads = [
            threading.Thread(target=each.run, args=(self._stop,), daemon=True)
            for each in self.workers
        ]
        for thread in self.threads:
            thread.start()

    def settle(self) -> None:
        """Every command that was begun has its answer afterwards."""
        self._stop.set()
        for thread in self.threads:
            thread.join(max(each.patience for each in self.workers) + 30)
            assert not thread.is_alive(), "a worker hangs"

    @property
    def answered(self) -> int:
        """Commands that have their answer so far; a hint while the load runs."""
        return sum(len(each.operations) for each in self.workers)

    @property
    def operations(self) -> list[Operation]:
        return [operation for each in self.workers for operation in each.operations]

    @property
    def faults(self) -> list[str]:
        return [fault for each in self.workers for fault in each.faults]
