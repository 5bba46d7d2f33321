"""`teamflow replay --into`, `scratch` and `diff`: read models as of a moment and of some events
alone, in schemas with a lifetime, and what differs between two of them."""

import contextlib
import json
import signal
import subprocess
import uuid
from typing import Any, Callable, Iterator

import pytest

from support.client import Client
from support.command_line import teamflow
from support.places import BINARY
from support.teamflow import Teamflow
from support.waiting import until
from support.work import events_of, make_project, make_task, work_a_while
from test_rebuild_faults import held

MODELS = [
    "organizations", "users", "projects", "tasks", "time_logs", "timers", "templates", "activity",
]
Tables = dict[str, list[Any]]


def fresh_name() -> str:
    return f"then_{uuid.uuid4().hex[:12]}"


class Database:
    """The read models of a server as they lie in PostgreSQL."""

    def __init__(self, server: Teamflow) -> None:
        self._server = server

    def rows(self, sql: str, *values: Any) -> list[Any]:
        with self._server.database() as database:
            return database.execute(sql, values).fetchall()

    def run(self, sql: str) -> None:
        with self._server.database() as database:
            database.execute(sql)

    def tables(self, *schemas: str) -> Tables:
        """All rows of all tables, with their lineage."""
        names = self.rows(
            "select schemaname, tablename from pg_tables where schemaname = any(%s)", list(schemas))
        return {
            table: self.rows(f'select * from "{schema}"."{table}" as t order by t::text')
            for schema, table in names
        }

    def has(self, schema: str) -> bool:
        return bool(self.rows("select from pg_namespace where nspname = %s", schema))

    def state(self) -> list[Any]:
        """What a production knows of its read models and of its log."""
        return [
            self.rows(f"select * from teamflow.{table} as t order by t::text")
            for table in ("projections", "parked_events", "skipped_commits", "admin_orders")
        ] + [self.rows("select count(*) from teamflow.log_records where kind = 1")]


def newest_time(owner: Client) -> str:
    """Of all that the archive has; it has all that was answered."""
    return events_of(owner)[-1]["time"]


def let_time_pass(owner: Client) -> str:
    """A moment that what happens from now on is later than."""
    moment = newest_time(owner)
    until(lambda: make_project(owner) and newest_time(owner) > moment, 10, "a later event")
    return moment


def changes(*arguments: str) -> list[dict[str, Any]]:
    done = teamflow("diff", *arguments, "--json")
    return [json.loads(line) for line in done.stdout.splitlines()]


def described(found: list[dict[str, Any]]) -> dict[str, set[str]]:
    """The ids of rows by table and kind of change."""
    by_kind: dict[str, set[str]] = {}
    for each in found:
        by_kind.setdefault(f"{each['table']} {each['change']}", set()).add(str(each["key"]))
    return by_kind


