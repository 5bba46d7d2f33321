"""Events that read models cannot take."""

from support.teamflow import Teamflow


def poison(server: Teamflow, task: str) -> None:
    """Makes the first event of a task unreadable for every build to come."""
    with server.database() as database:
        database.execute(
            "update teamflow.log_records set data = '{\"task_id\":7}' "
            "where stream = %s and stream_version = 1", [f"task-{task}"])
