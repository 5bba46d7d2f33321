"""What the roles of an organization may do with its work (api.md, Conventions)."""

from datetime import datetime, timezone
from typing import Any

from support.client import Client
from support.work import add_log, make_project, make_task, make_template


def test_a_viewer_reads_and_changes_nothing(client: Client) -> None:
    project = make_project(client)
    task = make_task(client, project)
    viewer = client.colleague("viewer")
    path = f"/tasks/{task['id']}"
    assert viewer.get(path)["id"] == task["id"]
    assert viewer.get(f"/projects/{project['id']}/board")["project_id"] == project["id"]
    changes: list[tuple[str, str, Any]] = [
        ("POST", "/projects", {"name": "Mine"}),
        ("POST", "/tasks", {"project_id": project["id"], "title": "Mine"}),
        ("PATCH", path, {"title": "Mine"}),
        ("DELETE", path, None),
        ("POST", f"{path}/time/start", None),
    ]
    for method, where, body in changes:
        viewer.refused(403, "forbidden", method, where, body)
    assert client.get("/tasks")["total"] == 1


def test_a_member_works_on_tasks_and_leaves_projects_alone(client: Client) -> None:
    project = make_project(client)
    template = make_template(client)
    member = client.colleague("member")
    task = make_task(member, project)
    member.patch(f"/tasks/{task['id']}", {"status": "done"}, expect=200)
    variables = {"feature": "search", "customer": "Ann"}
    body = {"project_id": project["id"], "template_variables": variables}
    member.post(f"/templates/{template['id']}/apply", body, expect=201)
    member.refused(403, "forbidden", "POST", "/projects", {"name": "Mine"})
    member.refused(403, "forbidden", "DELETE", f"/templates/{template['id']}")


def test_time_of_others_is_for_admins(client: Client) -> None:
    task = make_task(client, make_project(client))
    member = client.colleague("member")
    day = datetime(2026, 11, 2, 9, tzinfo=timezone.utc)
    log = add_log(client, task, day, 60, description="Of the owner")
    member.refused(403, "forbidden", "PATCH", f"/time-logs/{log['id']}", {"category": "x"})
    member.refused(403, "forbidden", "DELETE", f"/time-logs/{log['id']}")
    own = add_log(member, task, day, 120)
    by_admin = add_log(client, task, day, 180, user_id=member.user["id"], description="By admin")
    assert by_admin["user_id"] == member.user["id"]
    assert by_admin["description"] == "By admin"
    client.patch(f"/time-logs/{own['id']}", {"category": "meeting"}, expect=200)
    of_member = client.get("/time-logs", params={"user_id": member.user["id"]})["time_logs"]
    assert {entry["id"] for entry in of_member} == {own["id"], by_admin["id"]}
    assert member.get(f"/tasks/{task['id']}/time-logs")["total_time_seconds"] == 360