@pytest.mark.timeout(300)
def test_read_models_are_as_they_were(launch: Callable[..., Teamflow], log: str) -> None:
    server = launch(log)
    place = ["--data", str(server.data)]
    database = Database(server)
    with Client(server.url) as owner:
        owner.register()
        work_a_while(owner)
        project = make_project(owner)
        renamed = make_task(owner, project, title="First")
        doomed = make_task(owner, project)
        timer = owner.post(f"/tasks/{doomed['id']}/time/start", expect=201)["time_log_id"]
        for path in ("/tasks", "/time-logs", "/timers"):
            owner.get(path)
        # As old as the moment, whatever happens in the same millisecond.
        first = database.tables("tasks", "time_logs", "timers", "templates", "users")
        moment = let_time_pass(owner)
        owner.patch(f"/tasks/{renamed['id']}", {"title": "Second"})
        owner.delete(f"/tasks/{doomed['id']}")
        added = make_task(owner, project)
        owner.post(f"/tasks/{added['id']}/time/start")
        events_of(owner)
        teamflow("replay", *place, "--into", "today")
        until(lambda: database.tables("today") == database.tables(*MODELS), 30, "all to be read")
        production = database.state(), database.tables(*MODELS)

        told = teamflow("replay", *place, "--into", "then", "--as-of", moment, "--keep", "1h")
        assert "then.task " in told.stdout and "scratch drop then" in told.stderr
        then = database.tables("then")
        assert {name: then[name] for name in first} == first
        assert (database.state(), database.tables(*MODELS)) == production

        some = ["--projection", "tasks", "--projection", "timers"]
        found = changes(*place, "--from", "then", *some)
        keys = {name: str({"id": task["id"]}) for name, task in
                (("renamed", renamed), ("doomed", doomed), ("added", added))}
        by_kind = described(found)
        assert by_kind["tasks.task added"] == {keys["added"]}
        assert by_kind["tasks.task changed"] == {keys["renamed"], keys["doomed"]}
        assert by_kind["timers.timer removed"] == {str({"time_log_id": timer})}
        [change] = [each for each in found if each["key"] == {"id": renamed["id"]}]
        assert (change["before"]["title"], change["after"]["title"]) == ("First", "Second")
        assert "description" not in change["after"]
        # By times it is the same, and so it is on the way back but for its direction.
        assert changes(*place, "--from", moment, *some) == found
        back = described(changes(*place, "--from", "live", "--to", "then"))
        assert back["tasks.task removed"] == {keys["added"]}
        assert back["timers.timer added"] == {str({"time_log_id": timer})}
        between = changes(*place, "--from", moment, "--to", newest_time(owner))
        of_some = ("tasks.", "timers.")
        assert [each for each in between if each["table"].startswith(of_some)] == found
        assert changes(*place, "--from", "today") == []
        left = [each["name"] for each in map(
            json.loads, teamflow("scratch", "list", *place, "--json").stdout.splitlines())]
        assert sorted(left) == ["then", "today"]


class Travel:
    """Schemas beside the shared server, of one organization."""

    def __init__(self, server: Teamflow, client: Client) -> None:
        self.place = ["--data", str(server.data)]
        self.client = client
        self.database = Database(server)
        self.made: list[str] = []

    def build(self, *arguments: str) -> tuple[str, str]:
        """The schema, and what was told of it."""
        name = fresh_name()
        told = teamflow("replay", *self.place, "--into", name, *arguments)
        self.made.append(name)
        return name, told.stderr

    def listed(self) -> dict[str, dict[str, Any]]:
        lines = teamflow("scratch", "list", *self.place, "--json").stdout.splitlines()
        return {each["name"]: each for each in map(json.loads, lines)}

    def close(self) -> None:
        for name in self.made:
            if self.database.has(name):
                teamflow("scratch", "drop", name, *self.place)


@pytest.fixture
def travel(server: Teamflow, client: Client) -> Iterator[Travel]:
    made = Travel(server, client)
    yield made
    made.close()


def test_filters_choose_the_events_of_a_what_if(travel: Travel) -> None:
    owner = travel.client
    project = make_project(owner)
    tasks = [make_task(owner, project, title=f"Task {number}") for number in range(3)]
    owner.patch(f"/tasks/{tasks[0]['id']}", {"title": "Renamed"})
    events_of(owner)
    own = ["--organization", owner.organization["id"], "--projections", "tasks"]

    def titles(*filters: str) -> list[str]:
        name, told = travel.build(*own, *filters)
        assert "could not take" not in told
        assert {name for name in travel.database.tables(name)} == {
            "task", "board", "deleted_project"}
        return [row[0] for row in travel.database.rows(f"select title from {name}.task order by 1")]

    assert titles() == ["Renamed", "Task 1", "Task 2"]
    assert titles("--type", "task.task_created") == ["Task 0", "Task 1", "Task 2"]
    assert titles("--stream", f"task-{tasks[0]['id']}") == ["Renamed"]
    created = owner.get("/events", params={"stream": f"task-{tasks[1]['id']}"})["events"][0]
    position = f"{created['partition']}@{created['offset']}"
    assert titles("--until", position) == ["Task 0", "Task 1"]
    assert titles("--after", position, "--type", "task.task_created") == ["Task 2"]
    # Edits of what was never made are told, not kept.
    _, told = travel.build(*own, "--type", "task.task_edited")
    assert "commits that tasks could not take: 1; the first: " in told


