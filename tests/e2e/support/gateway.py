"""More processes on the log and the database of a running server: gateways and projectors."""

import json
import os
import signal
import subprocess
from typing import Any

import httpx

from support.places import BINARY, free_port
from support.teamflow import Teamflow
from support.waiting import until


class Companion:
    """`teamflow gateway` or `teamflow projector` beside a server: the same log and secrets. A
    gateway keeps its port over starts."""

    def __init__(self, beside: Teamflow, role: str = "gateway", *arguments: str) -> None:
        self.output = beside.data.with_name(f"{beside.data.name}-{role}-{free_port()}.log")
        secrets = json.loads((beside.data / "secrets.json").read_text())
        self._environment = {f"TEAMFLOW_{name.upper()}": text for name, text in secrets.items()}
        self._command = [str(BINARY), role, "--postgres-url", beside.postgres_url, *arguments]
        self.url = ""
        if role == "gateway":
            listen = f"127.0.0.1:{free_port()}"
            self.url = f"http://{listen}"
            self._command += ["--listen", listen]
            self._command += ["--rate-limit.token", "0", "--rate-limit.auth", "0"]
        self._process: subprocess.Popen[bytes] | None = None

    def launch(self) -> "Companion":
        assert not self.alive(), "it runs already"
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(
                self._command, env={**os.environ, **self._environment}, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )
        return self

    def start(self, within: float = 60.0) -> "Companion":
        """Returns when a gateway is ready."""
        self.launch()
        if self.url:
            until(self.is_ready, within, f"a gateway to be ready; {self.output_tail()}")
        return self

    def is_ready(self) -> bool:
        assert self.alive(), self.output_tail()
        return self.check("ownership") is not None and self.readiness()["status"] == "ready"

    def readiness(self) -> dict[str, Any]:
        try:
            return httpx.get(self.url + "/health/ready", timeout=10.0).json()
        except httpx.TransportError:
            return {"status": "silent", "checks": {}}

    def check(self, name: str) -> dict[str, Any] | None:
        return self.readiness()["checks"].get(name)

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill9(self) -> None:
        self._signal(signal.SIGKILL)
        self._wait_exit()

    def stop(self) -> int:
        self._signal(signal.SIGTERM)
        return self._wait_exit()

    def close(self) -> None:
        if self.alive():
            self.kill9()

    def output_tail(self, lines: int = 40) -> str:
        if not self.output.exists():
            return "no output yet"
        return "\n".join(self.output.read_text(errors="replace").splitlines()[-lines:])

    def _signal(self, which: signal.Signals) -> None:
        assert self._process is not None, "not started"
        os.kill(self._process.pid, which)

    def _wait_exit(self, within: float = 20.0) -> int:
        assert self._process is not None, "not started"
        return self._process.wait(within)
