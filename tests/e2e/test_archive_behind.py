"""Queries that read events from the archive of a Kafka log, while that lags behind the log."""

from typing import Any

from support.client import Client
from support.work import make_project, make_task


def offset(position: str) -> int:
    return int(position.split("@")[1])


def test_activity_waits_for_the_archive(launch: Any) -> None:
    server = launch("kafka")
    with Client(server.url) as client, server.database() as database:
        client.register()
        project = make_project(client)
        task = make_task(client, project)
        paths = [
            f"/tasks/{task['id']}/activity",
            f"/projects/{project['id']}/activity",
            f"/organizations/{client.organization['id']}/activity",
        ]
        totals = [client.get(path)["total"] for path in paths]
        with database.transaction():
            # The archiver moves these rows with each batch.
            database.execute("select from teamflow.archive_checkpoints for update")
            client.patch(f"/tasks/{task['id']}", {"title": "Not archived yet"})
            assert client.get(f"/tasks/{task['id']}")["title"] == "Not archived yet"
            for path, total in zip(paths, totals):
                client.refused(
                    503, "read_model_behind", "GET", path, headers={"Prefer": "wait=0"}
                )
                shown = client.send("GET", path, min_position="")
                assert shown.json()["total"] == total
                assert offset(shown.headers["Event-Position"]) < offset(client.position)
        for path, total in zip(paths, totals):
            shown = client.send("GET", path, headers={"Prefer": "wait=30"})
            assert shown.json()["total"] == total + 1
            assert shown.json()["activities"][0]["type"] == "task.task_edited"
            assert offset(shown.headers["Event-Position"]) >= offset(client.position)