def test_schemas_are_listed_and_dropped(travel: Travel) -> None:
    events_of(travel.client)
    name, _ = travel.build("--projections", "timers", "--type", "time.timer_started")
    other, _ = travel.build("--projections", "timers", "--keep", "30m")
    listed = travel.listed()
    assert listed[name]["purpose"] == (
        "replay --projections timers --type time.timer_started")
    assert listed[name]["drop_after"] > listed[other]["drop_after"] > listed[name]["made_at"]
    assert listed[name]["bytes"] > 0
    assert name in teamflow("scratch", "list", *travel.place).stdout
    told = teamflow("scratch", "drop", name + "x", *travel.place, expect=1)
    assert f"did you mean {name}?" in told.stderr
    teamflow("scratch", "drop", name, *travel.place)
    assert not travel.database.has(name) and name not in travel.listed()
    # Schemas that nobody registered are not dropped.
    teamflow("scratch", "drop", "tasks", *travel.place, expect=1)
    assert travel.database.has("tasks")
    # The next one sweeps those whose lifetime is over, and so does a server every minute.
    travel.database.run(
        "update teamflow.scratch_schemas set drop_after = now() - interval '1 s'"
        f" where name = '{other}'")
    travel.build("--projections", "timers")
    assert not travel.database.has(other) and other not in travel.listed()


def test_what_a_changed_projection_would_make_is_compared(travel: Travel) -> None:
    owner = travel.client
    task = make_task(owner, make_project(owner), title="As it is")
    events_of(owner)
    own = ["--organization", owner.organization["id"], "--projections", "tasks"]
    before, _ = travel.build(*own)
    after, _ = travel.build(*own)
    sides = [*travel.place, "--from", before, "--to", after]
    assert changes(*sides) == []
    assert "tasks.task: equal" in teamflow("diff", *sides).stdout
    # As if another program had built it.
    travel.database.run(f"update {after}.task set title = 'Other', status = 'done'")
    travel.database.run(f"alter table {after}.task add column extra int")
    position = travel.database.rows(f"select position_partition, position_offset from {after}.task")
    assert changes(*sides) == [{
        "table": "tasks.task", "change": "changed", "key": {"id": task["id"]},
        "before": {"title": "As it is", "status": "todo"},
        "after": {"title": "Other", "status": "done"},
        "position": "@".join(map(str, position[0])),
    }]
    assert changes(*sides, "--column", "priority") == []
    [change] = changes(*sides, "--column", "title")
    assert change["after"] == {"title": "Other"}
    told = teamflow("diff", *sides)
    assert "tasks.task: 0 added, 0 removed, 1 changed" in told.stdout
    assert 'title "As it is" -> "Other"' in told.stdout
    assert "extra" in told.stderr


