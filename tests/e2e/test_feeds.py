"""The live feeds and the history of events, as clients see them."""

import csv
import io
import json
import socket
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import Any, Iterator
from urllib.parse import urlencode

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from support.client import Client
from support.feed import Feed
from support.waiting import until
from support.work import add_log


def new_task(client: Client, title: str = "Work") -> str:
    """A task; its project is made with it."""
    project = client.post("/projects", {"name": "Project", "key": f"P{new_task.count}"}, expect=201)
    new_task.count += 1
    return client.post("/tasks", {"project_id": project["id"], "title": title}, expect=201)["id"]


new_task.count = 1  # type: ignore[attr-defined]


def position(client: Client) -> str:
    """The newest position of the client's organization."""
    return client.position.split(",")[-1]


def offset(place: str) -> int:
    return int(place.split("@")[1])


def sse(client: Client, **options: Any) -> Iterator[dict[str, str]]:
    """The messages of the live tail, with their fields; comments are left out."""
    headers = {"Authorization": f"Bearer {client.token}", "Accept": "text/event-stream"}
    headers.update(options.pop("headers", {}))
    with client.http.stream("GET", "/api/v1/events", headers=headers, **options) as answer:
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "text/event-stream"
        message: dict[str, str] = {}
        for line in answer.iter_lines():
            if not line:
                if message:
                    yield message
                message = {}
            elif not line.startswith(":"):
                name, _, value = line.partition(": ")
                message[name] = value


def test_a_timer_is_seen_live(client: Client) -> None:
    task = new_task(client)
    with Feed(client, topics="timers") as feed:
        started = client.post(f"/tasks/{task}/time/start", {"description": "Deep work"})
        seen = feed.next("time.timer_started")
        assert seen["position"] == position(client)
        assert seen["data"]["time_log_id"] == started["time_log_id"]
        assert seen["data"]["task_id"] == task
        assert seen["data"]["description"] == "Deep work"
        client.post(f"/tasks/{task}/time/stop")
        assert feed.next("time.timer_stopped")["data"]["duration_seconds"] >= 0
        assert [m["type"] for m in feed.events] == ["time.timer_started", "time.timer_stopped"]


def test_a_feed_resumes_without_a_gap_or_a_double(client: Client) -> None:
    task = new_task(client)
    with Feed(client) as feed:
        client.post(f"/tasks/{task}/time/start")
        first = feed.next("time.timer_started")
    client.post(f"/tasks/{task}/time/stop")
    with Feed(client, after=first["position"]) as feed:
        assert feed.ready["position"] == first["position"]
        client.post(f"/tasks/{task}/time/start")
        feed.next("time.timer_started")
        assert [m["type"] for m in feed.events] == ["time.timer_stopped", "time.timer_started"]
        assert offset(feed.events[0]["position"]) > offset(first["position"])


def test_a_feed_without_after_begins_now(client: Client) -> None:
    new_task(client)
    with Feed(client) as feed:
        assert offset(feed.ready["position"]) >= offset(position(client))
        task = new_task(client)
        seen = feed.next("task.task_created")
        assert seen["data"]["task_id"] == task


def test_a_corrected_timer_is_seen_among_the_timers(client: Client) -> None:
    task = new_task(client)
    hour_ago = datetime.now(timezone.utc) - timedelta(hours=1)
    finished = add_log(client, {"id": task}, hour_ago - timedelta(hours=2), 60)
    with Feed(client, topics="timers") as feed:
        started = client.post(f"/tasks/{task}/time/start")
        client.patch(f"/time-logs/{finished['id']}", {"category": "nobody waits for this"})
        moved = hour_ago.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        client.patch(f"/time-logs/{started['time_log_id']}", {"start_time": moved})
        client.post(f"/tasks/{task}/time/stop")
        feed.next("time.timer_stopped")
        assert [event["type"] for event in feed.events] == [
            "time.timer_started", "time.log_edited", "time.timer_stopped"
        ]
        assert feed.events[1]["data"]["start_time"] == moved
        assert feed.events[1]["data"]["time_log_id"] == started["time_log_id"]


