"""What an operator sees: health, metrics and the program's own log."""

import json
import uuid
from typing import Any

from support.client import Client
from support.feed import Feed
from support.metrics import Metrics
from support.teamflow import Teamflow
from support.waiting import until
from support.work import make_project, make_task

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def log_lines(server: Teamflow, **members: Any) -> list[dict[str, Any]]:
    """Lines of the log that have these members."""
    lines = []
    for text in server.output.read_text(errors="replace").splitlines():
        if text.startswith("{"):
            line = json.loads(text)
            if members.items() <= line.items():
                lines.append(line)
    return lines


def test_health_and_readiness_name_their_checks(client: Client) -> None:
    for path in ("/health/health", "/healthz"):
        health = client.get(path, base="")
        assert health["status"] == "ok" and health["version"]
    for path in ("/health/ready", "/readyz"):
        ready = client.get(path, base="")
        assert ready["status"] == "ready"
        assert list(ready["checks"]) == ["log", "database", "ownership", "projections"]
        assert all(check["status"] == "ok" for check in ready["checks"].values())


def test_a_lost_database_is_named(launch: Any) -> None:
    server = launch()
    with Client(server.url) as client:
        client.register()
        server.crash_postgres()
        request_id = str(uuid.uuid4())
        answer = client.send("GET", "/health/ready", base="")
        assert answer.status_code == 503
        assert answer.json()["checks"]["database"]["status"] == "failed"
        # Without Min-Position: the registration may not be in the read models yet.
        refused = client.send(
            "GET", "/tasks", headers={"X-Request-ID": request_id}, min_position=""
        )
        assert refused.status_code == 503 and refused.headers["Retry-After"]
        line = until(
            lambda: log_lines(server, request_id=request_id, level="warning"), 5, "the warning"
        )[0]
        assert line["path"] == "/api/v1/tasks" and line["cause"]


def test_every_request_is_a_line_of_the_log(client: Client, server: Teamflow) -> None:
    task = make_task(client, make_project(client))
    request_id = str(uuid.uuid4())
    headers = {"X-Request-ID": request_id, "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    answer = client.send("POST", f"/tasks/{task['id']}/time/start?", headers=headers)
    assert answer.status_code == 201 and answer.headers["X-Request-ID"] == request_id

    line = until(lambda: log_lines(server, request_id=request_id), 10, "the line")[0]
    assert line["trace_id"] == TRACE
    assert line["message"] == "request" and line["level"] == "info"
    assert line["method"] == "POST" and line["status"] == 201
    assert line["route"] == "/api/v1/tasks/{id}/time/start"
    assert line["path"] == f"/api/v1/tasks/{task['id']}/time/start"
    assert line["duration_us"] > 0 and line["peer"] == "127.0.0.1"

    event = client.get("/events", params={"correlation_id": request_id})["events"][0]
    assert event["type"] == "time.timer_started"
    with server.database() as database:
        row = database.execute(
            "select traceparent from teamflow.events where id = %s", [event["id"]]
        ).fetchone()
    assert row[0] == headers["traceparent"]


def test_secrets_are_not_in_the_log(client: Client, server: Teamflow) -> None:
    ticket = client.ticket("sse")
    request_id = str(uuid.uuid4())
    client.get("/events", params={"ticket": ticket}, headers={"X-Request-ID": request_id})
    until(lambda: log_lines(server, request_id=request_id), 10, "the line")
    text = server.output.read_text()
    for secret in (ticket, client.token, client.refresh_token, "correct horse"):
        assert secret not in text


def test_metrics_of_work(launch: Any, log: str) -> None:
    server = launch(log)
    with Client(server.url) as client:
        client.register()
        task = make_task(client, make_project(client))
        with Feed(client) as feed:
            client.post(f"/tasks/{task['id']}/time/start")
            client.refused(
                409, "timer_already_running", "POST", f"/tasks/{task['id']}/time/start"
            )
            client.post(f"/tasks/{task['id']}/time/stop")
            feed.next("time.timer_stopped")
            client.get(f"/tasks/{task['id']}")
            told = Metrics(client)
        assert told.sum("teamflow_feed_websockets") == 1
        assert told.sum("teamflow_websockets") == 1
        assert told.sum("teamflow_feed_events_sent_total") >= 2
        route = "/api/v1/tasks/{id}/time/start"
        for status in ("201", "409"):
            requests = told.sum("teamflow_http_request_seconds_count", route=route, status=status)
            assert requests == 1
        for result in ("done", "refused"):
            name = {"command": "start_timer", "result": result}
            assert told.sum("teamflow_command_seconds_count", **name) == 1
        appended = told.sum("teamflow_append_batch_records_sum")
        assert appended == told.sum("teamflow_append_records_total") >= 5
        assert told.sum("teamflow_append_seconds_count") > 0
        assert told.sum("teamflow_partition_owned") == 12
        assert told.sum("teamflow_projection_batch_events_sum", projection="timers") >= 2
        for found, value in told.all("teamflow_projection_status"):
            assert found["status"] == "live" and value == 1
        if log == "kafka":
            assert told.sum("teamflow_archive_records_total") >= appended
        until(
            lambda: Metrics(client).sum("teamflow_projection_lag_events") == 0, 10, "no lag"
        )


def test_histograms_add_up(client: Client) -> None:
    make_task(client, make_project(client))
    told = Metrics(client)
    histograms = [name for name, kind in told.types.items() if kind == "histogram"]
    assert len(histograms) >= 6
    for name in histograms:
        for labels, count in told.all(name + "_count"):
            buckets = [
                (float(found["le"]), value)
                for found, value in told.all(name + "_bucket", **labels)
                if found.keys() == {*labels, "le"}
            ]
            values = [value for _, value in sorted(buckets)]
            assert values == sorted(values) and values[-1] == count, (name, labels)
            assert buckets[-1][0] == float("inf")