def test_states_are_what_deciders_know_of_streams(travel: Travel) -> None:
    owner = travel.client
    task = make_task(owner, make_project(owner))
    owner.patch(f"/tasks/{task['id']}", {"tags": ["a"]})
    shown = owner.get(f"/streams/task-{task['id']}")
    name, _ = travel.build(
        "--organization", owner.organization["id"], "--projections", "states")
    assert travel.database.rows(f"select stream, version, state from {name}.task_state") == [
        (shown["stream"], shown["version"], shown["state"])]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["replay", "--into", "Then", "--as-of", "2999-01-01", "--projections", "taks,users",
          "--keep", "1y", "--format", "csv"],
         ["--into: 'Then' must be", "is still to come", "did you mean tasks?",
          "--keep: '1y' is no lifetime", "leave out --format"]),
        (["replay", "--into", "live"], ["'live' is taken"]),
        (["replay", "--into", "tasks"], ["'tasks' is taken"]),
        (["replay", "--into", "then", "--as-of", "2026-13-01", "--type", "timer_started"],
         ["'2026-13-01' is no time", "did you mean time.timer_started?"]),
        (["replay", "--into", "then", "--as-of", "2020-01-01", "--from", "2020-01-02"],
         ["--as-of must not be earlier than --from"]),
        (["replay", "--as-of", "2020-01-01"], ["with --into SCHEMA"]),
        (["diff", "--from", "2026-13-01", "--projection", "taks", "--column", "titel"],
         ["'2026-13-01' is no time", "did you mean tasks?"]),
        (["diff", "--from", "2020-01-02", "--to", "2020-01-01", "--column", "titel"],
         ["--to must be later than --from", "did you mean title?"]),
        (["diff", "--from", "lve"], ["did you mean live?"]),
        (["diff", "--from", "live"], ["are the same"]),
        (["diff", "--from", "2020-01-01", "--organization", str(uuid.UUID(int=1))],
         ["--organization takes two times"]),
    ],
)
def test_bad_input_is_refused_as_a_whole(
    server: Teamflow, arguments: list[str], expected: list[str]
) -> None:
    done = teamflow(*arguments, "--data", str(server.data), expect=2)
    assert not done.stdout
    for each in expected:
        assert each in done.stderr, done.stderr
    assert not Database(server).has("then")


def test_a_schema_that_is_there_is_left_alone(server: Teamflow) -> None:
    before = Database(server).rows("select count(*) from teamflow.scratch_schemas")
    done = teamflow("replay", "--into", "teamflow", "--data", str(server.data), expect=1)
    assert "there is a schema teamflow already" in done.stderr
    assert Database(server).rows("select count(*) from teamflow.scratch_schemas") == before


@contextlib.contextmanager
def halted_replay(server: Teamflow, name: str) -> Iterator[subprocess.Popen[str]]:
    """It has made its schema, and waits for the database."""
    waiting = ("select from pg_locks where not granted"
               " and relation = 'teamflow.skipped_commits'::regclass")
    with held(server.postgres_url):
        made = subprocess.Popen(
            [str(BINARY), "replay", "--data", str(server.data), "--into", name],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        try:
            until(lambda: Database(server).rows(waiting), 60, "the fold to begin")
            assert Database(server).has(name)
            yield made
        finally:
            made.kill()
            made.wait()


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_a_replay_that_is_stopped_leaves_no_schema(
    travel: Travel, server: Teamflow, asked: signal.Signals
) -> None:
    name = fresh_name()
    with halted_replay(server, name) as replay:
        replay.send_signal(asked)
        out, told = replay.communicate(timeout=60)
        assert replay.returncode == 1 and not out
        assert told == "teamflow: interrupted: what was made so far is dropped\n"
        assert not travel.database.has(name) and name not in travel.listed()


def test_a_replay_that_was_killed_leaves_an_unfinished_schema(
    travel: Travel, server: Teamflow
) -> None:
    name = fresh_name()
    with halted_replay(server, name) as replay:
        travel.made.append(name)
        replay.kill()
        replay.wait(10)
        assert travel.listed()[name]["purpose"] == "unfinished: replay"
        teamflow("scratch", "drop", name, *travel.place)
        assert not travel.database.has(name)


def test_names_that_are_none_lead_to_near_ones(server: Teamflow, client: Client) -> None:
    place = ["--data", str(server.data)]
    told = teamflow("explain", "tasks.bord", "x", *place, expect=2)
    assert "did you mean tasks.board?" in told.stderr
    told = teamflow("projections", "tasc", *place, expect=2)
    assert "did you mean tasks?" in told.stderr
    stream = f"taks-{uuid.uuid4()}"
    answer = client.send("GET", f"/streams/{stream}")
    assert answer.status_code == 404 and "did you mean task?" in answer.json()["detail"]