def test_topics_choose_what_is_delivered(client: Client) -> None:
    wanted, other = new_task(client), new_task(client)
    project = client.get(f"/tasks/{wanted}")["project_id"]
    with Feed(client, topics=f"tasks:{project},notifications") as feed:
        for task in (other, wanted):
            client.patch(f"/tasks/{task}", {"title": "Another title"})
        seen = feed.next("task.task_edited")
        assert seen["data"]["task_id"] == wanted
        assert len(feed.events) == 1


def test_other_organizations_hear_nothing(client: Client, anonymous: Client) -> None:
    anonymous.register()
    with Feed(anonymous) as feed:
        task = new_task(client)
        client.post(f"/tasks/{task}/time/start")
        own = new_task(anonymous)
        assert feed.next("task.task_created")["data"]["task_id"] == own


@pytest.mark.parametrize(
    ("query", "status", "error"),
    [
        ("topics=everything", 422, "validation_failed"),
        ("topics=tasks:42", 422, "validation_failed"),
        ("nonsense=1", 422, "validation_failed"),
        ("after=nonsense", 400, "bad_position"),
        ("after=99999@1", 400, "bad_position"),
    ],
)
def test_a_bad_feed_is_refused_before_the_upgrade(
    client: Client, query: str, status: int, error: str
) -> None:
    url = client.url.replace("http://", "ws://", 1) + "/ws/events?" + query
    with pytest.raises(InvalidStatus) as refused:
        connect(url, additional_headers={"Authorization": f"Bearer {client.token}"})
    answer = refused.value.response
    assert answer.status_code == status
    assert json.loads(answer.body or b"{}")["error"] == error


def test_a_feed_needs_a_ticket_that_is_good_once(client: Client) -> None:
    ticket = client.ticket()
    url = client.url.replace("http://", "ws://", 1) + f"/ws/events?ticket={ticket}"
    with connect(url):
        pass
    with pytest.raises(InvalidStatus) as refused:
        connect(url)
    assert refused.value.response.status_code == 401


def clients_cut(client: Client) -> int:
    text = client.get("/metrics", base="")
    name = "teamflow_feed_cut_slow_total "
    line = next(each for each in text.splitlines() if each.startswith(name))
    return int(float(line.split()[1]))


@contextmanager
def idle_reader(client: Client, after: str = "") -> Iterator[ClientConnection]:
    """A feed whose buffers are small on this side, and that reads only when it is told to."""
    host, port = client.url.removeprefix("http://").split(":")
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    narrow.connect((host, int(port)))
    query = {"ticket": client.ticket(), **({"after": after} if after else {})}
    with connect(
        client.url.replace("http://", "ws://", 1) + "/ws/events?" + urlencode(query),
        sock=narrow, compression=None, max_queue=1, ping_interval=None,
    ) as reader:
        assert json.loads(reader.recv(timeout=10))["type"] == "feed.ready"
        yield reader


def make_large_event(client: Client, task: str, number: int) -> None:
    client.patch(f"/tasks/{task}", {"description": f"{number} " + "\N{ROCKET}" * 9_900})


def read_until_cut(slow: ClientConnection, most: int) -> str:
    """Reads what was sent before the cut, which must be whole; the position to go on from."""
    seen: list[dict[str, Any]] = []
    with pytest.raises(ConnectionClosed) as closed:
        for _ in range(most):
            seen.append(json.loads(slow.recv(timeout=30)))
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 4408
    last = closed.value.rcvd.reason
    assert seen[-1]["position"] == last
    offsets = [offset(message["position"]) for message in seen]
    assert offsets == list(range(offsets[0], offsets[0] + len(seen)))
    return last


def read_the_rest(client: Client, last: str) -> None:
    with Feed(client, after=last) as feed:
        while offset(last) < offset(position(client)):
            message = feed.receive()
            assert offset(message["position"]) == offset(last) + 1
            last = message["position"]


