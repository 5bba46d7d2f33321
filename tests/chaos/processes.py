"""One process of the program on a machine that it thinks it shares with nobody."""

import signal
import subprocess
from pathlib import Path
from typing import Mapping, Sequence

from support.places import BINARY
from support.program import Program
from support.waiting import until


class Process(Program):
    """May have ended by itself whenever it is signalled."""

    def __init__(
        self, name: str, arguments: Sequence[str], environment: Mapping[str, str], logs: Path
    ) -> None:
        super().__init__(name, logs / f"{name}.log")
        #: Whether its end, if it has ended, was our wish.
        self.was_told = False
        self._command = [str(BINARY), *arguments]
        self._environment = dict(environment)
        self._output_before = 0

    def launch(self, failpoint: str = "") -> None:
        """Starts it and does not wait. With a failpoint, such as `writer.before_append:3`, it is to
        end there by itself."""
        self.was_told = bool(failpoint)
        armed = {"FAILPOINT": failpoint} if failpoint else {}
        self._output_before = self.output.stat().st_size if self.output.exists() else 0
        self._spawn(self._command, {**self._environment, **armed})

    def ready(self) -> bool:
        """Whether it runs and has said that it is ready."""
        return self.alive() and self.was_ready()

    def was_ready(self) -> bool:
        """Whether it has said so since its last start."""
        with self.output.open("rb") as output:
            output.seek(self._output_before)
            return b'"message":"ready' in output.read()

    def wait_ready(self, within: float = 60.0) -> None:
        until(lambda: self.ready() or not self.alive(), within, f"{self.name} to be ready")
        if not self.alive():
            raise RuntimeError(f"{self.name} ended while starting:\n{self.tail()}")

    def signal(self, which: signal.Signals) -> None:
        if self.alive():
            super().signal(which)

    def kill9(self) -> None:
        self.was_told = self.was_told or self.alive()
        if self._process is not None:
            super().kill9()

    def stop(self, within: float = 30.0) -> int:
        """Asks it to end, as an operator does; by kill -9 if it does not. The exit code, 0 if it
        was never started."""
        if self._process is None:
            return 0
        if self.alive():
            self.was_told = True
            self.resume()
            try:
                super().stop(within)
            except subprocess.TimeoutExpired:
                self.kill9()
        return self.exit_code()

    def exit_code(self) -> int:
        assert self._process is not None and self._process.returncode is not None
        return self._process.returncode


class Gateway(Process):
    """Keeps its address over all starts."""

    def __init__(
        self, name: str, port: int, arguments: Sequence[str], environment: Mapping[str, str],
        logs: Path, advertised_port: int = 0,
    ) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{self.port}"
        #: Where other gateways reach it.
        self.address = f"127.0.0.1:{advertised_port or port}"
        listen = ["--listen", f"127.0.0.1:{port}", "--advertise", self.address]
        super().__init__(name, ["gateway", *listen, *arguments], environment, logs)


class Projector(Process):
    def __init__(
        self, name: str, arguments: Sequence[str], environment: Mapping[str, str], logs: Path
    ) -> None:
        super().__init__(name, ["projector", *arguments], environment, logs)
