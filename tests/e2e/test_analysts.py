"""Analysts: SQL over what the program itself wrote, one organization at a time."""

import re
from typing import Any, Iterator

import psycopg
import pytest

from support.client import Client
from support.command_line import teamflow
from support.teamflow import Teamflow
from support.waiting import until
from support.work import work_a_while


@pytest.fixture
def served(launch: Any) -> Iterator[Teamflow]:
    yield launch()


def analyst(server: Teamflow, *arguments: str, expect: int = 0) -> str:
    done = teamflow("analyst", *arguments, "--data", str(server.data), expect=expect)
    return done.stdout if expect == 0 else done.stderr


def test_an_analyst_asks_for_the_work_of_one_organization(served: Teamflow) -> None:
    with Client(served.url) as mine, Client(served.url) as theirs:
        mine.register()
        theirs.register()
        work_a_while(mine)
        work_a_while(theirs)
        organization = mine.organization["id"]
        password = analyst(
            served, "create", "--name", "ada", "--organization", organization
        ).strip()
        assert re.fullmatch(r"[\w-]{43}", password)

        with psycopg.connect(
            served.postgres_url, user="ada", password=password, autocommit=True
        ) as reader:
            def ask(sql: str) -> list[tuple]:
                return reader.execute(sql).fetchall()

            tasks = "select task_id from task_created"
            assert until(lambda: ask(tasks), what="a task in the history")
            assert ask("select distinct organization_id::text from events") == [(organization,)]
            assert ask("select count(*) from timer_stopped where duration_seconds < 0") == [(0,)]
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                ask("select 1 from identity_private.credentials")
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                ask("create table mine (id int)")
            listed = analyst(served, "list").splitlines()
            assert len(listed) == 2 and listed[1].split()[:2] == ["ada", organization]
            analyst(served, "drop", "--name", "ada")
        assert "ada" not in analyst(served, "list")


def test_what_does_not_fit_is_refused(served: Teamflow) -> None:
    nobody = "01936f3c-7b1a-7000-8000-000000000001"
    refused = analyst(
        served, "create", "--name", "Ada L", "--organization", nobody, "--password", "x", expect=2
    )
    assert "Ada L" in refused and "12 characters" in refused and nobody in refused
    assert "must be an id" in analyst(
        served, "create", "--name", "ada", "--organization", "mine", expect=2
    )
    assert "no analyst" in analyst(served, "drop", "--name", "ada", expect=2)
