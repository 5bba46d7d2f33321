"""What happened in a run, as JSON Lines: enough to judge it long after."""

import json
import threading
import time
from pathlib import Path
from typing import Any, Callable, Iterable, Iterator

#: The organization of all accounts.
NOBODYS = "00000000-0000-0000-0000-000000000000"


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


class Pulse:
    """Notes when the machine was so busy that not even the harness came to run: of what took long
    then nobody can say who was slow. `beat` is to return at once."""

    interval = 0.2
    late = 0.5

    def __init__(self, history: History, beat: Callable[[], None]) -> None:
        self._history = history
        self._beat = beat
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        self._thread.join(30)

    def _run(self) -> None:
        while not self._ended.is_set():
            begin = time.time()
            self._ended.wait(self.interval)
            self._beat()
            end = time.time()
            if end - begin > self.late:
                self._history.write("stalled", begin=begin, end=end)


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
