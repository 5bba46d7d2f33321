"""What the program is for, from registration to totals, on both logs: live, and over a crash."""

from typing import Callable

from confluent_kafka import Consumer, TopicPartition

from support.client import Client
from support.feed import Feed
from support.kafka import Kafka
from support.teamflow import Teamflow
from support.work import make_project, make_task


def totals(client: Client, task: str) -> tuple[int, int, int]:
    """Logs of the task, seconds, and seconds billable."""
    logs = client.get(f"/tasks/{task}/time-logs")
    return len(logs["time_logs"]), logs["total_time_seconds"], logs["billable_time_seconds"]


def test_work_is_timed_seen_live_and_kept(launch: Callable[..., Teamflow], log: str) -> None:
    server = launch(log)
    with Client(server.url) as owner:
        owner.register()
        member = owner.colleague()
        task = make_task(owner, make_project(owner, name="Website"), title="Write")["id"]
        with Feed(owner, topics="timers") as feed:
            started = member.post(f"/tasks/{task}/time/start", {"description": "Deep"}, expect=201)
            live = feed.next("time.timer_started")
            assert live["data"]["time_log_id"] == started["time_log_id"]
            assert live["position"] == member.position
        owner.position = member.position
        assert [timer["task_id"] for timer in owner.get("/timers")["timers"]] == [task]

        server.kill9()
        server.start()

        with Feed(owner, topics="timers", after=live["position"]) as feed:
            stopped = member.post(f"/tasks/{task}/time/stop", expect=200)
            again = feed.next("time.timer_stopped")
            assert [message["type"] for message in feed.events] == ["time.timer_stopped"]
            assert again["data"]["duration_seconds"] == stopped["duration_seconds"]
        owner.position = member.position
        assert owner.get("/timers")["timers"] == []
        member.post(
            f"/tasks/{task}/time-logs", expect=201, body={
                "start_time": "2026-11-02T09:00:00Z", "end_time": "2026-11-02T10:00:00Z",
                "is_billable": False,
            })
        timed = stopped["duration_seconds"]
        assert totals(member, task) == (2, timed + 3600, timed)

        assert server.restart().alive()

        assert totals(member, task) == (2, timed + 3600, timed)
        owner.position = member.position
        types = [event["type"] for event in owner.get("/events")["events"]][-3:]
        assert types == ["time.timer_started", "time.timer_stopped", "time.log_added"]
        report = owner.get("/reports/time", params={"group_by": "project"})["rows"]
        assert [(row["project_name"], row["total_time_seconds"]) for row in report] == [
            ("Website", timed + 3600)]


def test_events_are_cloud_events_in_kafka(launch: Callable[..., Teamflow], kafka: Kafka) -> None:
    server = launch("kafka", topic="teamflow.cloud-events")
    with Client(server.url) as owner:
        owner.register()
        made = owner.send("POST", "/projects", {"name": "Website"}, key="once")
        partition, offset = map(int, made.headers["Event-Position"].split("@"))
        organization = owner.organization["id"]
        user = owner.user["id"]
    reader = Consumer({"bootstrap.servers": kafka.bootstrap, "group.id": "any"})
    reader.assign([TopicPartition("teamflow.cloud-events", partition, offset)])
    message = reader.poll(30)
    reader.close()
    assert message is not None and message.error() is None
    assert message.key().decode() == organization
    headers = {name: value.decode() for name, value in message.headers()}
    project = made.json()["id"]
    expected = {
        "ce_specversion": "1.0", "ce_type": "project.project_created", "ce_actor": user,
        "ce_subject": f"project-{project}", "ce_organization": organization,
        "ce_schemaversion": "1", "ce_streamversion": "1", "content-type": "application/json",
        "ce_correlationid": made.headers["X-Request-ID"],
    }
    assert {name: headers[name] for name in expected} == expected
