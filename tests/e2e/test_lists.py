"""Boards, filters, orders and pages over HTTP (api.md, Conventions)."""

import uuid
from typing import Any

import pytest

from support.client import Client
from support.work import STATUSES, make_project, make_task


def board_of(client: Client, project: dict[str, Any]) -> dict[str, list[str]]:
    board = client.get(f"/projects/{project['id']}/board")
    assert board["project_id"] == project["id"]
    assert [column["status"] for column in board["columns"]] == STATUSES
    for column in board["columns"]:
        assert column["count"] == len(column["tasks"])
    return {
        column["status"]: [task["id"] for task in column["tasks"]] for column in board["columns"]
    }


def test_tasks_move_on_the_board(client: Client, project: dict[str, Any]) -> None:
    assert board_of(client, project) == {status: [] for status in STATUSES}
    a, b, c, d = (make_task(client, project, title=name)["id"] for name in "abcd")
    assert board_of(client, project)["todo"] == [a, b, c, d]
    client.post(f"/tasks/{d}/move", {"after_id": a}, expect=200)
    assert board_of(client, project)["todo"] == [a, d, b, c]
    client.post(f"/tasks/{c}/move", {"before_id": d})
    assert board_of(client, project)["todo"] == [a, c, d, b]
    client.post(f"/tasks/{b}/move", {"before_id": a})
    assert board_of(client, project)["todo"] == [b, a, c, d]
    client.post(f"/tasks/{a}/move", {"status": "done"})
    board = board_of(client, project)
    assert (board["todo"], board["done"]) == ([b, c, d], [a])
    client.delete(f"/tasks/{c}")
    assert board_of(client, project)["todo"] == [b, d]


# --- lists


def test_pages_neither_skip_nor_repeat(client: Client, project: dict[str, Any]) -> None:
    priorities = ["low", "medium", "high", "urgent"]
    made = [
        make_task(client, project, title=f"Task {n:02}", priority=priorities[n % 4])["id"]
        for n in range(23)
    ]
    assert [task["id"] for task in client.pages("/tasks", "tasks", 5)] == made[::-1]
    by_priority = list(client.pages("/tasks", "tasks", 4, sort="-priority,title"))
    assert len({task["id"] for task in by_priority}) == 23
    assert [(task["priority"], task["title"]) for task in by_priority] == sorted(
        ((task["priority"], task["title"]) for task in by_priority),
        key=lambda each: (-priorities.index(each[0]), each[1]),
    )
    by_day = list(client.pages("/tasks", "tasks", 7, sort="due_date"))
    assert len({task["id"] for task in by_day}) == 23
    page = client.get("/tasks", params={"limit": 5, "offset": 20, "sort": "title"})
    assert [task["title"] for task in page["tasks"]] == ["Task 20", "Task 21", "Task 22"]
    assert (page["total"], page["offset"], page["next_cursor"]) == (23, 20, None)


def test_a_page_of_exactly_the_limit_is_the_last(client: Client, project: dict[str, Any]) -> None:
    for _ in range(3):
        make_task(client, project)
    assert client.get("/tasks", params={"limit": 3})["next_cursor"] is None
    assert client.get("/tasks", params={"limit": 2})["next_cursor"] is not None


def test_tasks_are_found_by_their_filters(client: Client, project: dict[str, Any]) -> None:
    other = make_project(client)
    a = make_task(
        client, project, title="Fix 100% of it", tags=["bug", "ui"], due_date="2026-12-01"
    )
    b = make_task(client, project, status="done", priority="high", due_date="2026-12-31")
    c = make_task(client, other, description="the UNDER_score", assignee_id=client.user["id"])

    def found(**filters: str) -> set[str]:
        return {task["id"] for task in client.get("/tasks", params=filters)["tasks"]}

    assert found() == {a["id"], b["id"], c["id"]}
    assert found(project_id=project["id"]) == {a["id"], b["id"]}
    assert found(status="done") == {b["id"]}
    assert found(priority="high", status="todo") == set()
    assert found(assignee_id=client.user["id"]) == {c["id"]}
    assert found(tag="ui") == {a["id"]}
    assert found(tag="u") == set()
    assert found(due_from="2026-12-01", due_to="2026-12-30") == {a["id"]}
    assert found(q="100%") == {a["id"]}
    assert found(q="under_s") == {c["id"]}
    assert found(q="1_0") == set()


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/tasks", "limit=0", "limit"),
        ("/tasks", "limit=201", "limit"),
        ("/tasks", "limit=many", "limit"),
        ("/tasks", "offset=-1", "offset"),
        ("/tasks", "cursor=nonsense", "cursor"),
        ("/tasks", "sort=colour", "sort"),
        ("/tasks", "status=unheard", "status"),
        ("/tasks", "project_id=7", "project_id"),
        ("/tasks", "due_from=2026-02-30", "due_from"),
        ("/tasks", "unknown=1", "unknown"),
        ("/tasks", "q=", "q"),
        ("/time-logs", "from=yesterday", "from"),
        ("/time-logs", "billable=yes", "billable"),
        ("/projects", "sort=", "sort"),
        ("/templates", "include_inactive=2", "include_inactive"),
        ("/timers", "user_id=me", "user_id"),
    ],
)
def test_a_bad_parameter_is_named(client: Client, path: str, query: str, field: str) -> None:
    client.refused(
        422, "validation_failed", "GET", f"{path}?{query}", fields=[f"query.{field}"]
    )


def test_a_query_string_that_is_none_is_refused(client: Client) -> None:
    client.refused(400, "malformed_query", "GET", "/tasks?q=%00")
    client.refused(400, "malformed_query", "GET", "/tasks?q=%ff")


def test_a_cursor_with_other_values_is_refused(client: Client, project: dict[str, Any]) -> None:
    import base64
    import json

    for place in (["not a date", str(uuid.uuid4())], ["2026-01-01", "no uuid"], ["2026-01-01"]):
        content = json.dumps({"sort": "due_date", "place": place}).encode()
        cursor = base64.urlsafe_b64encode(content).decode().rstrip("=")
        client.refused(
            422, "validation_failed", "GET", f"/tasks?cursor={cursor}", fields=["query.cursor"]
        )


# --- templates
