"""Requests as files for the load generator, and its results."""

import contextlib
import json
import tempfile
from pathlib import Path
from typing import Any, Iterable, Iterator

from places import run_tool
from subject import Organization


class Durations:
    """Seconds of warm-up and of measurement."""

    def __init__(self, warm_up: float, measured: float) -> None:
        self.warm_up = warm_up
        self.measured = measured


def request(method: str, path: str, token: str, body: Any = None) -> bytes:
    content = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
    head = f"{method} /api/v1{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
    head += f"Authorization: Bearer {token}\r\n"
    if body is not None:
        head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n"
    return head.encode() + b"\r\n" + content


def task_creations(
    organizations: list[Organization], count: int = 1200, title: str = ""
) -> list[bytes]:
    """Task creations, the organizations taking turns."""
    return [
        request("POST", "/tasks", one.token, {
            "project_id": one.project,
            "title": title or f"A task of ordinary length, number {number}",
            "estimated_hours": 2.5,
        })
        for number in range(count)
        for one in [organizations[number % len(organizations)]]
    ]


@contextlib.contextmanager
def placed(requests: Iterable[bytes]) -> Iterator[Path]:
    """The requests in a file as the load programs read them."""
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "requests"
        file.write_bytes(b"".join(b"%d\n%s" % (len(each), each) for each in requests))
        yield file


def load(requests: Iterable[bytes], how: Durations, **options: Any) -> dict[str, Any]:
    """One run of the load generator; options are its flags."""
    flags: list[Any] = ["--warm-up", how.warm_up, "--measured", how.measured]
    for name, value in options.items():
        flags += [f"--{name}", value]
    with placed(requests) as file:
        return run_tool("load", "--requests", file, *flags, within=how.warm_up + how.measured + 60)
