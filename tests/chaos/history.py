"""What happened in a run, as JSON Lines: enough to judge it long after."""

import json
import threading
import time
from pathlib import Path
from typing import Any, Iterable, Iterator


class History:
    """One file; lines may come from any thread. Each has its time and its kind."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("a", buffering=1)
        self._lock = threading.Lock()

    def write(self, kind: str, **fields: Any) -> None:
        line = json.dumps({"kind": kind, "time": round(time.time(), 3), **fields})
        with self._lock:
            self._file.write(line + "\n")

    def close(self) -> None:
        self._file.close()


def write_lines(file: Path, entries: Iterable[Any]) -> None:
    with file.open("w") as out:
        for entry in entries:
            out.write(json.dumps(entry) + "\n")


def read_lines(file: Path) -> Iterator[Any]:
    """None from a file that a run did not come to write."""
    if not file.exists():
        return
    with file.open() as lines:
        for line in lines:
            yield json.loads(line)
