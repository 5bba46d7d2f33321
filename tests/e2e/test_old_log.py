"""A log that a program of before wrote: events in older versions, read through everything."""

import csv
import io
import json
import uuid
from typing import Any

import psycopg
import pytest

from support.client import Client
from support.command_line import teamflow
from support.feed import Feed
from support.kafka import Kafka
from support.operators import make_operator
from support.teamflow import Teamflow
from support.waiting import until
from support.work import make_project, make_task, work_a_while

CREATED = "organization.organization_created"
REGISTERED = "identity.user_registered"


def as_version_1(kind: str, data: dict[str, Any]) -> str:
    """The text of a payload as the program of before wrote it."""
    if kind == CREATED:
        old = {"organization_id": data["organization_id"], "name": data["name"],
               "owner_id": data["founder_id"]}
    else:
        old = {name: data[name] for name in ("user_id", "email", "email_hmac", "name")}
        old["organization_id"] = (
            data["founded_organization_id"] or data["joined_organization_id"])
        old |= {name: data[name] for name in ("organization_name", "invitation_id")}
    return json.dumps(old, separators=(",", ":"))


def make_old(server: Teamflow) -> None:
    """What was written becomes what the program of before would have written."""
    with server.database() as database:
        rows = database.execute(
            'select partition, "offset", type, data from teamflow.log_records'
            " where kind = 1 and type = any(%s)", [[CREATED, REGISTERED]]).fetchall()
        for partition, offset, kind, data in rows:
            database.execute(
                "update teamflow.log_records set schema_version = 1, data = %s"
                ' where partition = %s and "offset" = %s',
                [as_version_1(kind, data), partition, offset])
        # A cache, made by the program of today.
        database.execute("delete from teamflow.snapshots")
    assert len(rows) >= 3


@pytest.fixture
def old(launch: Any, log: str, request: pytest.FixtureRequest) -> tuple[Teamflow, Client, Client]:
    """A server on an old log; an owner, and a colleague who was invited."""
    server = launch()
    owner = Client(server.url)
    owner.register()
    colleague = owner.colleague()
    work_a_while(owner)
    # The read models have it all, as they had it from the program of before.
    assert len(owner.get("/users")["users"]) == 2
    make_old(server)
    server.stop()
    if log == "postgres":
        server.start()
        return server, owner, colleague
    broker: Kafka = request.getfixturevalue("kafka")
    topic = f"teamflow.old-{uuid.uuid4().hex[:12]}"
    teamflow("log", "copy", "--to", "kafka", "--data", str(server.data),
             "--brokers", broker.bootstrap, "--topic", topic)
    moved = launch("kafka", data=server.data, topic=topic)
    for client in (owner, colleague):
        client.move_to(moved.url)
    return moved, owner, colleague


def events_as(client: Client, form: str, kind: str) -> str:
    answer = client.send("GET", "/events", headers={"Accept": form}, params={"type": kind})
    assert answer.status_code == 200, answer.text
    return answer.text


def check_history(owner: Client, operator: Client) -> None:
    """One shape of each type in every form."""
    organization, user = owner.organization["id"], owner.user["id"]
    [event] = owner.get("/events", params={"type": CREATED})["events"]
    newest = {"organization_id": organization, "name": owner.organization["name"],
              "founder_id": user}
    assert event["schema_version"] == 2 and event["data"] == newest
    assert json.loads(events_as(owner, "application/x-ndjson", CREATED)) == event
    [row] = csv.DictReader(io.StringIO(events_as(owner, "text/csv", CREATED)))
    assert row["schema_version"] == "2" and json.loads(row["data"]) == newest
    users = [json.loads(line)["data"] for line in
             events_as(operator, "application/x-ndjson", REGISTERED).splitlines()]
    ways = [(each["founded_organization_id"], each["joined_organization_id"])
            for each in users if organization in each.values()]
    assert sorted(ways, key=str) == sorted([(organization, None), (None, organization)], key=str)


def check_feeds(owner: Client, partition: int) -> None:
    with Feed(owner, after=f"{partition}@0") as feed:
        message = feed.next(CREATED)
    assert message["data"]["founder_id"] == owner.user["id"] and "owner_id" not in message["data"]


def check_sql(server: Teamflow, organization: str, founder: str) -> None:
    data = ("--data", str(server.data))
    password = teamflow(
        "analyst", "create", "--name", "ada", "--organization", organization, *data).stdout.strip()
    try:
        with psycopg.connect(server.postgres_url, user="ada", password=password) as reader:
            found = reader.execute(
                "select founder_id::text, schema_version from organization_created").fetchall()
        assert found == [(founder, 1)]
    finally:
        teamflow("analyst", "drop", "--name", "ada", *data)


def check_command_line(server: Teamflow) -> None:
    data = ("--data", str(server.data))
    with server.database() as database:
        written = database.execute(
            "select type, count(*) from teamflow.events where schema_version = 1"
            " and type = any(%s) group by 1 order by 1", [[CREATED, REGISTERED]]).fetchall()
    replayed = [json.loads(line) for line in teamflow(
        "replay", "--type", CREATED, "--type", REGISTERED, *data).stdout.splitlines()]
    assert {each["schema_version"] for each in replayed} == {2}
    assert len(replayed) == sum(count for _, count in written)
    assert "DIFFERS" not in teamflow("verify", *data).stdout
    report = json.loads(teamflow("check-log", "--json", *data).stdout)
    assert report["findings"] == [] and report["brought_forward"] == [
        {"type": kind, "schema_version": 1, "count": count} for kind, count in written]


def test_an_old_log_is_read_through_everything(old: tuple[Teamflow, Client, Client]) -> None:
    server, owner, colleague = old
    organization, user = owner.organization["id"], owner.user["id"]
    with server.database() as database:
        versions = database.execute(
            "select distinct schema_version from teamflow.events where type = any(%s)",
            [[CREATED, REGISTERED]]).fetchall()
    assert versions == [(1,)]

    # Commands: who is a member, what the organization is called, whose account it is.
    make_task(colleague, make_project(owner))
    renamed = owner.patch(f"/organizations/{organization}", {"name": "Renamed"})
    assert renamed["name"] == "Renamed"
    assert colleague.patch("/me", {"name": "Another"})["name"] == "Another"
    colleague.refused(403, "forbidden", "PATCH", f"/organizations/{organization}", {"name": "No"})

    state = owner.get(f"/streams/organization-{organization}")
    assert state["version"] == 2 and state["state"]["name"] == "Renamed"
    partition = int(owner.position.partition("@")[0])
    check_history(owner, make_operator(server))
    check_feeds(owner, partition)
    check_sql(server, organization, user)
    until(lambda: owner.get("/users")["total"] == 2, 20, "the read model")
    check_command_line(server)