def test_a_slow_client_is_cut_and_can_resume(client: Client) -> None:
    """It reads nothing until the queue and the kernel's buffers have been full for a while."""
    task = new_task(client)
    cut_before = clients_cut(client)
    with idle_reader(client) as slow:
        for number in range(2000):
            make_large_event(client, task, number)
            if clients_cut(client) > cut_before:
                break
        last = read_until_cut(slow, number + 2)
    read_the_rest(client, last)


def test_a_client_that_stops_reading_history_is_cut_and_can_resume(client: Client) -> None:
    """There is more history than the queue and the kernel's buffers hold."""
    task = new_task(client)
    begin = position(client)
    count = 350
    for number in range(count):
        make_large_event(client, task, number)
    cut_before = clients_cut(client)
    with idle_reader(client, after=begin) as slow:
        until(lambda: clients_cut(client) > cut_before, 30, "the client to be cut")
        last = read_until_cut(slow, count + 1)
    assert offset(last) < offset(position(client))
    read_the_rest(client, last)


def test_a_stopping_server_says_so(launch: Any) -> None:
    server = launch()
    with Client(server.url) as client:
        client.register()
        with Feed(client) as feed:
            server.stop()
            with pytest.raises(ConnectionClosed) as closed:
                feed.receive()
            assert closed.value.rcvd is not None and closed.value.rcvd.code == 1001


def test_server_sent_events_resume_by_last_event_id(client: Client) -> None:
    task = new_task(client)
    before = position(client)
    client.post(f"/tasks/{task}/time/start")
    client.post(f"/tasks/{task}/time/stop")
    messages = sse(client, params={"after": before})
    first = next(messages)
    messages.close()
    assert json.loads(first["data"])["type"] == "time.timer_started"
    # Last-Event-ID wins over `after`.
    messages = sse(client, params={"after": before}, headers={"Last-Event-ID": first["id"]})
    second = next(messages)
    messages.close()
    event = json.loads(second["data"])
    assert event["type"] == "time.timer_stopped"
    assert second["id"] == f"{event['partition']}@{event['offset']}" == position(client)


def test_server_sent_events_by_ticket(client: Client) -> None:
    task = new_task(client)
    before = position(client)
    client.post(f"/tasks/{task}/time/start")
    parameters = {"ticket": client.ticket("sse"), "after": before, "type": "time.timer_started"}
    for _ in range(2):
        messages = sse(client, params=parameters, headers={"Authorization": ""})
        assert json.loads(next(messages)["data"])["data"]["task_id"] == task
        messages.close()


def test_a_ticket_is_good_for_streams_alone(client: Client, anonymous: Client) -> None:
    """It stands in an address, which proxies and browsers keep."""
    task = new_task(client)
    ticket = {"ticket": client.ticket("sse")}
    for path in ("/me", "/tasks", f"/tasks/{task}", "/event-types", "/events/statistics"):
        anonymous.refused(401, "unauthenticated", "GET", path, params=ticket)
    anonymous.refused(401, "unauthenticated", "POST", "/auth/tickets", params=ticket)
    assert anonymous.get("/events", params=ticket)["events"]
    unknown = {"status": 422, "error": "validation_failed", "fields": ["query.ticket"]}
    for path in ("/me", "/tasks", f"/tasks/{task}"):
        client.refused(**unknown, method="GET", path=path, params=ticket)
    body = {"title": "Another"}
    client.refused(**unknown, method="PATCH", path=f"/tasks/{task}", body=body, params=ticket)


def test_a_ticket_ends_with_its_sign_in(client: Client, anonymous: Client) -> None:
    new_task(client)
    ticket = {"ticket": client.ticket("sse")}
    assert anonymous.get("/events", params=ticket)["events"]
    client.post("/auth/logout", {"refresh_token": client.refresh_token}, expect=204)
    until(
        lambda: anonymous.send("GET", "/events", params=ticket).status_code == 401,
        5, "the refusal",
    )
    anonymous.refused(
        401, "unauthenticated", "GET", "/events", params=ticket,
        headers={"Accept": "text/event-stream"},
    )


