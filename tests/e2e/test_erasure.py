"""Erasing a person: afterwards no query, feed, export, table or line of the log shows the text."""

import re
import subprocess
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from support.client import PASSWORD, Client
from support.command_line import teamflow
from support.feed import Feed
from support.operators import make_operator
from support.roles import role_beside
from support.teamflow import Teamflow
from support.waiting import until
from support.work import add_log, make_project, make_task
from test_access import close_code

ERASED = "[erased]"
YESTERDAY = datetime.now(timezone.utc) - timedelta(days=1)


class Office:
    """An owner, and Ada, who joined by invitation and left text in all places that hold any."""

    def __init__(self, server: Teamflow) -> None:
        self.server = server
        mark = uuid.uuid4().hex[:10]
        self.email = f"ada-{mark}@example.org"
        #: What must be nowhere afterwards.
        self.secrets = [
            self.email, f"Ada {mark}", f"Augusta {mark}", f"walked {mark}", f"sat {mark}"
        ]
        _, first_name, name, walked, sat = self.secrets
        self.owner = Client(server.url)
        self.owner.register()
        self.task = make_task(self.owner, make_project(self.owner))
        self.own_log = add_log(self.owner, self.task, YESTERDAY, 60, description="by the owner")
        invitation = self.owner.post("/invitations", {"email": self.email, "role": "member"})
        self.ada = Client(server.url)
        self.ada._take_session(self.ada.post(
            "/invitations/accept",
            {"token": invitation["token"], "name": first_name, "password": PASSWORD},
        ))
        self.ada.patch("/me", {"name": name})
        add_log(self.ada, self.task, YESTERDAY, 3600, description=walked)
        self.ada.post(f"/tasks/{self.task['id']}/time/start", {"description": sat})
        self.stranger = Client(server.url)
        self.stranger.register()
        self.stranger.post("/invitations", {"email": self.email, "role": "viewer"})

    @property
    def user(self) -> str:
        return self.ada.user["id"]

    def erase(self, *arguments: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
        return teamflow("erase", *arguments, "--data", str(self.server.data), expect=expect)

    def all_texts(self) -> str:
        """Whatever the owner and an operator can read."""
        owner, task = self.owner, self.task["id"]
        organization = owner.organization["id"]
        texts = [
            owner.send("GET", path, min_position="").text
            for path in (
                "/users", "/users?active=false", f"/users/{self.user}", "/invitations",
                "/time-logs", f"/tasks/{task}/time-logs", "/timers", "/reports/time?group_by=user",
                f"/timesheets/{self.user}", "/events?limit=1000", f"/tasks/{task}/activity",
                f"/organizations/{organization}/activity", f"/streams/member-{self.user}",
            )
        ]
        for media in ("application/x-ndjson", "text/csv"):
            texts.append(owner.send("GET", "/events", headers={"Accept": media}).text)
        with make_operator(self.server) as operator:
            texts.append(operator.send("GET", "/events?limit=1000").text)
            path = f"/streams/user-{self.user}?organization_id={uuid.UUID(int=0)}"
            texts.append(operator.send("GET", path).text)
        texts.append(self.stranger.send("GET", "/invitations").text)
        return "\n".join(texts)

    def seen(self, text: str) -> list[str]:
        return [secret for secret in self.secrets if secret in text]

    def is_gone(self) -> None:
        """Everything of the person is, and nothing of anybody else."""
        ada, owner = self.ada, self.owner
        until(lambda: not self.seen(self.all_texts()), 10, "the placeholder in all answers")
        assert ERASED in self.all_texts()
        member = owner.get(f"/users/{self.user}")
        assert member["name"] == member["email"] == ERASED and not member["active"]
        assert owner.get("/timers")["total"] == 0
        until(lambda: ada.send("GET", "/me").status_code == 401, 5, "the end of the token")
        body = {"refresh_token": ada.refresh_token}
        ada.refused(401, "unauthenticated", "POST", "/auth/refresh", body)
        body = {"email": self.email, "password": PASSWORD}
        Client(self.server.url).refused(401, "invalid_credentials", "POST", "/auth/login", body)
        invitations = self.stranger.get("/invitations")["invitations"]
        assert [(each["email"], each["status"]) for each in invitations] == [(ERASED, "revoked")]
        log = owner.get(f"/time-logs/{self.own_log['id']}")
        assert log["description"] == "by the owner"
        assert owner.get("/me")["email"] == owner.user["email"]
        dump = subprocess.run(
            ["pg_dump", f"--dbname={self.server.postgres_url}"], capture_output=True, text=True,
            check=True, timeout=120,
        ).stdout
        assert self.user in dump and not self.seen(dump)
        assert not self.seen(self.server.output.read_text())


@pytest.fixture
def office(launch: Any, log: str) -> Office:
    return Office(launch(log))


def test_an_erased_person_is_nowhere(office: Office) -> None:
    server, ada = office.server, office.ada
    until(lambda: len(office.seen(office.all_texts())) == 5, 10, "all texts in the clear")
    with make_operator(server) as operator:
        body = {"user": office.email, "dry_run": True}
        plan = operator.post("/admin/erasures", body, expect=200)
        assert plan["user_id"] == office.user and plan["keys_destroyed"] == 0
        assert ada.get("/me")["email"] == office.email
    with Feed(ada) as own, Feed(office.owner) as feed:
        report = office.erase(office.email.upper(), "--yes", "--json").stdout
        assert close_code(own) == 4401
        feed.next("time.timer_discarded")
    assert f'"user_id":"{office.user}"' in report and '"keys_destroyed":3' in report
    assert '"credentials_deleted":1' in report and '"invitations":2' in report
    for counted in (
        '{"where":"identity.profile_changed","count":1}', '{"where":"time.log_added","count":1}',
        '{"where":"organization.invitation_created","count":2}',
        '{"where":"users.account","count":1}',
    ):
        assert counted in report, report
    # Where read models are slow, the row of the discarded timer is still there.
    assert re.search(r'"where":"time_logs\.time_log","count":[12]}', report), report
    office.is_gone()
    # A replay from the start shows it too.
    partition = office.owner.position.split("@")[0]
    with Feed(office.owner, after=f"{partition}@-1") as replayed:
        replayed.next("time.log_added")
        replayed.next("time.timer_discarded")
        assert not office.seen(str(replayed.messages)) and ERASED in str(replayed.messages)

    office.erase(office.email, "--yes", expect=1)
    with Client(server.url) as anew:
        anew.register(email=office.email, name=office.secrets[2])
        again = office.erase(office.user, "--yes").stdout
        assert "who was erased before" in again and "0 keys, 0 credentials" in again
        assert anew.get("/me")["email"] == office.email
        server.restart()
        anew.refresh()
        assert anew.get("/me")["email"] == office.email
    done = teamflow("doctor", "--data", str(server.data))
    assert "ok   erasures     1 persons erased" in done.stdout


@pytest.mark.parametrize(
    "point", ["erasure.after_event", "erasure.after_keys", "erasure.after_membership"]
)
def test_an_erasure_cut_short_is_completed_when_it_is_repeated(office: Office, point: str) -> None:
    server = office.server
    server.restart(FAILPOINT=f"{point}:1")
    assert "safe to repeat" in office.erase(office.email, "--yes", expect=1).stderr
    server.wait_exit(60)
    server.start()
    # The keys go without anybody's doing, whoever repeats the rest.
    with server.database() as database:
        gone = "select count(*) from identity_private.person_keys where wrapped is null"
        until(lambda: database.execute(gone).fetchone() == (3,), 30, "the end of the keys")
    office.erase(office.user, "--yes")
    office.is_gone()


def test_a_restored_key_is_destroyed_again(launch: Any) -> None:
    office = Office(launch("postgres"))
    server = office.server
    with server.database() as database:
        database.execute(
            "create table kept_keys as select person, wrapped from identity_private.person_keys"
        )
        database.execute("create table kept as select * from identity_private.credentials")
        office.erase(office.email, "--yes")
        server.kill9()
        database.execute(
            "update identity_private.person_keys k set wrapped = o.wrapped, destroyed_at = null"
            " from kept_keys o where o.person = k.person"
        )
        database.execute(
            "insert into identity_private.credentials select * from kept on conflict do nothing"
        )
        done = teamflow("doctor", "--postgres-url", server.postgres_url, expect=1)
        assert "persons were erased whose keys are there" in done.stdout
        database.execute("drop table kept_keys, kept")
    server.start()
    office.is_gone()


def test_every_gateway_forgets_the_key(launch: Any) -> None:
    office = Office(launch("postgres"))
    beside = role_beside(office.server)
    try:
        beside.start()
        office.owner.move_to(beside.url)
        path = f"/users/{office.user}"
        assert office.owner.get(path)["email"] == office.email
        office.erase(office.user, "--yes")
        until(lambda: office.owner.get(path)["email"] == ERASED, 5, "the placeholder")
        office.ada.move_to(beside.url)
        until(lambda: office.ada.send("GET", "/me").status_code == 401, 5, "the refusal")
    finally:
        beside.close()


def test_others_are_not_left_without_an_owner_unasked(launch: Any) -> None:
    office = Office(launch("postgres"))
    owner = office.owner
    done = office.erase(owner.user["id"], "--yes", expect=1)
    assert owner.organization["name"] in done.stderr and "last_owner" in done.stderr
    assert owner.get("/me")["email"] == owner.user["email"]
    # Nobody else is in the organization of the stranger.
    assert "its only owner" in office.erase(office.stranger.user["email"], "--yes").stdout
    office.erase(owner.user["id"], "--yes", "--force")
    until(lambda: owner.send("GET", "/me").status_code == 401, 5, "the refusal")
    assert office.ada.get("/me")["email"] == office.email
    for nobody in (str(uuid.uuid4()), "nobody@example.org"):
        assert "not_found" in office.erase(nobody, "--yes", expect=1).stderr
    assert "give --yes" in office.erase(office.email, expect=2).stderr
    office.ada.refused(
        403, "forbidden", "POST", "/admin/erasures", {"user": office.email, "force": True}
    )
    office.server.kill9()
    place = ["--postgres-url", office.server.postgres_url, "--data", str(office.server.data)]
    with office.server.database() as database:
        database.execute("update teamflow.nodes set seen_at = now() - interval '1 minute'")
    done = teamflow("erase", office.email, "--yes", *place, expect=1)
    assert "no gateway runs on this database" in done.stderr
