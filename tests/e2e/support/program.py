"""A program as a process that tests start, signal, kill and start again."""

import os
import signal
import subprocess
from pathlib import Path
from typing import Mapping, Sequence


class Program:
    """One process at a time; the output of all of them goes to one file."""

    def __init__(self, name: str, output: Path) -> None:
        self.name = name
        self.output = output
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None, f"{self.name} was not started"
        return self._process.pid

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def signal(self, which: signal.Signals) -> None:
        os.kill(self.pid, which)

    def pause(self) -> None:
        self.signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.signal(signal.SIGCONT)

    def kill9(self) -> None:
        """Ends it as a crash would."""
        self.signal(signal.SIGKILL)
        self.wait_exit()

    def stop(self, within: float = 20.0) -> int:
        """Asks it to end, as an operator does, and returns the exit code."""
        self.signal(signal.SIGTERM)
        return self.wait_exit(within)

    def wait_exit(self, within: float = 20.0) -> int:
        """The exit code; minus the signal's number if one ended it."""
        assert self._process is not None, f"{self.name} was not started"
        return self._process.wait(within)

    def tail(self, lines: int = 40) -> str:
        """The end of its output."""
        if not self.output.exists():
            return "no output yet"
        return "\n".join(self.output.read_text(errors="replace").splitlines()[-lines:])

    def _spawn(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Starts it, with these variables beside the test's own, and does not wait."""
        assert not self.alive(), f"{self.name} runs already"
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                start_new_session=True, env={**os.environ, **environment},
            )