def test_history_pages_through_all_events_in_order(client: Client) -> None:
    task = new_task(client)
    for _ in range(3):
        client.post(f"/tasks/{task}/time/start", {"description": 'He said "hi",\nand left'})
        client.post(f"/tasks/{task}/time/stop")
    everything = client.get("/events", params={"limit": 1000})["events"]
    offsets = [event["offset"] for event in everything]
    assert offsets == sorted(offsets) and len(set(offsets)) == len(offsets)
    names = [
        "id", "type", "schema_version", "stream", "stream_version", "organization_id", "actor",
        "time", "correlation_id", "causation_id", "partition", "offset", "data",
    ]
    assert all(list(event) == names for event in everything)
    paged, after = [], ""
    while page := client.get("/events", params={"limit": 2, "after": after})["events"]:
        paged += page
        after = f"{page[-1]['partition']}@{page[-1]['offset']}"
    assert paged == everything

    lines = client.get("/events", headers={"Accept": "application/x-ndjson"})
    assert [json.loads(line) for line in lines.splitlines()] == everything
    table = client.get("/events", headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(table, newline="")))
    assert [json.loads(row["data"]) for row in rows] == [event["data"] for event in everything]
    assert list(rows[0]) == names
    assert [int(row["offset"]) for row in rows] == offsets


def test_history_is_filtered(client: Client) -> None:
    task = new_task(client)
    begin = position(client)
    client.post(f"/tasks/{task}/time/start")
    client.post(f"/tasks/{task}/time/stop")
    types = ["time.timer_started", "time.timer_stopped"]
    found = client.get("/events", params={"type": types})["events"]
    assert [event["type"] for event in found] == types
    started = found[0]
    for filters in (
        {"stream": started["stream"], "until": f"{started['partition']}@{started['offset']}"},
        {"correlation_id": started["correlation_id"]},
        {"actor": client.user["id"], "after": begin, "limit": 1},
        {"from": started["time"], "type": types[0]},
    ):
        assert client.get("/events", params=filters)["events"] == [started], filters
    assert client.get("/events", params={"to": started["time"], "type": types[0]})["events"] == []
    assert client.get(f"/events/{started['id']}") == started


@pytest.mark.parametrize(
    ("query", "field"),
    [("limit=0", "query.limit"), ("limit=1001", "query.limit"), ("from=now", "query.from"),
     ("colour=red", "query.colour"), ("correlation_id=7", "query.correlation_id")],
)
def test_bad_filters_are_refused(client: Client, query: str, field: str) -> None:
    client.refused(422, "validation_failed", "GET", "/events?" + query, fields=[field])


def test_history_stays_within_the_organization(client: Client, anonymous: Client) -> None:
    client.refused(406, "not_acceptable", "GET", "/events", headers={"Accept": "image/png"})
    client.refused(400, "bad_position", "GET", "/events?after=7")
    anonymous.register()
    foreign = anonymous.get("/events")["events"][0]
    client.refused(404, "not_found", "GET", f"/events/{foreign['id']}")
    other = anonymous.organization["id"]
    client.refused(403, "forbidden", "GET", f"/events?organization_id={other}")


def test_quiet_feeds_show_that_they_live(client: Client) -> None:
    """Both kinds at once, since each takes its 15 seconds."""
    with Feed(client) as feed, client.http.stream(
        "GET",
        "/api/v1/events",
        headers={"Authorization": f"Bearer {client.token}", "Accept": "text/event-stream"},
    ) as stream:
        lines = stream.iter_lines()
        assert [next(lines), next(lines)] == [": heartbeat", ""]
        quiet = feed.receive(within=25)
        assert quiet["type"] == "feed.position"
        assert offset(quiet["position"]) >= offset(feed.ready["position"])
        assert [next(lines), next(lines)] == [": heartbeat", ""]
        task = new_task(client)
        assert feed.next("task.task_created")["data"]["task_id"] == task
        names = (json.loads(line[6:])["type"] for line in lines if line.startswith("data: "))
        assert "task.task_created" in names
