"""Process managers of the running program: what is due after a time happens, and takes effect once
however often it is sent."""

from datetime import datetime, timedelta, timezone
from typing import Any, Callable

import pytest

from support.client import Client
from support.command_line import teamflow
from support.metrics import Metrics
from support.roles import role_beside
from support.teamflow import Teamflow
from support.waiting import until
from support.work import instant, make_project, make_task

Launch = Callable[..., Teamflow]
OFTEN = {"TEAMFLOW_PROCESS_INTERVAL": "1"}
NEVER = {"TEAMFLOW_PROCESS_INTERVAL": "3600"}


def begun(owner: Client, task: dict[str, Any], ago: timedelta) -> str:
    """The running log of a timer that started so long ago."""
    log = owner.post(f"/tasks/{task['id']}/time/start")["time_log_id"]
    start = instant(datetime.now(timezone.utc) - ago)
    owner.patch(f"/time-logs/{log}", {"start_time": start})
    return log


def flagged(owner: Client) -> dict[str, bool]:
    return {timer["time_log_id"]: timer["flagged"] for timer in owner.get("/timers")["timers"]}


def flags(owner: Client) -> list[dict[str, Any]]:
    return owner.get("/events", params={"type": "time.timer_flagged"})["events"]


def sent(*clients: Client) -> float:
    """How often it was decided whether to flag a timer."""
    name = "teamflow_command_seconds_count"
    return sum(Metrics(client).sum(name, command="flag_timer") for client in clients)


def forget_flags(server: Teamflow) -> None:
    """As if the read model had not read the events yet: all that was due is due again."""
    with server.database() as database:
        database.execute("update timers.timer set flagged = false")


@pytest.mark.timeout(300)
def test_a_timer_over_a_day_is_flagged_once_and_over_restarts(launch: Launch, log: str) -> None:
    # The first look is at the start, before there is a timer.
    server = launch(log, environment=NEVER)
    with Client(server.url) as owner:
        owner.register()
        project = make_project(owner)
        tasks = [make_task(owner, project) for _ in range(3)]
        old = begun(owner, tasks[0], timedelta(hours=24, seconds=1))
        young = begun(owner, tasks[1], timedelta(hours=23, minutes=30))
        stopped = begun(owner, tasks[2], timedelta(hours=30))
        owner.post(f"/tasks/{tasks[2]['id']}/time/stop")
        assert flagged(owner) == {old: False, young: False}

        server.kill9()
        server.start(**OFTEN)
        until(lambda: flagged(owner)[old], 60, "the timer to be flagged")
        assert flagged(owner) == {old: True, young: False}
        (event,) = flags(owner)
        assert event["data"]["time_log_id"] == old
        assert event["actor"] == "system:long_timers"
        begin = owner.get("/events", params={"stream": f"timelog-{old}"})["events"][0]
        assert event["causation_id"] == begin["id"]
        tree = owner.get(f"/events/{begin['id']}/causes")["tree"]
        places = [(each["id"], each["depth"]) for each in tree]
        assert places == [(begin["id"], 0), (event["id"], 1)]
        told = teamflow("log", "causes", event["id"], "--data", str(server.data)).stdout
        assert [line.split()[0] for line in told.splitlines()] == [
            "request", "time.timer_started", "time.timer_flagged",
        ]
        assert owner.get(f"/time-logs/{old}", min_position="")["flagged"]
        assert not owner.get(f"/time-logs/{stopped}")["flagged"]

        before = sent(owner)
        forget_flags(server)
        until(lambda: sent(owner) >= before + 2, 60, "the timer to be found due again")
        server.kill9()
        server.start(**OFTEN)
        until(lambda: sent(owner) >= 2, 60, "and after a restart")
        assert flags(owner) == [event]
        assert owner.post(f"/tasks/{tasks[0]['id']}/time/stop")["duration_seconds"] > 86400


@pytest.mark.timeout(300)
def test_two_gateways_flag_a_timer_once(launch: Launch, log: str) -> None:
    server = launch(log, environment=OFTEN)
    other = role_beside(server, "gateway", "--process-interval", "1")
    owners = [Client(server.url) for _ in range(4)]
    beside = Client(other.url)
    try:
        other.start()
        for owner in owners:
            owner.register()
        logs = {}
        for owner in owners:
            task = make_task(owner, make_project(owner))
            logs[owner] = begun(owner, task, timedelta(days=2))
        for owner, due in logs.items():
            until(lambda: flagged(owner)[due], 60, "the timer to be flagged")
        gateways = (owners[0], beside)
        before = sent(*gateways)
        forget_flags(server)

        def forwarded() -> float:
            name = "teamflow_commands_forwarded_total"
            return sum(Metrics(each).sum(name) for each in gateways)

        # Who forwards is no owner: so both of them send.
        until(lambda: sent(*gateways) >= before + 4 * len(owners), 60, "rounds of both gateways")
        until(lambda: forwarded() >= 2, 60, "commands of the gateway that owns nothing of it")
        for owner, due in logs.items():
            (event,) = flags(owner)
            assert event["data"]["time_log_id"] == due
    finally:
        for each in (*owners, beside):
            each.close()
        other.close()
